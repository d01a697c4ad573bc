"""Recognises vendors and items that the platform has made a record of before the source brought them."""

from collections.abc import Collection, Mapping
from threading import Lock

import orjson

from sync.engine.hearing import newcomers
from sync.engine.identity import marks_of
from sync.model.manifest import Manifest
from sync.model.record import Arrival, Record, SetKey
from sync.services.desk import Desk


class Kin:
    """The platform-made records of one set, looked at once for a group, and only when there is something new."""

    def __init__(self, desk: Desk, key: SetKey) -> None:
        self._desk = desk
        self._key = key
        self._lock = Lock()
        self._known: Mapping[str, str] | None = None

    def among(self, manifest: Manifest, arrivals: Collection[Arrival]) -> dict[bytes, Record]:
        """Return the platform-made records that arrivals without a record of their own are the same as, by key."""
        if self._known is not None and not self._known:
            return {}
        new = newcomers(manifest, arrivals)
        known = self._marks() if new else {}
        found = {arrival.key: self._twin(arrival, known) for arrival in new}
        return {key: twin for key, twin in found.items() if twin is not None}

    def _twin(self, arrival: Arrival, known: Mapping[str, str]) -> Record | None:
        marks = marks_of(orjson.loads(arrival.fields))
        for record_id in sorted({known[mark] for mark in marks if mark in known}):
            record = self._desk.records.get(self._key, record_id)
            if record is not None and record.platform_made and marks & marks_of(record.fields):
                return record
        return None

    def _marks(self) -> Mapping[str, str]:
        with self._lock:
            if self._known is None:
                self._known = self._desk.identities.known(self._key)
            return self._known
