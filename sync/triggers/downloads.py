"""Routes of files: a run and its failed records, to keep or to send on."""

from typing import Any

import azure.functions as func
import orjson

from sync.engine.sheets import write_csv
from sync.model.errors import InvalidError, Problem
from sync.ports import Reply
from sync.services import runs, troubles
from sync.services.diagnosing import diagnosed
from sync.triggers.http import Answer, Call, Route, blueprint_of, next_link
from sync.triggers.hub import Hubs
from sync.triggers.queries import query_choice
from sync.triggers.views import view_cause, view_run, view_trouble

MOST_ROWS = 5_000
"""Failed records of one file; a `Link` header leads to the next."""
_PAGE = 50
_FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
_RUN = ("runId", "kind", "trigger", "status", "startedAt", "endedAt", "from", "to")
_COUNTS = ("read", "created", "updated", "unchanged", "conflicts", "errors")
_PROOF = ("verdict", "expected", "missing", "extra", "gone")
_FAILED = (
    *("entityType", "externalId", "code", "class", "error", "attempts", "firstAt", "lastAt"),
    *("nextTry", "nextTryAt", "data"),
)


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of files, and the one of causes."""
    return blueprint_of(
        hubs,
        Route("GET", "integrations/{id}/runs/{runId}/causes", list_causes, "list_run_causes"),
        Route("GET", "integrations/{id}/runs/{runId}/download", download_run, "download_run"),
        Route("GET", "integrations/{id}/runs/{runId}/errors/download", download_errors, "download_run_errors"),
    )


def list_causes(call: Call) -> Answer:
    """List why records of a run failed, the most frequent cause first."""
    found = diagnosed(call.hub.desk, call.owner, call.id, call.path("runId"))
    samples = troubles.with_outlooks(call.hub.desk, call.integration(), [cause.sample for cause in found.causes])
    told = [view_cause(cause, sample) for cause, sample in zip(found.causes, samples, strict=True)]
    return Answer(told, facts={"success": True, "complete": found.whole})


def download_run(call: Call) -> Reply:
    """Return a run as a file: as JSON, or a row for each entity type as CSV."""
    run = view_run(runs.show(call.hub.desk, call.owner, call.id, call.path("runId")))
    name = f"run-{run['id']}"
    if _format(call) == "json":
        return _file(name, "json", orjson.dumps(run, option=orjson.OPT_INDENT_2).decode())
    head = [run["id"], *(run[each] for each in _RUN[1:6]), *(run["watermark"][each] for each in ("from", "to"))]
    rows = [[*head, entity, *_counted(counts)] for entity, counts in run["entities"].items()]
    return _file(name, "csv", write_csv((*_RUN, "entity", *_COUNTS, *_PROOF), rows))


def _counted(counts: dict[str, Any]) -> list[Any]:
    proof = counts["completeness"] or {}
    return [*(counts[each] for each in _COUNTS), *(proof.get(each) for each in _PROOF)]


def download_errors(call: Call) -> Reply:
    """Return failed records of a run as a file, with the source's data; `cursor` leads on."""
    kind, cursor = _format(call), call.paging["cursor"]
    told, rest = _failed(call, cursor)
    name = f"run-{call.path('runId')}-errors"
    link = _onward(call, rest)
    if kind == "json":
        return _file(name, kind, orjson.dumps(told, option=orjson.OPT_INDENT_2).decode(), link)
    return _file(name, kind, write_csv(_FAILED, ([row[each] for each in _FAILED] for row in told)), link)


def _failed(call: Call, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """Return as many failed records as a file holds, or as are asked for, and where the next file begins."""
    desk, integration, told = call.hub.desk, call.integration(), list[dict[str, Any]]()
    most = call.paging["limit"] if "limit" in call.request.params else MOST_ROWS
    while True:
        page = runs.errors(
            desk, call.owner, call.id, call.path("runId"), cursor=cursor, limit=min(most - len(told), _PAGE)
        )
        told += [view_trouble(each) for each in troubles.with_outlooks(desk, integration, page.items)]
        cursor = page.cursor
        if cursor is None or len(told) >= most:
            return told, cursor


def _onward(call: Call, rest: str | None) -> dict[str, str]:
    if rest is None:
        return {}
    return {"Link": f'<{next_link(call.request.url, rest, base=call.hub.public_url)}>; rel="next"'}


def _format(call: Call) -> str:
    problems: list[Problem] = []
    found = query_choice(call.request.params, "format", _FORMATS, problems=problems)
    if problems:
        raise InvalidError("There is no such file", *problems)
    return found or "csv"


def _file(name: str, kind: str, body: str, more: dict[str, str] | None = None) -> Reply:
    headers = {
        "Content-Type": _FORMATS[kind],
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "X-Content-Type-Options": "nosniff",
        **(more or {}),
    }
    return Reply(200, headers, body)
