"""Shows fields of contracts that a person has to decide about, and settles them: at once, and told in the log."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from mapping.stored import to_stored
from sync.engine.deciding import LOCKED, REASONS
from sync.engine.two_way import agree
from sync.model.contract_link import ContractLink, OpenConflict, conflict_id
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.errors import NotFoundError, StaleRecordError, StateError, SyncError
from sync.model.field_sync import Action as Way
from sync.model.field_sync import Direction, FieldState, Operation, SkipCode
from sync.model.integration import Bridge
from sync.model.log import Action, LogStatus
from sync.model.merge import MergeReport, Verdict
from sync.ports import ContestedField, Page
from sync.services.bridge_desk import BridgeDesk
from sync.services.ledger import Look
from sync.services.linking import require_link
from sync.services.merge_notes import MANUAL, MergeNotes, note_merge, told_fields
from sync.services.merge_session import Session
from sync.services.merging import carried_through, held
from sync.services.outbox import Held

_ID = re.compile(r"cfl_([0-9]{1,15})_[0-9a-f]{16}", re.ASCII)
_MOVED = "One of the sides has changed since: read the conflict again"


class Winner(StrEnum):
    """Whose value a field gets."""

    DYNAMICS = "dynamics"
    ONEFLOW = "oneflow"


_TO: Mapping[Winner, tuple[Way, Operation]] = MappingProxyType(
    {
        Winner.DYNAMICS: (Way.TO_ONEFLOW, Operation.PUSH),
        Winner.ONEFLOW: (Way.TO_DYNAMICS, Operation.FETCH),
    }
)


@dataclass(frozen=True, slots=True)
class Contest:
    """A field of a contract with an open conflict."""

    link: ContractLink
    pair: FieldPair
    conflict: OpenConflict

    @property
    def id(self) -> str:
        """The conflict's id."""
        return conflict_id(self.link.contract_id, self.pair.key)


@dataclass(frozen=True, slots=True)
class Ruled:
    """Decides about one field as a person chose, if both sides are still as that person saw them."""

    contest: Contest
    winner: Winner

    @property
    def operation(self) -> Operation:
        """A push or a fetch of the one field."""
        return _TO[self.winner][1]

    def __call__(self, look: Look) -> dict[str, Verdict]:
        """Return the verdict on the field: a conflict still, with what both sides hold now, when one of them has moved.

        Raises:
            NotFoundError: The field is not mapped two-way any more.
            StateError: The contract takes no changes (CONTRACT_LOCKED), or the value cannot travel (VALUE_REFUSED).
        """
        key = self.contest.pair.key
        _, state = look.fields.get(key, (None, None))
        if state is None or state.direction is not Direction.TWO_WAY:
            raise NotFoundError("The field is not mapped two-way any more")
        if agree(state):
            return {key: Verdict(Way.NEW_BASE, state.dynamics.value)}
        if not self._is_as_seen(state):
            return {key: Verdict(Way.CONFLICT)}
        return {key: self._verdict(look, state)}

    def _is_as_seen(self, state: FieldState) -> bool:
        seen = self.contest.conflict
        return (seen.dynamics, seen.oneflow) == (to_stored(state.dynamics.value), to_stored(state.oneflow.value))

    def _verdict(self, look: Look, state: FieldState) -> Verdict:
        way, _ = _TO[self.winner]
        if way is Way.TO_ONEFLOW and look.contract.state in LOCKED:
            raise StateError(REASONS[SkipCode.CONTRACT_LOCKED], code=SkipCode.CONTRACT_LOCKED.value)
        source = state.dynamics if way is Way.TO_ONEFLOW else state.oneflow
        problem = source.problem or source.obstacle
        if problem is not None:
            raise StateError(problem.message, code="VALUE_REFUSED")
        return Verdict(way, source.value)


@dataclass(frozen=True, slots=True)
class _RulingNotes:
    """Tells the log of a conflict that was settled."""

    desk: BridgeDesk
    ruled: Ruled
    by: str

    def tell(self, report: MergeReport, error: SyncError | None = None) -> None:
        """Tell how it was settled, or why it was not; a conflict that moved is not settled."""
        if report.conflicts:
            return
        contest = self.ruled.contest
        failure = [] if error is None else [{"code": error.code, "error": error.message}]
        problems = [{"code": each.code, "error": each.reason} for each in report.skipped]
        facts = {
            "trigger": MANUAL,
            "conflictId": contest.id,
            "field": contest.pair.column,
            "oneflowField": contest.pair.data_field,
            "choice": self.ruled.winner.value,
            "userId": self.by,
            "updated": len(report.updated),
            "fields": told_fields(report.updated),
            "errors": [*failure, *problems],
        }
        status = LogStatus.ERROR if facts["errors"] else LogStatus.SUCCESS
        note_merge(self.desk, report, Action.RESOLVE, status, facts)

    def interim(self, report: MergeReport) -> None:
        """Tell what a merge before has written without telling it."""
        MergeNotes(self.desk, Operation.RECONCILE, MANUAL).interim(report)


def listed(desk: BridgeDesk, bridge: Bridge, *, cursor: str | None, limit: int) -> Page[Contest]:
    """Return open conflicts, the latest detected first; no remote system is asked."""
    page = desk.links.contested(bridge.id, cursor=cursor, limit=limit)
    mappings = {each.entity: each for each in desk.mappings.list(bridge.id)}
    found = (_contest(mappings.get(each.link.entity), each) for each in page.items)
    return Page(tuple(each for each in found if each is not None), page.cursor)


def find(desk: BridgeDesk, bridge: Bridge, contest_id: str) -> Contest | None:
    """Return an open conflict, None when the field is not in conflict any more.

    Raises:
        NotFoundError: No field of a contract has this id.
    """
    named = _ID.fullmatch(contest_id)
    link = desk.links.get(bridge.id, int(named[1])) if named else None
    mapping = None if link is None else desk.mappings.get(bridge.id, link.entity)
    if link is None or mapping is None:
        raise NotFoundError("There is no such conflict")
    pair = next((each for each in mapping.fields if conflict_id(link.contract_id, each.key) == contest_id), None)
    if pair is None:
        raise NotFoundError("There is no such conflict")
    conflict = link.memory(pair.key).conflict
    return None if conflict is None else Contest(link, pair, conflict)


def resolve(desk: BridgeDesk, bridge: Bridge, contest: Contest, winner: Winner, *, by: str) -> MergeReport:
    """Write the winner's value to the other side at once.

    Raises:
        StaleRecordError: One of the sides has moved: the conflict has new values, or is none any more.
        StateError: Another merge is at work (CONTRACT_BUSY), the contract takes no changes (CONTRACT_LOCKED), the
            conflict was resolved meanwhile (CONFLICT_RESOLVED), or the value was not taken (VALUE_REFUSED).
        RefusedError, RetryLaterError: As for a push or a fetch.
    """
    ruled, news = Ruled(contest, winner), Held(desk.outbox)
    desk = replace(desk, outbox=news)
    with held(desk, contest.link):
        link = require_link(desk, bridge, contest.link.contract_id)
        known = link.memory(contest.pair.key).conflict
        if known is None:
            raise StateError("The field is not in conflict any more", code="CONFLICT_RESOLVED")
        if known != contest.conflict:
            raise StaleRecordError(_MOVED)
        notes = _RulingNotes(desk, ruled, by)
        report = carried_through(Session(desk, bridge, link, ruled, notes), ruled.operation, news)
    if report.conflicts:
        raise StaleRecordError(_MOVED)
    for skip in report.skipped:
        raise StateError(skip.reason, code="VALUE_REFUSED")
    return report


def _contest(mapping: EntityMapping | None, found: ContestedField) -> Contest | None:
    conflict = found.link.memory(found.key).conflict
    pairs = () if mapping is None else mapping.fields
    pair = next((each for each in pairs if each.key == found.key), None)
    return None if pair is None or conflict is None else Contest(found.link, pair, conflict)
