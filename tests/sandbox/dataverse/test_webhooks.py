"""Webhooks: who is told, in which words, and what happens when nobody listens."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.control import Control
from sandbox.dataverse.control import DataverseControl
from sandbox.dataverse.schema import stable_id
from tests.sandbox.dataverse.caller import DEAL, QUOTE, WON, DataverseCaller, deal, refusal
from tests.sandbox.ears import Ear, until
from tests.sandbox.test_wire import sample


@pytest.fixture
def ear() -> Iterator[Ear]:
    with Ear() as ear:
        yield ear


def registered(dataverse: DataverseCaller, ear: Ear, message: str = "Update", **more: Any) -> str:
    """Register an endpoint and a step for opportunities; return the step's id."""
    secret = {"authtype": 4, "authvalue": "s3cret&more"} | {
        key: more.pop(key) for key in ("authtype", "authvalue") if key in more
    }
    endpoint = dataverse.created("serviceendpoints", {"name": "Hub", "url": ear.url, "contract": 8, **secret})
    step = {
        "name": "Hub",
        "stage": 40,
        "mode": 1,
        "rank": 1,
        "sdkmessageid@odata.bind": f"/sdkmessages({stable_id('sdkmessage', message)})",
        "sdkmessagefilterid@odata.bind": f"/sdkmessagefilters({stable_id('sdkmessagefilter', message, 'opportunity')})",
        "eventhandler_serviceendpoint@odata.bind": f"/serviceendpoints({endpoint})",
        **more,
    }
    return dataverse.created("sdkmessageprocessingsteps", step)


def heard(ear: Ear, number: int = 1) -> list[dict[str, Any]]:
    found = until(lambda: ear.heard, lambda each: len(each) >= number, 10)
    return [json.loads(each.body) for each in found]


def attributes(context: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: each["value"] for each in context["InputParameters"][0]["value"]["Attributes"]}


def test_an_update_is_told_in_the_words_of_the_sample(dataverse: DataverseCaller, ear: Ear) -> None:
    registered(dataverse, ear)
    body = {"name": "New topic", "estimatedvalue": 12500.5, "opportunityratingcode": 1}
    dataverse.patch(deal(), body, If_Match="*")
    context, expected = heard(ear)[0], sample("dataverse-webhook-opportunity-update.json")
    assert list(context) == list(expected)
    assert set(attributes(context)) == set(attributes(expected))
    assert attributes(context)["estimatedvalue"] == attributes(expected)["estimatedvalue"]
    assert (context["PrimaryEntityId"], context["UserId"]) == (DEAL, stable_id("systemuser", "hub"))


def test_the_key_is_sent_as_code(dataverse: DataverseCaller, ear: Ear) -> None:
    registered(dataverse, ear)
    dataverse.patch(deal(), {"name": "x"}, If_Match="*")
    heard(ear)
    assert ear.heard[0].query["code"] == ["s3cret&more"]
    assert ear.heard[0].headers["x-ms-dynamics-request-name"] == "Update"


@pytest.mark.parametrize(("kind", "place"), [(5, "headers"), (6, "query")])
def test_a_secret_may_be_a_header_or_an_option(dataverse: DataverseCaller, ear: Ear, kind: int, place: str) -> None:
    settings = '<settings><setting name="x-key" value="abc"/></settings>'
    registered(dataverse, ear, authtype=kind, authvalue=settings)
    dataverse.patch(deal(), {"name": "x"}, If_Match="*")
    heard(ear)
    assert getattr(ear.heard[0], place)["x-key"] in ("abc", ["abc"])


def test_a_secret_cannot_be_read_back(dataverse: DataverseCaller, ear: Ear) -> None:
    registered(dataverse, ear)
    row = dataverse.values("serviceendpoints", select="name,url,authvalue", filter="contract eq 8")[0]
    assert (row["url"], row["authvalue"]) == (ear.url, None)


def test_other_columns_and_other_tables_are_not_told(dataverse: DataverseCaller, ear: Ear) -> None:
    registered(dataverse, ear, filteringattributes="name,estimatedvalue")
    dataverse.patch(deal(), {"description": "x"}, If_Match="*")
    dataverse.patch(f"quotes({QUOTE})", {"name": "x"}, If_Match="*")
    dataverse.patch(deal(), {"name": "x"}, If_Match="*")
    assert [attributes(each)["name"] for each in heard(ear)] == ["x"]


def test_an_equal_value_that_was_sent_is_told(dataverse: DataverseCaller, ear: Ear) -> None:
    registered(dataverse, ear, filteringattributes="name")
    dataverse.patch(deal(), {"name": "Deal 0"}, If_Match="*")
    assert attributes(heard(ear)[0])["name"] == "Deal 0"


def test_a_deletion_names_the_row_alone(dataverse: DataverseCaller, ear: Ear) -> None:
    registered(dataverse, ear, "Delete")
    dataverse.ask("DELETE", f"opportunities({WON})")
    assert heard(ear)[0]["InputParameters"][0]["value"]["Id"] == WON


def test_somebody_elses_change_names_them(dataverse: DataverseCaller, orders: DataverseControl, ear: Ear) -> None:
    registered(dataverse, ear)
    orders.edit("update", "opportunity", DEAL, values={"name": "theirs"}, tag="marked")
    context = heard(ear)[0]
    assert context["InitiatingUserId"] == stable_id("systemuser", "human")
    assert context["SharedVariables"] == [{"key": "tag", "value": "marked"}]


def test_a_large_change_loses_its_parameters(dataverse: DataverseCaller, orders: DataverseControl, ear: Ear) -> None:
    orders.switch(webhook_bytes=500)
    registered(dataverse, ear)
    dataverse.patch(deal(), {"name": "x"}, If_Match="*")
    context = heard(ear)[0]
    assert list(context) == list(sample("dataverse-webhook-size-exceeded.json"))
    assert "x-ms-dynamics-msg-size-exceeded" in ear.heard[0].headers
    assert (context["InputParameters"], context["PrimaryEntityId"]) == ([], DEAL)


@pytest.mark.parametrize(("status", "attempts"), [(503, 2), (500, 1), (200, 1)])
def test_only_three_statuses_are_worth_a_second_try(
    dataverse: DataverseCaller, orders: DataverseControl, ear: Ear, status: int, attempts: int
) -> None:
    ear.answer(status=status)
    registered(dataverse, ear)
    dataverse.patch(deal(), {"name": "x"}, If_Match="*")
    goal = 30 if status == 200 else 31
    until(lambda: orders.rows("asyncoperation"), lambda jobs: [job["statuscode"] for job in jobs] == [goal], 10)
    assert len(orders.webhooks()) == attempts


@pytest.mark.parametrize(("effect", "times"), [("twice", 2), ("lose", 0)])
def test_a_notice_may_come_twice_or_never(
    dataverse: DataverseCaller, orders: DataverseControl, control: Control, ear: Ear, effect: str, times: int
) -> None:
    control.fault(part="webhook", effect=effect)
    registered(dataverse, ear)
    dataverse.patch(deal(), {"name": "x"}, If_Match="*")
    until(orders.webhooks, lambda sent: len(sent) >= max(1, times), 10)
    assert len(ear.heard) == times


def test_a_step_that_would_wait_is_not_simulated(dataverse: DataverseCaller, ear: Ear) -> None:
    with pytest.raises(AssertionError, match="synchronous step"):
        registered(dataverse, ear, mode=0)
    assert refusal(dataverse.get("opportunities?$apply=groupby((statecode))"))[0] == 501
