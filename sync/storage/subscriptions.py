"""Channels and hints in tables: one partition for each of both, beside the other things that timers look through."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice

from azure.data.tables import TableEntity

from sync.model.channel import Channel, Hint
from sync.model.errors import StaleRecordError
from sync.storage.documents import read_document, versioned, write_document
from sync.storage.keys import BEYOND, escape, ticks
from sync.storage.tables import Entity, Tables, etag_of
from sync.storage.transactions import Operation, Verb

_TABLE = "Schedules"
_CHANNELS = "channel"
_HINTS = "hint"
_END = "!"
"""Below every character that an escaped id may have: ends the integration's part of a hint's key."""


class TableSubscriptionStore:
    """Channels by integration, and the hints that notices left."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def create(self, channel: Channel) -> Channel:
        """Store a new channel.

        Raises:
            KeyTakenError: The integration has one.
        """
        return versioned(channel, self._tables.insert(_TABLE, _row(channel)))

    def get(self, integration_id: str) -> Channel | None:
        """Return the integration's channel, or None."""
        found = self._tables.find(_TABLE, _CHANNELS, escape(integration_id))
        return _channel(found) if found is not None else None

    def save(self, channel: Channel) -> Channel:
        """Replace a channel if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        return versioned(channel, self._tables.replace(_TABLE, _row(channel), etag=channel.version))

    def delete(self, integration_id: str) -> None:
        """Remove the integration's channel and hints; nothing happens when there are none."""
        self._tables.remove(_TABLE, _CHANNELS, escape(integration_id))
        known = list(self._hints(integration_id))
        self._tables.remove_all(_TABLE, ((row["PartitionKey"], row["RowKey"]) for row in known))

    def due(self, moment: datetime, *, limit: int) -> tuple[Channel, ...]:
        """Return channels whose look_at is at or before the moment."""
        values = {"channels": _CHANNELS, "now": ticks(moment)}
        rows = self._tables.query(_TABLE, "PartitionKey eq @channels and lookAt le @now", values)
        return tuple(map(_channel, islice(rows, limit)))

    def note(self, hints: Iterable[Hint]) -> None:
        """Remember all of these or none, at most 100; the same hint again takes the place of the earlier one."""
        rows = {row["RowKey"]: row for row in map(_hint_row, hints)}
        if rows:
            self._tables.transact(_TABLE, [Operation(Verb.REPLACE, row) for row in rows.values()])

    def hints(self, integration_id: str | None = None) -> tuple[Hint, ...]:
        """Return the hints of one integration, or of all, those of an integration together."""
        return tuple(map(_hint, self._hints(integration_id)))

    def settle(self, hints: Iterable[Hint]) -> None:
        """Forget these hints, except those that were noted again since they were read."""
        for hint in hints:
            with suppress(StaleRecordError):
                self._tables.remove(_TABLE, _HINTS, _place(hint), etag=hint.version)

    def _hints(self, integration_id: str | None) -> Iterator[TableEntity]:
        low = "" if integration_id is None else f"{escape(integration_id)}{_END}"
        values = {"hints": _HINTS, "low": low, "high": low + BEYOND}
        return self._tables.query(_TABLE, "PartitionKey eq @hints and RowKey ge @low and RowKey lt @high", values)


def _row(channel: Channel) -> Entity:
    return {
        "PartitionKey": _CHANNELS,
        "RowKey": escape(channel.integration_id),
        "lookAt": ticks(channel.look_at),
        **write_document(versioned(channel, "")),
    }


def _channel(row: TableEntity) -> Channel:
    return versioned(read_document(Channel, row), etag_of(row))


def _place(hint: Hint) -> str:
    record = escape(hint.external_id) if hint.external_id else ""
    return _END.join((escape(hint.integration_id), hint.entity, hint.kind, record))


def _hint_row(hint: Hint) -> dict[str, str]:
    return {"PartitionKey": _HINTS, "RowKey": _place(hint), **write_document(replace(hint, version=""))}


def _hint(row: TableEntity) -> Hint:
    return versioned(read_document(Hint, row), etag_of(row))
