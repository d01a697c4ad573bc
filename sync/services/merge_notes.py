"""Tells the log what a merge did: one entry for each direction that has something to tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sync.model.errors import SyncError
from sync.model.field_sync import Action as Way
from sync.model.field_sync import Operation
from sync.model.log import Action, LogStatus
from sync.model.merge import FieldChange, FieldSkip, MergeReport
from sync.services.bridge_desk import BridgeDesk
from sync.services.contract_events import announce_contests
from sync.services.contract_log import note

MANUAL = "manual"
"""The trigger of what a person asked for; others are webhook and timer."""

_WAYS: Mapping[Way, Action] = MappingProxyType({Way.TO_ONEFLOW: Action.PUSH, Way.TO_DYNAMICS: Action.FETCH})
_ASKED: Mapping[Operation, Way | None] = MappingProxyType(
    {
        Operation.PUSH: Way.TO_ONEFLOW,
        Operation.OVERWRITE: Way.TO_ONEFLOW,
        Operation.FETCH: Way.TO_DYNAMICS,
        Operation.RECONCILE: None,
    }
)


@dataclass(frozen=True, slots=True)
class MergeNotes:
    """The log of the merges of one kind."""

    desk: BridgeDesk
    operation: Operation
    trigger: str

    def tell(self, report: MergeReport, error: SyncError | None = None) -> None:
        """Log what was done to each side; in the background only what is new, by hand also that nothing was.

        Every entry counts the conflicts; one that is new and that no other entry would count gets an entry of its own.
        """
        asked = _ASKED[self.operation] if self.trigger == MANUAL else None
        told = {way: (report.written(way), _in_the_way(report, way)) for way in _WAYS}
        due = [way for way, (done, left) in told.items() if done or way is asked or (report.news and left)]
        for way in due or ([Way.TO_DYNAMICS] if report.contested else []):
            self._note(report, _WAYS[way], told[way], error if way is asked else None)
        announce_contests(self.desk, report)

    def interim(self, report: MergeReport) -> None:
        """Log what was written to each side until now."""
        for way in _WAYS:
            if report.written(way):
                self._note(report, _WAYS[way], (report.written(way), ()), None)

    def _note(
        self,
        report: MergeReport,
        action: Action,
        told: tuple[tuple[FieldChange, ...], tuple[FieldSkip, ...]],
        failure: SyncError | None,
    ) -> None:
        changes, problems = told
        facts = {"trigger": self.trigger, "updated": len(changes), "conflicts": len(report.conflicts)}
        whole = [] if failure is None else [{"code": failure.code, "error": failure.message}]
        note_merge(
            self.desk,
            report,
            action,
            LogStatus.ERROR if failure is not None else LogStatus.PARTIAL if problems else LogStatus.SUCCESS,
            {**facts, "fields": told_fields(changes), "errors": [*_problems(problems), *whole]},
        )


def note_merge(
    desk: BridgeDesk, report: MergeReport, action: Action, status: LogStatus, facts: Mapping[str, Any]
) -> None:
    """Log what a merge did to a contract; `facts` tell how much was `updated`."""
    link = report.link
    known = {"contractId": str(link.contract_id), "entity": link.entity, "recordId": link.record_id}
    note(desk, link.integration_id, action, status, {**known, **facts}, affected=1 if facts.get("updated") else 0)


def told_fields(changes: Iterable[FieldChange]) -> list[dict[str, str | None]]:
    """Return what the log tells of fields that were written."""
    return [{**_named(each), "from": each.before, "to": each.after} for each in changes]


def _in_the_way(report: MergeReport, way: Way) -> tuple[FieldSkip, ...]:
    return tuple(each for each in report.problems if each.wanted is way)


def _problems(skips: Iterable[FieldSkip]) -> list[dict[str, str | None]]:
    return [{**_named(each), "code": each.code, "error": each.reason} for each in skips]


def _named(each: FieldChange | FieldSkip) -> dict[str, str | None]:
    return {"field": each.pair.column, "oneflowField": each.pair.data_field}
