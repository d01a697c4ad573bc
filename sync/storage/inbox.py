"""Webhooks at Oneflow, the notices that were heard, and the errands that they left, in tables."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from itertools import islice

from azure.data.tables import TableEntity

from sync.model.errand import Errand, Listener, Walk
from sync.model.errors import KeyTakenError, StaleRecordError
from sync.storage.documents import read_document, versioned, write_document
from sync.storage.keys import BEYOND, escape, ticks
from sync.storage.tables import Entity, Tables, etag_of

_SCHEDULES = "Schedules"
_LISTENERS = "listener"
RINGERS = "ringer"
"""The part of the listeners that Dataverse tells."""
_WALKS = "walk"
_WAITING = "Errands"
_HEARD = "Heard"
_HEARD_PARTS = 16
_END = "!"
"""Below every character that an escaped id may have: ends the integration's part of a key."""


class TableListenerStore:
    """Webhooks by integration; those of one remote system are a part of their own."""

    def __init__(self, tables: Tables, *, part: str = _LISTENERS) -> None:
        self._tables = tables
        self._part = part

    def create(self, listener: Listener) -> Listener:
        """Store a new listener (KeyTakenError when the integration has one)."""
        return versioned(listener, self._tables.insert(_SCHEDULES, self._row(listener)))

    def get(self, integration_id: str) -> Listener | None:
        """Return the integration's listener, or None."""
        found = self._tables.find(_SCHEDULES, self._part, escape(integration_id))
        return _listener(found) if found is not None else None

    def save(self, listener: Listener) -> Listener:
        """Replace a listener if its version is still current (StaleRecordError otherwise)."""
        return versioned(listener, self._tables.replace(_SCHEDULES, self._row(listener), etag=listener.version))

    def delete(self, integration_id: str) -> None:
        """Remove the integration's listener; nothing happens when there is none."""
        self._tables.remove(_SCHEDULES, self._part, escape(integration_id))

    def due(self, moment: datetime, *, limit: int) -> tuple[Listener, ...]:
        """Return listeners whose look_at is at or before the moment."""
        values = {"listeners": self._part, "now": ticks(moment)}
        rows = self._tables.query(_SCHEDULES, "PartitionKey eq @listeners and lookAt le @now", values)
        return tuple(map(_listener, islice(rows, limit)))

    def _row(self, listener: Listener) -> Entity:
        return {
            "PartitionKey": self._part,
            "RowKey": escape(listener.integration_id),
            "lookAt": ticks(listener.look_at),
            **write_document(versioned(listener, "")),
        }


class TableInboxStore:
    """Errands that wait, one for each contract and occasion, and the ids of the notices that asked for them.

    The table of errands holds nothing else, so that looking through all of it costs little.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def is_heard(self, integration_id: str, callback_id: str) -> bool:
        """Tell whether this notice was heard before, as far as that is remembered."""
        return self._tables.find(_HEARD, *_heard_keys(integration_id, callback_id)) is not None

    def hear(self, integration_id: str, callback_ids: Collection[str], *, now: datetime) -> None:
        """Remember notices; nothing happens to those that were heard before."""
        places = sorted({_heard_keys(integration_id, each) for each in callback_ids})
        rows = [{"PartitionKey": part, "RowKey": place, "heardAt": ticks(now)} for part, place in places]
        self._tables.insert_missing(_HEARD, rows)

    def ask(self, errand: Errand) -> None:
        """Let an errand wait in place of the one of its occasion."""
        self._tables.put(_WAITING, _row(errand))

    def suggest(self, errand: Errand) -> None:
        """Let an errand wait; nothing happens when its contract has one of this occasion."""
        with suppress(KeyTakenError):
            self._tables.insert(_WAITING, _row(errand))

    def due(self, moment: datetime, *, limit: int) -> tuple[Errand, ...]:
        """Return errands whose due_at is at or before the moment."""
        rows = self._tables.query(_WAITING, "dueAt le @now", {"now": ticks(moment)})
        return tuple(map(_errand, islice(rows, limit)))

    def due_of(self, integration_id: str, moment: datetime, *, limit: int) -> tuple[Errand, ...]:
        """Return errands of one integration whose due_at is at or before the moment."""
        values = {**_span(f"{escape(integration_id)}{_END}"), "now": ticks(moment)}
        rows = self._tables.query(_WAITING, f"{_IN_SPAN} and dueAt le @now", values)
        return tuple(map(_errand, islice(rows, limit)))

    def of_contract(self, integration_id: str, contract_id: int) -> tuple[Errand, ...]:
        """Return the errands of one contract, whenever they are due."""
        part, place = _contract_keys(integration_id, contract_id)
        values = {"part": part, **_span(f"{place}{_END}"), "low": place}
        rows = self._tables.query(_WAITING, f"PartitionKey eq @part and {_IN_SPAN}", values)
        return tuple(map(_errand, rows))

    def put_off(self, errand: Errand) -> Errand:
        """Replace an errand that waits (StaleRecordError when it was asked for anew, or is done)."""
        return versioned(errand, self._tables.replace(_WAITING, _row(errand), etag=errand.version))

    def settle(self, errand: Errand) -> None:
        """Forget an errand that was run; nothing happens when it was asked for anew, or is gone."""
        with suppress(StaleRecordError):
            part, place = _errand_keys(errand)
            self._tables.remove(_WAITING, part, place, etag=errand.version)

    def walk(self, integration_id: str) -> Walk | None:
        """Return the last walk over the contracts of an integration, or None."""
        row = self._tables.find(_SCHEDULES, _WALKS, escape(integration_id))
        return None if row is None else read_document(Walk, row)

    def note_walk(self, walk: Walk) -> None:
        """Remember a walk in place of the one before."""
        key = {"PartitionKey": _WALKS, "RowKey": escape(walk.integration_id)}
        self._tables.put(_SCHEDULES, {**key, **write_document(walk)})

    def clear(self, integration_id: str) -> None:
        """Forget the errands of an integration that wait, and its last walk."""
        self._tables.remove(_SCHEDULES, _WALKS, escape(integration_id))
        self._tables.remove_where(_WAITING, _IN_SPAN, _span(f"{escape(integration_id)}{_END}"))

    def prune(self, before: datetime, *, limit: int) -> int:
        """Forget notices that were heard before this time; return how many."""
        old = self._tables.query(_HEARD, "heardAt lt @before", {"before": ticks(before)}, select=_KEYS)
        return self._tables.remove_all(_HEARD, [(row["PartitionKey"], row["RowKey"]) for row in islice(old, limit)])


_KEYS = ("PartitionKey", "RowKey")
_IN_SPAN = "RowKey ge @low and RowKey lt @high"


def _span(start: str) -> dict[str, str]:
    """Return the values that `_IN_SPAN` asks for: all places that begin like this."""
    return {"low": start, "high": start + BEYOND}


def _listener(row: TableEntity) -> Listener:
    return versioned(read_document(Listener, row), etag_of(row))


def _heard_keys(integration_id: str, callback_id: str) -> tuple[str, str]:
    """Return partition and row of a notice: few partitions, so that several notices are one transaction."""
    place = f"{escape(integration_id)}{_END}{escape(callback_id)}"
    return f"{_hash(place) % _HEARD_PARTS:03d}", place


def _errand_keys(errand: Errand) -> tuple[str, str]:
    """Return partition and row of an errand; those of one contract are in one partition, side by side."""
    part, place = _contract_keys(errand.integration_id, errand.contract_id)
    return part, f"{place}{_END}{errand.occasion}" if errand.occasion else place


def _contract_keys(integration_id: str, contract_id: int) -> tuple[str, str]:
    """Return partition and first row of a contract: 256 partitions, so that no two senders wait for each other."""
    place = f"{escape(integration_id)}{_END}{contract_id}"
    return f"{_hash(place):03d}", place


def _hash(text: str) -> int:
    return blake2b(text.encode(), digest_size=1).digest()[0]


def _row(errand: Errand) -> Entity:
    part, place = _errand_keys(errand)
    return {
        "PartitionKey": part,
        "RowKey": place,
        "dueAt": ticks(errand.due_at),
        **write_document(versioned(errand, "")),
    }


def _errand(row: TableEntity) -> Errand:
    return versioned(read_document(Errand, row), etag_of(row))
