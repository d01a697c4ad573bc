"""Shows, edits and makes the platform's records of an integration."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from mapping.blanks import is_blank
from mapping.targets import LONGEST_TEXT, TARGETS, Target, TargetKind, find_target
from sync.engine.identity import marks_of
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.errors import InvalidError, NotFoundError, Problem
from sync.model.integration import Integration
from sync.model.record import Keeper, Record, SetKey, SyncStatus
from sync.ports import Page, RecordFilter, RecordStore
from sync.services.desk import Desk
from sync.services.pinning import save_edit

MOST_CUSTOM = 100
"""Custom fields of one record."""

_MADE = "plt"
_KINDS = {TargetKind.TEXT: "a text", TargetKind.FLAG: "true or false", TargetKind.SCALAR: "a text, number or flag"}


@dataclass(frozen=True, slots=True)
class RecordOrder:
    """What a caller wants a record to hold: named fields change, None empties one; `pinned` of None leaves the pins."""

    fields: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    custom: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    pinned: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The records of one type that an integration keeps up to date."""

    desk: Desk
    integration: Integration
    entity: EntityType

    @property
    def records(self) -> RecordStore:
        """Where they are kept."""
        return self.desk.records

    @property
    def key(self) -> SetKey:
        """The owner's set, which other integrations of the same owner share."""
        return SetKey(self.integration.owner.user_id, EXTERNAL_SYSTEM, self.entity)

    @property
    def keeper(self) -> Keeper:
        """Whose records of the set these are."""
        return Keeper(self.integration.id, self.integration.connection.source)

    def list(self, which: RecordFilter, *, cursor: str | None, limit: int) -> Page[Record]:
        """Return the integration's records in a stable order; every page but the last is full.

        A page of a search for a text may be short, or empty, and lead on nevertheless: it looks at so many records.
        """
        return self.records.list(self.key, replace(which, keeper=self.keeper), cursor=cursor, limit=limit)

    def get(self, external_id: str) -> Record:
        """Return one record.

        Raises:
            NotFoundError: The integration has none with this id.
        """
        found = self.records.get(self.key, external_id) or self._moved(external_id)
        if found is None or not self.keeper.keeps(found):
            raise NotFoundError("There is no such record")
        return found

    def draft(self, order: RecordOrder) -> Record:
        """Return a record that the platform itself is to bring into being; nothing is stored yet.

        Raises:
            InvalidError: The order names unknown fields or unusable values, or no name.
        """
        self._check(order, {"name": None, **order.fields})
        record_id, fields = self.desk.ids.new(_MADE), dict.fromkeys(self._targets) | _settled(order.fields)
        return Record(
            external_id=record_id,
            fields=fields,
            sync_status=SyncStatus.PENDING,
            integration_id=self.integration.id,
            custom=_merged({}, order.custom),
            pinned=order.pinned or (),
            present_in_source=False,
        )

    def make(self, record: Record) -> Record:
        """Store a record of the platform's own."""
        records, _ = self.records.open_set(self.key)
        self.desk.identities.put(self.key, record.external_id, marks_of(record.fields))
        return self.records.create(records, record)

    def changed(self, current: Record, order: RecordOrder) -> Record:
        """Return a record as an order changes it; nothing is stored yet.

        Raises:
            InvalidError: The order names unknown fields or unusable values, or empties the name.
        """
        self._check(order, order.fields, known=current.custom)
        return replace(
            current,
            fields=current.fields | _settled(order.fields),
            custom=_merged(current.custom, order.custom),
            pinned=current.pinned if order.pinned is None else order.pinned,
        )

    def save(self, current: Record, changed: Record, *, named: Collection[str]) -> Record:
        """Store a changed record if nobody else has changed it meanwhile; `named` are the fields that the edit named.

        Raises:
            StaleRecordError: Someone else wrote it first.
        """
        if current.platform_made:
            return self._save_made(current, changed)
        return save_edit(self.desk, self.key, changed, was_pinned=bool(current.pinned), named=named)

    def _save_made(self, current: Record, changed: Record) -> Record:
        """Save a platform-made record; meanwhile it is recognised by what it was and by what it will be."""
        before, after = marks_of(current.fields), marks_of(changed.fields)
        if before == after:
            return self.records.save(self.key, changed)
        self.desk.identities.put(self.key, current.external_id, before | after)
        saved = self.records.save(self.key, changed)
        self.desk.identities.put(self.key, current.external_id, after)
        return saved

    def _moved(self, record_id: str) -> Record | None:
        """Return the record that a platform-made one became."""
        external_id = self.desk.identities.moved(self.key, record_id) if record_id.startswith(f"{_MADE}_") else None
        return None if external_id is None else self.records.get(self.key, external_id)

    @property
    def _targets(self) -> Mapping[str, Target]:
        return TARGETS[self.entity.value]

    def _check(
        self, order: RecordOrder, fields: Mapping[str, Any], *, known: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        problems = [
            *(problem for name, value in fields.items() for problem in self._check_field(name, value)),
            *_check_custom(order.custom, known),
            *self._check_pins(order.pinned or ()),
        ]
        if problems:
            raise InvalidError("Some of the record's values are not acceptable", *problems)

    def _check_field(self, name: str, value: Any) -> Iterator[Problem]:
        target = self._targets.get(name)
        pointer = f"/{name.replace('~', '~0').replace('/', '~1')}"
        if target is None:
            yield Problem(pointer, "UNKNOWN_MEMBER", f"There is no field {name}; there are {', '.join(self._targets)}.")
        else:
            yield from _check_value(target, value, pointer)

    def _check_pins(self, pinned: Iterable[str]) -> Iterator[Problem]:
        for index, name in enumerate(pinned):
            if name not in self._targets:
                yield Problem(f"/pinned/{index}", "UNKNOWN_FIELD", f"There is no field {name} to pin.")


def _check_value(target: Target, value: Any, pointer: str) -> Iterator[Problem]:
    if _is_empty(value):
        if target.required:
            yield Problem(pointer, "MISSING", f"A record needs a {target.name}.")
    elif not target.accepts(value):
        yield Problem(pointer, "WRONG_TYPE", f"{target.name} holds {_KINDS[target.kind]}.")
    elif isinstance(value, str) and len(value) > target.max_length:
        yield Problem(pointer, "TOO_LONG", f"{target.name} has at most {target.max_length} characters.")


def _check_custom(custom: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in custom.items():
        pointer = f"/custom/{name.replace('~', '~0').replace('/', '~1')}"
        target = find_target(f"custom.{name}", {})
        if target is None:
            yield Problem(pointer, "INVALID_NAME", "A custom name has 1 to 64 letters, digits and _, a letter first.")
        elif value is not None and not target.accepts(value):
            yield Problem(pointer, "WRONG_TYPE", f"A custom field holds {_KINDS[target.kind]}.")
        elif isinstance(value, str) and len(value) > LONGEST_TEXT:
            yield Problem(pointer, "TOO_LONG", f"A custom text has at most {LONGEST_TEXT} characters.")
    if len(_merged(known, custom)) > MOST_CUSTOM:
        yield Problem("/custom", "TOO_MANY", f"A record has at most {MOST_CUSTOM} custom fields.")


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and is_blank(value))


def _settled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields as they are stored: trimmed, and nothing instead of a blank."""
    trimmed = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    return {name: None if _is_empty(value) else value for name, value in trimmed.items()}


def _merged(known: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    both = {**known, **changes}
    return {name: value for name, value in both.items() if value is not None}
