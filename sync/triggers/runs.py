"""Routes of runs and of the sync log."""

import azure.functions as func

from sync.model.errors import InvalidError, Problem
from sync.model.run import RunKind, RunStatus
from sync.ports import RunFilter
from sync.services import certifying, history, runs, troubles
from sync.services.history import HistoryQuery
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.queries import query_choice, query_time
from sync.triggers.views import location_of, view_entry, view_run, view_trouble


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of runs, but for those that start one."""
    return blueprint_of(
        hubs,
        Route("GET", "integrations/{id}/runs", list_all, "list_runs"),
        Route("GET", "integrations/{id}/runs/{runId}", show, "get_run"),
        Route("POST", "integrations/{id}/runs/{runId}/cancel", cancel, "cancel_run"),
        Route("GET", "integrations/{id}/runs/{runId}/errors", list_errors, "list_run_errors"),
        Route("GET", "integrations/{id}/runs/{runId}/certificate", show_certificate, "get_run_certificate"),
        Route("GET", "integrations/{id}/failures", list_failures, "list_failures"),
        Route("GET", "integrations/{id}/sync-logs", list_logs, "list_sync_logs"),
    )


def list_all(call: Call) -> Answer:
    """List runs, newest first."""
    page = runs.listed(call.hub.desk, call.owner, call.id, _which(call), **call.paging)
    return Answer([view_run(run) for run in page.items], cursor=page.cursor)


def show(call: Call) -> Answer:
    """Show a run with its progress."""
    return Answer(view_run(runs.show(call.hub.desk, call.owner, call.id, call.path("runId"))))


def cancel(call: Call) -> Answer:
    """Ask a run to stop."""
    run = runs.cancel(call.hub.desk, call.owner, call.id, call.path("runId"))
    return Answer(view_run(run), 202, {"Location": location_of(run)})


def list_errors(call: Call) -> Answer:
    """List the failed records of a run."""
    page = runs.errors(call.hub.desk, call.owner, call.id, call.path("runId"), **call.paging)
    told = troubles.with_outlooks(call.hub.desk, call.integration(), page.items)
    return Answer([view_trouble(each) for each in told], cursor=page.cursor)


def list_failures(call: Call) -> Answer:
    """List the failures that are still open, those open the longest first."""
    asked = {name: call.request.params.get(name) for name in ("entityType", "class", "code")}
    page = troubles.listed(call.hub.desk, call.integration(), asked, **call.paging)
    return Answer([view_trouble(each) for each in page.items], cursor=page.cursor)


def show_certificate(call: Call) -> Answer:
    """Show what a run that listed everything is certified to have found, and what it misses."""
    found = certifying.show(call.hub.desk, call.owner, call.id, call.path("runId"))
    return Answer(certifying.document_of(found))


def list_logs(call: Call) -> Answer:
    """List the sync log, newest first."""
    call.either()
    params, problems = call.request.params, list[Problem]()
    query = HistoryQuery(
        entity_type=params.get("entityType"),
        action=params.get("action"),
        status=params.get("status"),
        run_id=params.get("runId"),
        contract_id=params.get("contractId"),
        since=query_time(params, "from", problems=problems),
        until=query_time(params, "to", problems=problems),
    )
    if problems:
        raise InvalidError("The log cannot be filtered like this", *problems)
    page = history.listed(call.hub.desk.logs, call.id, query, **call.paging)
    return Answer([view_entry(entry) for entry in page.items], cursor=page.cursor)


def _which(call: Call) -> RunFilter:
    call.integration()
    params, problems = call.request.params, list[Problem]()
    status = query_choice(params, "status", RunStatus, problems=problems)
    kind = query_choice(params, "kind", RunKind, problems=problems)
    since, until = (query_time(params, name, problems=problems) for name in ("from", "to"))
    if problems:
        raise InvalidError("The runs cannot be filtered like this", *problems)
    return RunFilter(
        None if status is None else RunStatus(status), None if kind is None else RunKind(kind), since, until
    )
