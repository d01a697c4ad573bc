"""Tells the story of one record: who changed what and when, from the trail of runs and the edits of users."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from operator import attrgetter

from sync.engine import journal, timeline
from sync.engine.buckets import record_key
from sync.engine.timeline import Entry, Visit
from sync.model.checkpoint import RunKey
from sync.model.errors import NotFoundError
from sync.model.record import Record
from sync.model.trail import Footprint, Happening
from sync.services.paging import readers_of
from sync.services.records import Shelf

LOOKED_AT = 10_000
"""Footprints that one question looks at; a timeline ends where more would be needed."""
START = ("", "")
"""Before the newest footprint and the newest edit."""


@dataclass(frozen=True, slots=True)
class Chronicler:
    """Tells about records of one integration."""

    shelf: Shelf
    looked_at: int = LOOKED_AT

    def timeline(self, external_id: str, *, after: tuple[str, str] = START) -> Iterator[Entry]:
        """Yield what happened to a record, newest first, as far as it is asked for.

        Raises:
            NotFoundError: The integration has no such record, and knows nothing about one.
        """
        record = self.found(external_id)
        entries = self.told(external_id, record, after=after)
        first = next(entries, None)
        if first is None:
            if record is None:
                raise NotFoundError("There is no such record")
            return
        yield first
        yield from entries

    def found(self, external_id: str) -> Record | None:
        """Return the record if the integration has it."""
        try:
            return self.shelf.get(external_id)
        except NotFoundError:
            return None

    def told(self, external_id: str, record: Record | None, *, after: tuple[str, str] = START) -> Iterator[Entry]:
        """Yield what happened to a record that is stored, or not."""
        key, (footprint, edit) = self.shelf.key, after
        edits = self.shelf.desk.chronicle.edits.of_record(key, external_id, after=edit)
        real = timeline.happened(edits, version="" if record is None else record.version)
        visits = self.visits(external_id, record, after=footprint)
        return timeline.told(timeline.merged(visits, real), start=after)

    def visits(self, external_id: str, record: Record | None, *, after: str = "") -> Iterator[Visit]:
        """Yield what runs did to a record, newest first: runs of every integration of the owner that reads its company.

        A journal that is not there yet, or was lost with its process, tells nothing.
        """
        source = self.shelf.integration.connection.source if record is None else record.source
        key = record_key(external_id)
        trails = (self._trail(each, after) for each in self._readers(source))
        for footprint in islice(merge(*trails, key=attrgetter("place")), self.looked_at):
            if footprint.source == source and journal.may_lead_to(footprint, key):
                happening = self._happening(footprint, key)
                if happening is not None:
                    yield Visit(footprint, happening)

    def _trail(self, integration_id: str, after: str) -> Iterator[Footprint]:
        return self.shelf.desk.chronicle.trail.footprints(integration_id, self.shelf.entity, after=after)

    def _happening(self, footprint: Footprint, key: bytes) -> Happening | None:
        run = RunKey(footprint.integration_id, footprint.run_id)
        try:
            body = self.shelf.desk.chronicle.journals.read(run, footprint.journal, start=0, end=footprint.size)
        except NotFoundError:
            return None
        return journal.find(body, key)

    def _readers(self, source: str | None) -> Iterator[str]:
        """Yield the owner's integrations that read a source, and the one that is asked in any case."""
        if source is None:
            return
        mine = self.shelf.integration
        yield mine.id
        yield from (each.id for each in readers_of(self.shelf.desk, mine, source))
