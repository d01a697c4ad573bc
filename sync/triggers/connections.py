"""Routes that ask Business Central about a connection."""

from typing import Any

import azure.functions as func

from mapping.check import is_route
from mapping.paths import is_column_name
from sync.model.errors import InvalidError, Problem
from sync.model.integration import is_bridge
from sync.services import bridge_checking, checking, sampling
from sync.triggers.catalog import view_bridge_report
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.queries import query_choice
from sync.triggers.views import view_company, view_environment, view_report, view_schema

_STANDARD = "v2.0"


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes about connections."""
    return blueprint_of(
        hubs,
        Route("GET", "integrations/{id}/dynamics/companies", list_companies, "list_companies"),
        Route("GET", "integrations/{id}/dynamics/environments", list_environments, "list_environments"),
        Route("GET", "integrations/{id}/dynamics/schema", show_schema, "show_schema"),
        Route("POST", "integrations/{id}/dynamics/test", test_connection, "test_connection"),
    )


def list_companies(call: Call) -> Answer:
    """List the companies that the connection sees, with `counts=true` also what is in them."""
    problems: list[Problem] = []
    counts = query_choice(call.request.params, "counts", ("true", "false"), problems=problems)
    if problems:
        raise InvalidError("The companies cannot be listed like this", *problems)
    if counts != "true":
        found = checking.companies(call.hub.desk, call.owner, call.id)
        return Answer([view_company(company) for company in found])
    counted = checking.counted_companies(call.hub.desk, call.owner, call.id)
    return Answer([_with_counts(each) for each in counted])


def _with_counts(counted: checking.Counted) -> dict[str, Any]:
    counts = {"vendorCount": counted.vendor_count, "itemCount": counted.item_count}
    return {**view_company(counted.company), **counts}


def list_environments(call: Call) -> Answer:
    """List the environments of the connection's tenant."""
    found = checking.environments(call.hub.desk, call.owner, call.id)
    return Answer([view_environment(environment) for environment in found])


def show_schema(call: Call) -> Answer:
    """Show the fields of an entity set, with sample values."""
    integration, params = call.integration(), call.request.params
    entity_set, route = params.get("entitySet", ""), params.get("route", _STANDARD)
    problems = []
    if not is_column_name(entity_set):
        reason = "INVALID_NAME" if entity_set else "MISSING"
        problems.append(Problem("/entitySet", reason, "The name of an entity set is needed, such as vendors."))
    if not is_route(route):
        problems.append(Problem("/route", "INVALID_ROUTE", "A route is v2.0 or publisher/group/version."))
    if problems:
        raise InvalidError("There is no such schema", *problems)
    return Answer(view_schema(sampling.describe(call.hub.desk, integration, route=route, entity_set=entity_set)))


def test_connection(call: Call) -> Answer:
    """Try the connection; a failed check is an answer."""
    found = call.either()
    if is_bridge(found):
        tried = bridge_checking.test(call.hub.bridges, found)
        return Answer(view_bridge_report(tried), facts={"success": tried.connected})
    report = checking.test(call.hub.desk, call.owner, call.id)
    return Answer(view_report(report), facts={"success": report.connected})
