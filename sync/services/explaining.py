"""Explains why a record is as it is: from the store, and from one look at its source."""

from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from mapping.compiler import CompiledMapping
from mapping.completion import compile_complete
from mapping.targets import TARGETS
from sync.engine import explaining, wording
from sync.engine.buckets import bucket_of, record_key
from sync.engine.explaining import Facts, Look, Reason, Seen, State, Trouble
from sync.engine.timeline import changed
from sync.engine.wording import Step
from sync.model.errors import NotFoundError, SyncError
from sync.model.guid import is_guid
from sync.model.manifest import Mark
from sync.model.mapping import PRESET_VERSION
from sync.model.record import Arrival, Record, RecordFault
from sync.services import mappings, seeing, waiting
from sync.services.desk import source_of
from sync.services.reading import overlap_of, query_of
from sync.services.records import Shelf
from sync.services.timeline import Chronicler


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a record is as it is, and what comes next."""

    state: State
    reason: Reason
    detail: str
    next: Step
    facts: Facts
    filter: str | None
    """The mapping's filter."""


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains records of one integration."""

    shelf: Shelf

    def explain(self, external_id: str, *, live: bool) -> Explanation:
        """Explain a record; `live` asks the source for it, too, and trouble with that is a part of the answer.

        Raises:
            NotFoundError: Nobody knows the record.
        """
        chronicler = Chronicler(self.shelf)
        record = chronicler.found(external_id)
        latest = next((each for each in chronicler.told(external_id, record) if each.actor.run_id is not None), None)
        fault = self._fault(external_id) if record is None else record.fault
        conflict = waiting.open_conflict(self.shelf, external_id, record)
        asks = live and is_guid(external_id)
        mapping, look = self._look(external_id, record) if asks else (None, Look())
        known = any(each is not None for each in (record, fault, latest, conflict))
        if not known and (look.seen is Seen.ABSENT or not asks):
            raise NotFoundError("There is no such record, neither here nor in Business Central")
        facts = Facts(self.shelf.integration, record, fault, latest, look, 0, None, conflict=conflict)
        return self._explained(external_id, facts, mapping)

    def _explained(self, external_id: str, facts: Facts, mapping: CompiledMapping | None) -> Explanation:
        desk, mine = self.shelf.desk, self.shelf.integration
        version = desk.mappings.current(mine.id).get(self.shelf.entity, PRESET_VERSION)
        watermark = desk.watermarks.get(mine.id, mine.connection.source, self.shelf.entity, mapping=version)
        arrival = facts.look.arrival
        facts = replace(
            facts,
            mapping_version=version,
            watermark=watermark,
            elsewhere=facts.record is None and desk.records.get(self.shelf.key, external_id) is not None,
            known_content=arrival is not None and self._is_known(arrival),
            read_already=arrival is not None and self._was_read(arrival, watermark),
            held_by=waiting.held_run(self.shelf),
        )
        state, reason = explaining.explain(facts)
        filtered = None if mapping is None else mapping.rules.filter
        return Explanation(state, reason, wording.why(reason, facts), wording.next_step(reason, facts), facts, filtered)

    def _fault(self, external_id: str) -> RecordFault | None:
        known = self.shelf.desk.failures.find(self.shelf.integration.id, self.shelf.entity, [external_id])
        return known[external_id].fault if external_id in known else None

    def _look(self, external_id: str, record: Record | None) -> tuple[CompiledMapping | None, Look]:
        connection = self.shelf.integration.connection
        if connection.company_id is None:
            return None, Look(trouble=Trouble("COMPANY_REQUIRED", "no company is chosen yet"))
        mapping: CompiledMapping | None = None
        try:
            known = mappings.current(self.shelf.desk.mappings, self.shelf.integration, self.shelf.entity)
            mapping = compile_complete(mappings.rules_of(known), TARGETS[self.shelf.entity.value])
            seen, arrival = self._asked(mapping, external_id)
        except SyncError as error:
            return mapping, Look(trouble=Trouble(error.code, error.message))
        if arrival is None or arrival.fault is not None or record is None:
            return mapping, Look(seen, arrival)
        return mapping, Look(seen, arrival, differences=changed(record.fields, orjson.loads(arrival.fields)))

    def _asked(self, mapping: CompiledMapping, external_id: str) -> tuple[Seen, Arrival | None]:
        """Ask the source; what the mapping's filter leaves out is no arrival."""
        source = source_of(self.shelf.desk, self.shelf.integration)
        sight = seeing.see(source, mapping, query_of(mapping, 1), external_id)
        return sight.seen, sight.arrival if sight.seen is Seen.PRESENT else None

    def _is_known(self, arrival: Arrival) -> bool:
        """Return whether the next run would find the record unchanged."""
        records = self.shelf.desk.records.find_set(self.shelf.key)
        if records is None:
            return False
        source = self.shelf.integration.connection.source
        manifest = self.shelf.desk.records.manifest(records, bucket_of(arrival.key, records.buckets), source=source)
        digest, marks = manifest.entries.get(record_key(arrival.external_id), (b"", Mark.UNSTORED))
        return digest == arrival.digest and not marks & (Mark.ERROR | Mark.GONE | Mark.UNSTORED)

    def _was_read(self, arrival: Arrival, watermark: datetime | None) -> bool:
        """Return whether a record of this time of modification has been read, with the overlap to be safe."""
        if watermark is None or arrival.modified is None:
            return False
        overlap = overlap_of(self.shelf.desk, self.shelf.integration)
        try:
            return datetime.fromisoformat(arrival.modified) < watermark - overlap
        except (ValueError, TypeError):
            return False
