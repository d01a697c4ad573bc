"""Plans: what a run would do, shown row by row, and applied as it was shown or not at all."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sync.engine.diffs import Line, unpack
from sync.model.checkpoint import Checkpoint, GroupDiff, RunKey
from sync.model.entity import EntityType
from sync.model.errors import InvalidError, NotFoundError, Problem, StateError
from sync.model.integration import Owner
from sync.model.proposal import Chunk, Effect
from sync.model.run import Run, RunStatus, Verdict
from sync.ports import Page
from sync.services.desk import Desk, save_run
from sync.services.integrations import require
from sync.services.keeping import plan_key
from sync.services.proving import completeness
from sync.services.runs import check_standing, show, take_lease


@dataclass(frozen=True, slots=True)
class DiffFilter:
    """Which rows of a plan to list."""

    entity: EntityType | None = None
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One plan of one owner's integration."""

    desk: Desk
    owner: Owner
    integration_id: str
    plan_id: str

    def run(self) -> Run:
        """Return the run that the plan belongs to.

        Raises:
            NotFoundError: There is no such plan of the owner's.
            StateError: It is not ready yet (RUN_ACTIVE), or came to nothing (PLAN_FAILED).
        """
        run = show(self.desk, self.owner, self.integration_id, self.plan_id)
        if run.proposal is None:
            raise NotFoundError("There is no such plan")
        if run.proposes and not run.status.ended:
            raise StateError("The plan is still being made", code="RUN_ACTIVE", facts={"runId": run.id})
        if run.proposes and not run.status.came_through:
            raise StateError("The plan came to nothing: see the run", code="PLAN_FAILED", facts={"runId": run.id})
        return run

    def gone(self, run: Run) -> Mapping[EntityType, int]:
        """Return how many records would be marked as gone, by entity type, while the plan's rows are kept."""
        found = dict.fromkeys(run.entities, 0)
        for entity, _, chunk in self._chunks(run, DiffFilter(effect=Effect.GONE)):
            found[entity] += chunk.count
        return found

    def tells_rows(self, run: Run) -> bool:
        """Return whether the plan's rows are kept still."""
        expires_at = run.proposal.expires_at if run.proposal is not None and run.proposes else None
        return expires_at is not None and expires_at > self.desk.clock.now() and self._successor() is None

    def changes(self, run: Run, which: DiffFilter, *, cursor: str | None, limit: int) -> Page[tuple[EntityType, Line]]:
        """Return rows of the plan, by entity type and by what would be done.

        Raises:
            StateError: They are not kept any more (PLAN_APPLIED, PLAN_EXPIRED, PLAN_STALE).
            InvalidError: The cursor is of another listing (INVALID_CURSOR).
        """
        self._check_kept(run)
        scope = f"{self.plan_id}|{which.entity}|{which.effect}"
        start = _read_cursor(cursor, scope)
        found: list[tuple[EntityType, Line]] = []
        place = 0
        for entity, diff, chunk in self._chunks(run, which):
            begin, place = place, place + chunk.count
            if place > start and begin <= start + limit:
                body = self.desk.stages.read(self._key, diff.name, start=chunk.start, end=chunk.end)
                found += [(entity, line) for line in unpack(body)][max(0, start - begin) :]
        return Page(tuple(found[:limit]), _write_cursor(start + limit, scope) if len(found) > limit else None)

    def apply(self) -> Run:
        """Let the plan's run go on and do what it tells; the run finds out first whether that is still true.

        Raises:
            NotFoundError: There is no such plan of the owner's.
            StateError: It is not ready, came to nothing, is used up or too old, or no run may begin now.
        """
        integration = require(self.desk.integrations, self.owner, self.integration_id)
        run = self.run()
        self._check_kept(run)
        check_standing(integration)
        take_lease(self.desk, self.integration_id, self.plan_id, self.desk.clock.now())
        resumed = save_run(self.desk, run, self._applied)
        self.desk.leases.release(plan_key(self.integration_id), self.plan_id)
        return resumed

    @property
    def _key(self) -> RunKey:
        return RunKey(self.integration_id, self.plan_id)

    def _chunks(self, run: Run, which: DiffFilter) -> Iterator[tuple[EntityType, GroupDiff, Chunk]]:
        """Yield where the rows are; what a listing lacks counts only when it is proven."""
        for entity in run.entities:
            if which.entity not in {None, entity}:
                continue
            noted = self.desk.checkpoints.read(self._key, entity)
            proven = _is_proven(noted)
            for diff in noted.diffs:
                for chunk in diff.chunks:
                    if which.effect in {None, chunk.effect} and (proven or chunk.effect is not Effect.GONE):
                        yield entity, diff, chunk

    def _check_kept(self, run: Run) -> None:
        if run.proposal is None or not run.proposes:
            stale = run.error is not None and run.error.code == "PLAN_STALE"
            message = "The plan is not true any more: plan again" if stale else "The plan was applied"
            raise StateError(message, code="PLAN_STALE" if stale else "PLAN_APPLIED", facts={"runId": run.id})
        if run.proposal.expires_at <= self.desk.clock.now():
            raise StateError("The plan is older than a day: plan again", code="PLAN_EXPIRED", facts={"runId": run.id})
        newer = self._successor()
        if newer is not None:
            raise StateError("A newer plan took its place", code="PLAN_STALE", facts={"runId": newer})

    def _successor(self) -> str | None:
        """Return the plan whose rows are kept instead of this one's, None when there is none."""
        kept = self.desk.leases.get(plan_key(self.integration_id))
        return None if kept is None or kept.holder == self.plan_id else kept.holder

    def _applied(self, run: Run) -> Run:
        self._check_kept(run)
        proposal = run.proposal and replace(run.proposal, applied_at=self.desk.clock.now())
        fresh = replace(run, status=RunStatus.QUEUED, ended_at=None, error=None, totals={})
        return replace(fresh, attempt=run.attempt + 1, proposal=proposal)


def _is_proven(noted: Checkpoint) -> bool:
    judged = completeness(noted)
    filtered = noted.plan is not None and noted.plan.filter is not None
    return judged is not None and judged.verdict is Verdict.COMPLETE and not filtered


def _write_cursor(place: int, scope: str) -> str:
    return urlsafe_b64encode(f"{place}|{scope}".encode()).rstrip(b"=").decode()


def _read_cursor(cursor: str | None, scope: str) -> int:
    if cursor is None:
        return 0
    try:
        place, _, told = urlsafe_b64decode(cursor.encode() + b"==").decode().partition("|")
        known = told == scope and place.isascii() and place.isdecimal()
    except ValueError:
        known = False
    if known:
        return int(place)
    problem = Problem("/cursor", "INVALID_CURSOR", "Leave the cursor out to begin again.")
    raise InvalidError("The cursor does not belong to this listing.", problem, code="INVALID_CURSOR")
