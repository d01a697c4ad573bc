"""Changes in Dynamics by themselves: Dataverse tells, the hub compares, and what is not told is found by the walk."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.control import Control
from sandbox.dataverse.schema import stable_id
from scripts.stack import Stack, reachable
from tests.flow.bridge_kit import TOPIC, Span
from tests.flow.kit import problem, until
from tests.sandbox.dataverse.caller import DataverseCaller
from tests.support.stacks import close_output

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

SOON = 30.0
"""Seconds from a change to the other side, on a busy machine."""
WALK = "HUB_WALK_SCHEDULE"
NEVER, OFTEN = "0 0 0 1 1 *", "*/3 * * * * *"


@pytest.fixture(scope="module", params=[NEVER])
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """Start a stack whose app is known under an address that Dataverse can call, and walks as often as is asked for."""
    settings = {
        "HUB_ERRAND_SCHEDULE": "* * * * * *",
        WALK: request.param,
    }
    with reachable((), settings) as started:
        yield started
    for server in (started.app, started.sandbox):
        close_output(server)


@pytest.fixture
def control(stack: Stack) -> Control:
    """Return the simulated systems' control, as it was at first."""
    stack.control.reset()
    return stack.control


@pytest.fixture
def sent(span: Span) -> str:
    """Return a contract that was sent, of a deal whose topic goes out by itself."""
    span.call("PATCH", "", {"settings": {"automatic": True}}, If_Match=span.call("GET").etag)
    span.map("opportunity", {**TOPIC, "direction": "dynamics_to_oneflow"})
    made = str(span.create("opportunity", span.deals()[0]["opportunityid"]).data["contractId"])
    span.oneflow.act(made, "publish")
    return made


@pytest.fixture
def told(span: Span, sent: str) -> str:
    """Return the contract once an administrator has entered in Dataverse what the hub says."""
    register(span, span.get("/dynamics/webhook"))
    return sent


def register(span: Span, entered: dict[str, Any]) -> None:
    """Register an address for changes of opportunities, with the columns that are named."""
    caller = DataverseCaller(span.control)
    key = {"authtype": 4, "authvalue": entered["authentication"]["value"]}
    endpoint = caller.created("serviceendpoints", {"name": "Hub", "url": entered["url"], "contract": 8, **key})
    update = stable_id("sdkmessage", *entered["messages"])
    for entity, columns in entered["filteringAttributes"].items():
        step = {
            "name": "Hub",
            "stage": 40,
            "mode": 1,
            "rank": 1,
            "filteringattributes": ",".join(columns),
            "sdkmessageid@odata.bind": f"/sdkmessages({update})",
            "sdkmessagefilterid@odata.bind": f"/sdkmessagefilters({stable_id('sdkmessagefilter', 'Update', entity)})",
            "eventhandler_serviceendpoint@odata.bind": f"/serviceendpoints({endpoint})",
        }
        caller.created("sdkmessageprocessingsteps", step)
    caller.close()


def rename(span: Span, text: str, **more: Any) -> None:
    deal = span.deals()[0]["opportunityid"]
    span.dynamics.edit("update", "opportunity", deal, values={"name": text, **more})


def topic_becomes(span: Span, contract: str, text: str) -> None:
    until(lambda: span.oneflow.contract(contract)["values"]["topic"], lambda told: told == text, seconds=SOON)


def answers(span: Span, count: int) -> set[int]:
    """Return what the hub answered to notices, once it has answered so many."""
    told = until(span.dynamics.webhooks, lambda notices: len(notices) >= count, seconds=SOON)
    return {each["status"] for each in told}


def post(url: str, body: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.post(url, json=body, timeout=20)


def test_an_edit_in_dynamics_arrives_in_oneflow_by_itself(span: Span, told: str) -> None:
    rename(span, "Renamed there")
    topic_becomes(span, told, "Renamed there")
    assert answers(span, 1) == {200}


def test_a_notice_too_long_to_be_sent_whole_is_enough(span: Span, told: str) -> None:
    span.dynamics.switch(webhook_bytes=100)
    rename(span, "Cut short")
    topic_becomes(span, told, "Cut short")


def test_a_notice_that_comes_twice_changes_nothing_more(span: Span, told: str) -> None:
    span.control.fault(part="webhook", effect="twice", next=1)
    rename(span, "Told twice")
    topic_becomes(span, told, "Told twice")
    assert answers(span, 2) == {200}


def test_a_notice_to_a_paused_integration_is_not_lost(span: Span, told: str) -> None:
    span.call("PATCH", "", {"status": "paused"}, If_Match=span.call("GET").etag)
    rename(span, "Meanwhile")
    until(span.dynamics.webhooks, bool, seconds=SOON)
    span.call("PATCH", "", {"status": "active"}, If_Match=span.call("GET").etag)
    until(lambda: span.oneflow.contract(told)["values"]["topic"], lambda text: text == "Meanwhile", seconds=75.0)


def test_an_unknown_address_is_404_and_a_known_one_200_whatever_is_sent(span: Span, told: str) -> None:
    url = span.get("/dynamics/webhook")["url"]
    wrong = [post(f"{url}x", {}), post(url.replace(span.id, "int_unknown"), {})]
    assert [each.status_code for each in [*wrong, post(url, [])]] == [404, 404, 200]
    assert len({str({**each.json(), "traceId": ""}) for each in wrong}) == 1
    problem(span.hub.call("POST", f"{url}x", {}), 404, "NOT_FOUND")


def test_with_the_integration_its_address_goes(span: Span, told: str) -> None:
    url = span.get("/dynamics/webhook")["url"]
    assert span.call("DELETE").status == 204
    assert post(url, {}).status_code == 404


@pytest.mark.parametrize("stack", [OFTEN], indirect=True)
def test_an_edit_whose_notice_is_lost_is_found_by_the_walk(span: Span, told: str) -> None:
    span.control.fault(part="webhook", effect="lose", next=9)
    rename(span, "Lost on the way")
    topic_becomes(span, told, "Lost on the way")
    notices = until(span.dynamics.webhooks, bool, seconds=SOON)
    assert {each["fault"] for each in notices} == {"lose"}
