"""What happened to records: journals of runs, the trail that leads to them, and edits."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sync.model.config_change import ConfigChange
from sync.model.entity import EntityType
from sync.model.record import SetKey
from sync.model.trail import Edit, Footprint
from sync.ports.runs import StageStore


class TrailStore(Protocol):
    """Footprints of runs, by integration and entity type."""

    def mark(self, footprint: Footprint) -> None:
        """Store a footprint; one of the same step is replaced."""
        ...

    def footprints(self, integration_id: str, entity: EntityType, *, after: str) -> Iterator[Footprint]:
        """Yield footprints, newest first, those whose place lies behind `after`; as far as they are asked for."""
        ...

    def prune(self, integration_id: str, *, runs: Collection[str] | None) -> frozenset[str]:
        """Remove the footprints of these runs, None: of all; return the runs that had any."""
        ...


class EditStore(Protocol):
    """Edits of records, by the set that the records are kept in."""

    def note(self, edit: Edit) -> None:
        """Store an edit."""
        ...

    def take_back(self, edit: Edit) -> None:
        """Forget an edit that came to nothing."""
        ...

    def of_record(self, key: SetKey, external_id: str, *, after: str) -> Iterator[Edit]:
        """Yield a record's edits, newest first, those whose id lies behind `after`; as far as they are asked for."""
        ...

    def prune(self, key: SetKey, *, before: datetime) -> int:
        """Remove edits made before this time; return how many."""
        ...

    def purge(self, key: SetKey, *, source: str) -> int:
        """Remove the edits of all records of a source; return how many."""
        ...


class ConfigStore(Protocol):
    """Changes of the configuration of integrations."""

    def note(self, change: ConfigChange) -> None:
        """Store a change; the same id again replaces it."""
        ...

    def changes(self, integration_id: str, *, after: str = "") -> Iterator[ConfigChange]:
        """Yield changes, newest first, those whose id lies behind `after`; as far as they are asked for."""
        ...

    def prune(self, integration_id: str, *, before: datetime) -> int:
        """Remove changes made before this time; return how many."""
        ...


@dataclass(frozen=True, slots=True)
class Chronicle:
    """Everything that timelines are told from."""

    trail: TrailStore
    journals: StageStore
    """What the steps of runs changed, by run and the name that a footprint tells; kept as long as the run."""
    edits: EditStore
    config: ConfigStore
