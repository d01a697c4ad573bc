"""Routes that ask Business Central about a connection."""

import azure.functions as func

from sync.services import checking
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.views import view_company, view_environment, view_report


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes about connections."""
    return blueprint_of(
        hubs,
        Route("GET", "integrations/{id}/dynamics/companies", list_companies, "list_companies"),
        Route("GET", "integrations/{id}/dynamics/environments", list_environments, "list_environments"),
        Route("POST", "integrations/{id}/dynamics/test", test_connection, "test_connection"),
    )


def list_companies(call: Call) -> Answer:
    """List the companies that the connection sees."""
    found = checking.companies(call.hub.desk, call.owner, call.id)
    return Answer([view_company(company) for company in found])


def list_environments(call: Call) -> Answer:
    """List the environments of the connection's tenant."""
    found = checking.environments(call.hub.desk, call.owner, call.id)
    return Answer([view_environment(environment) for environment in found])


def test_connection(call: Call) -> Answer:
    """Try the connection; a failed check is an answer."""
    report = checking.test(call.hub.desk, call.owner, call.id)
    return Answer(view_report(report), facts={"success": report.connected})
