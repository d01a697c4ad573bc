"""Decides who wins a field: what a pin holds back, what a person has chosen, and how two records become one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sync.model.conflict import Choice, Conflict, Reason, Side
from sync.model.entity import EntityType
from sync.model.errors import InvalidError, Problem
from sync.model.record import Record, SyncStatus


def conflict_id(entity: EntityType, external_id: str, reason: Reason) -> str:
    """Return the id of a record's conflict: the same again when it is met again."""
    told = f"{entity}\n{reason}\n{external_id}"
    return f"cfl_{blake2b(told.encode(), digest_size=12).hexdigest()}"


def contested(record: Record, wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the pinned fields that the source wants otherwise, but for values that a person has declined."""
    return tuple(
        name for name in differing(record.fields, wanted, record.pinned) if not _declined(record, name, wanted)
    )


def differing(fields: Mapping[str, Any], wanted: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the names that the source wants otherwise."""
    return tuple(name for name in names if name in wanted and wanted[name] != fields.get(name))


def with_pins(record: Record, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that the source wants, with the record's own values where it has pins."""
    return {**wanted, **{name: record.fields.get(name) for name in record.pinned if name in wanted}}


def sides_of(conflict: Conflict, choice: Choice) -> dict[str, Side]:
    """Return whose value each contested field gets.

    Raises:
        InvalidError: The choice names other fields; carries every problem.
    """
    problems = [
        Problem(f"/choice/{_escaped(name)}", "UNKNOWN_FIELD", f"{name} is not contested; {_listed(conflict)}.")
        for name in choice.named
        if name not in conflict.contested
    ]
    if problems:
        raise InvalidError("The conflict cannot be resolved like this", *problems)
    return {name: choice.named.get(name, choice.rest) for name in conflict.contested}


def settled(record: Record, conflict: Conflict, sides: Mapping[str, Side]) -> Record:
    """Return the record after a choice: uncontested fields follow the source, what the platform keeps is pinned.

    A value that was declined is remembered: the source may repeat it without another conflict.
    """
    wanted = conflict.source
    taken = {name for name, side in sides.items() if side is Side.SOURCE}
    kept = [name for name in differing(record.fields, wanted, conflict.contested) if name not in taken]
    holds = [name for name in {*record.pinned, *kept} if name not in taken and name in wanted]
    declined = {name: value for name, value in record.declined.items() if name not in taken}
    return replace(
        record,
        fields={**wanted, **{name: record.fields.get(name) for name in holds}},
        pinned=tuple(sorted({*record.pinned, *kept})),
        declined={**declined, **{name: wanted[name] for name in kept}},
        sync_status=SyncStatus.SYNCED,
        source_modified_at=conflict.modified,
        present_in_source=True,
        fault=None,
    )


def owned(record: Record, conflict: Conflict, *, integration_id: str, now: datetime) -> Record:
    """Return the record as one of the conflict's source."""
    return replace(
        record,
        external_id=conflict.external_id,
        integration_id=integration_id,
        source=conflict.queue.source,
        last_synced_at=now,
    )


def _declined(record: Record, name: str, wanted: Mapping[str, Any]) -> bool:
    return name in record.declined and record.declined[name] == wanted[name]


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _listed(conflict: Conflict) -> str:
    return f"there are {', '.join(conflict.contested)}"
