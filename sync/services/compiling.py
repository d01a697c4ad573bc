"""Mappings ready for use: each version is read and compiled once in a process."""

from functools import cache, lru_cache

from mapping.compiler import CompiledMapping
from mapping.completion import compile_complete
from mapping.presets import preset
from mapping.targets import TARGETS
from sync.model.entity import EntityType
from sync.model.errors import NotFoundError
from sync.model.mapping import PRESET_VERSION
from sync.model.run import Run
from sync.ports import MappingStore
from sync.services.mappings import rules_of

_KEPT = 64


class MappingCompiler:
    """Gives the mapping that a run has pinned; a version never changes, so it is compiled once."""

    def __init__(self, store: MappingStore) -> None:
        self._store = store
        self._kept = lru_cache(_KEPT)(self._compile)

    def __call__(self, run: Run, entity: EntityType) -> CompiledMapping:
        """Return the run's mapping of an entity type.

        Raises:
            NotFoundError: The integration was removed, and its mappings with it.
            StateError: The version is not usable any more (MAPPING_INVALID).
        """
        version = run.mapping_versions.get(entity, PRESET_VERSION)
        if version == PRESET_VERSION:
            return compiled_preset(entity)
        return self._kept(run.integration_id, entity, version)

    def _compile(self, integration_id: str, entity: EntityType, version: int) -> CompiledMapping:
        found = self._store.get(integration_id, entity, version)
        if found is None:
            raise NotFoundError("The run's mapping is gone")
        return compile_complete(rules_of(found), TARGETS[entity.value])


@cache
def compiled_preset(entity: EntityType) -> CompiledMapping:
    """Return the mapping that holds until a person sets another."""
    return compile_complete(preset(entity.value), TARGETS[entity.value])
