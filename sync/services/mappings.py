"""Shows and changes the mappings of an integration; a change makes a new version, and leaves the old ones alone."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mapping.codec import parse, to_json
from mapping.completion import compile_complete
from mapping.differences import Difference, difference
from mapping.presets import preset
from mapping.problems import RuleCode, RuleProblem, RulesError
from mapping.rules import MappingRules
from mapping.targets import TARGETS
from mapping.transforms import pointer_token
from sync.engine.config_changes import mapped
from sync.model.config_change import Alteration
from sync.model.entity import EntityType
from sync.model.errors import InvalidError, NotFoundError, Problem, StateError
from sync.model.integration import Integration, Owner
from sync.model.mapping import PRESET_VERSION, MappingVersion
from sync.ports import MappingStore, Page
from sync.services.config_notes import note_mapped
from sync.services.desk import Desk

_MEMBERS_KEPT = frozenset({"source", "fields"})
_MEMBERS_SHOWN = frozenset({"version", "savedAt", "savedBy", "restoredFrom"})
"""What a mapping is shown with; a caller may send it back, and it changes nothing."""


def current(store: MappingStore, integration: Integration, entity: EntityType) -> MappingVersion:
    """Return the mapping that the next run uses: the preset until somebody changes it."""
    newest = store.current(integration.id).get(entity, PRESET_VERSION)
    return at(store, integration, entity, newest)


def at(store: MappingStore, integration: Integration, entity: EntityType, version: int) -> MappingVersion:
    """Return one version of the mapping.

    Raises:
        NotFoundError: There is no such version.
    """
    found = store.get(integration.id, entity, version)
    if found is not None:
        return found
    if version != PRESET_VERSION:
        raise NotFoundError("The mapping has no such version")
    return MappingVersion(integration.id, entity, PRESET_VERSION, _document(preset(entity.value)))


def listed(
    store: MappingStore, integration: Integration, entity: EntityType, *, cursor: str | None, limit: int
) -> Page[MappingVersion]:
    """Return versions, newest first; the preset is always among them."""
    page = store.list(integration.id, entity, cursor=cursor, limit=limit)
    return page if page.items else Page((at(store, integration, entity, PRESET_VERSION),))


def understood(document: Mapping[str, Any], entity: EntityType, *, below: str = "") -> MappingRules:
    """Return the mapping that a caller sent; `below` is where it stands in the body.

    Raises:
        InvalidError: It cannot be used; carries every problem.
    """
    targets = TARGETS[entity.value]
    found = list(_unknown(document))
    try:
        rules = parse(document, targets)
        compile_complete(rules, targets)
    except RulesError as error:
        found += error.problems
    if found:
        problems = [Problem(f"{below}{each.pointer}", each.code.value, each.detail) for each in found]
        raise InvalidError(f"The mapping cannot be used: {len(problems)} problems", *problems)
    return rules


def save(desk: Desk, known: MappingVersion, rules: MappingRules, *, owner: Owner) -> MappingVersion:
    """Make a mapping the current one after the one known; return the known one when they do the same.

    Raises:
        StaleRecordError: It was changed meanwhile.
    """
    return known if compared(known, rules).is_none else _add(desk, known, rules, owner, restored_from=None)


def restore(desk: Desk, known: MappingVersion, older: MappingVersion, *, owner: Owner) -> MappingVersion:
    """Make the content of an older version the current one again, as a new version; nothing when they do the same.

    Raises:
        StateError: The older version is not usable any more (MAPPING_INVALID).
        StaleRecordError: The mapping was changed meanwhile.
    """
    rules = rules_of(older)
    if compared(known, rules).is_none:
        return known
    return _add(desk, known, rules, owner, restored_from=older.version)


def compared(before: MappingVersion, after: MappingRules) -> Difference:
    """Return what changed from a version to a mapping."""
    return difference(rules_of(before), after)


def rules_of(version: MappingVersion) -> MappingRules:
    """Return a version's mapping.

    Raises:
        StateError: It was made by an earlier release, and this one cannot use it any more (MAPPING_INVALID).
    """
    try:
        rules = parse(version.document, TARGETS[version.entity.value])
    except RulesError as error:
        message = f"Version {version.version} of the mapping of {version.entity} cannot be used any more: {error}"
        raise StateError(message, code="MAPPING_INVALID") from error
    return replace(rules, version=version.version)


def _unknown(document: Mapping[str, Any]) -> Iterator[RuleProblem]:
    for name in sorted(document.keys() - _MEMBERS_KEPT - _MEMBERS_SHOWN):
        yield RuleProblem(f"/{pointer_token(name)}", RuleCode.MEMBER_UNKNOWN, f"There is no member {name} here.")


def _add(
    desk: Desk, known: MappingVersion, rules: MappingRules, owner: Owner, *, restored_from: int | None
) -> MappingVersion:
    made = replace(
        known,
        version=known.version + 1,
        document=_document(rules),
        saved_at=desk.clock.now(),
        saved_by=owner.user_id,
        restored_from=restored_from,
    )
    first = (known,) if known.version == PRESET_VERSION else ()
    desk.mappings.add(*first, made)
    found = (Alteration("version", known.version, made.version), *mapped(known.document, made.document))
    note_mapped(desk, made.integration_id, made.entity.value, found, user_id=owner.user_id)
    return made


def _document(rules: MappingRules) -> dict[str, Any]:
    return {name: value for name, value in to_json(rules).items() if name in _MEMBERS_KEPT}
