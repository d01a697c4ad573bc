"""Says which changes Dataverse is to tell about, and reads what it tells."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.engine.walking import watched_tables
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.field_sync import Direction
from sync.model.guid import is_guid

_TABLE = re.compile("[a-z_][a-z0-9_]{0,127}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ChangeNotice:
    """What a notice of Dataverse says: that something happened to a record. What it says about values is not read."""

    entity: str
    record_id: str


def read_change(document: Any) -> ChangeNotice | None:
    """Return the record that a RemoteExecutionContext names, also a shortened one; None when it names none."""
    told = document if isinstance(document, dict) else {}
    entity, record_id = told.get("PrimaryEntityName"), told.get("PrimaryEntityId")
    if not isinstance(entity, str) or not isinstance(record_id, str):
        return None
    if not _TABLE.fullmatch(entity) or not is_guid(record_id):
        return None
    return ChangeNotice(entity, record_id.lower())


def told_columns(mappings: Iterable[EntityMapping]) -> Mapping[str, tuple[str, ...]]:
    """Return the columns by table of which every change is to be told: those that may go to Oneflow by themselves."""
    known = {each.entity: each for each in mappings}
    return {name: _columns(known[name]) for name in watched_tables(known.values())}


def _columns(mapping: EntityMapping) -> tuple[str, ...]:
    travelling = (each for each in mapping.fields if each.direction is not Direction.ONCE)
    return tuple(sorted({column for each in travelling for column in _own_column(mapping, each)}))


def _own_column(mapping: EntityMapping, pair: FieldPair) -> tuple[str, ...]:
    """Return the table's own column behind a pair: for one of a related table the lookup that leads there."""
    if pair.via is not None:
        return (pair.via,)
    return (pair.column,) if pair.entity == mapping.entity else ()
