"""Tells what happened to an integration: its runs or contracts, and the changes of its configuration, in one list."""

from collections.abc import Iterator
from heapq import merge
from operator import itemgetter

from sync.model.config_change import ConfigChange
from sync.model.integration import AnyIntegration, is_supply
from sync.model.log import LogEntry
from sync.model.run import Run
from sync.ports import LogFilter, RunFilter
from sync.services.desk import Desk
from sync.services.paging import every
from sync.services.progress import watch

type Event = Run | LogEntry | ConfigChange
_AT_A_TIME = 50


def told(desk: Desk, integration: AnyIntegration, *, after: str = "") -> Iterator[tuple[str, Event]]:
    """Yield what happened, newest first, each with its place; as far as it is asked for.

    An integration with Business Central has runs, a bridge has log entries. `after` is a place.
    """
    deeds = _runs(desk, integration.id, after) if is_supply(integration) else _entries(desk, integration.id, after)
    changes = desk.config.changes(integration.id, after=_id("chg", after))
    return merge(deeds, ((_place(each.id), each) for each in changes), key=itemgetter(0))


def _runs(desk: Desk, integration_id: str, after: str) -> Iterator[tuple[str, Event]]:
    which = RunFilter(after=_id("run", after))
    found = every(lambda cursor: desk.runs.list(integration_id, which, cursor=cursor, limit=_AT_A_TIME))
    return ((_place(run.id), watch(desk, run)) for run in found)


def _entries(desk: Desk, integration_id: str, after: str) -> Iterator[tuple[str, Event]]:
    which = LogFilter(after=_id("log", after))
    found = every(lambda cursor: desk.logs.list(integration_id, which, cursor=cursor, limit=_AT_A_TIME))
    return ((_place(entry.id), entry) for entry in found)


def _place(name: str) -> str:
    """Return the part of an id that tells when it was given, newest first, whatever has the id."""
    return name.partition("_")[2]


def _id(prefix: str, place: str) -> str:
    return f"{prefix}_{place}" if place else ""
