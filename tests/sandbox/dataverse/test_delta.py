"""What changed since a token."""

import pytest

from sandbox.control import Control
from sandbox.dataverse.control import DataverseControl
from tests.sandbox.dataverse.caller import ACCOUNT, DEAL, QUOTE, WON, DataverseCaller, deal, refusal
from tests.sandbox.test_wire import sample

_TRACK = "odata.track-changes"


def link_of(dataverse: DataverseCaller, prefer: str = _TRACK, set_name: str = "opportunities") -> str:
    page = dataverse.json(set_name, prefer, select="name")
    while "@odata.nextLink" in page:
        page = dataverse.json(page["@odata.nextLink"], prefer)
    return str(page["@odata.deltaLink"])


def test_changes_come_as_in_the_sample(dataverse: DataverseCaller) -> None:
    link = link_of(dataverse)
    dataverse.patch(deal(), {"name": "New topic"}, If_Match="*")
    dataverse.ask("DELETE", f"opportunities({WON})")
    page, expected = dataverse.json(link), sample("dataverse-delta-page.json")
    assert list(page) == list(expected)
    assert [list(row) for row in page["value"]] == [list(row) for row in expected["value"]]
    assert (page["value"][0]["opportunityid"], page["value"][1]["id"]) == (DEAL, WON)


def test_the_token_has_the_form_of_the_sample(dataverse: DataverseCaller, control: Control) -> None:
    control.clock(set="2017-08-22T08:10:44Z", freeze=True)
    dataverse.session.headers["Authorization"] = f"Bearer {dataverse.ask_token().json()['access_token']}"
    assert link_of(dataverse).endswith("%2108%2f22%2f2017%2008%3a10%3a44")


def test_nothing_changed_is_an_empty_page_with_a_new_link(dataverse: DataverseCaller) -> None:
    page = dataverse.json(link_of(dataverse))
    assert (page["value"], "$deltatoken=" in page["@odata.deltaLink"]) == ([], True)


def test_a_change_during_the_first_pages_is_not_lost(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    prefer = f"{_TRACK},odata.maxpagesize=15"
    page = dataverse.json("opportunities", prefer, select="name")
    orders.edit("update", "opportunity", page["value"][0]["opportunityid"], values={"name": "meanwhile"})
    while "@odata.nextLink" in page:
        page = dataverse.json(page["@odata.nextLink"], prefer)
    assert [row["name"] for row in dataverse.values(page["@odata.deltaLink"])] == ["meanwhile"]


def test_many_changes_come_in_pages_with_the_link_on_the_last(dataverse: DataverseCaller) -> None:
    link = link_of(dataverse)
    for number in range(5):
        dataverse.created("opportunities", {"name": f"New {number}"})
    first = dataverse.json(link, "odata.maxpagesize=3")
    last = dataverse.json(first["@odata.nextLink"], "odata.maxpagesize=3")
    names = [row["name"] for row in (*first["value"], *last["value"])]
    assert (names, "@odata.deltaLink" in first, "@odata.deltaLink" in last) == (
        [f"New {number}" for number in range(5)],
        False,
        True,
    )


def test_a_row_made_and_deleted_in_between_is_still_told(dataverse: DataverseCaller) -> None:
    link = link_of(dataverse)
    key = dataverse.created("opportunities", {"name": "short life"})
    dataverse.ask("DELETE", f"opportunities({key})")
    assert [row["id"] for row in dataverse.values(link)] == [key]


def test_a_rollup_is_no_change(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    link = link_of(dataverse)
    orders.compute_rollups()
    assert dataverse.values(link) == []


def test_changes_can_be_counted(dataverse: DataverseCaller) -> None:
    token = link_of(dataverse).partition("$deltatoken=")[2]
    dataverse.patch(deal(), {"name": "x"}, If_Match="*")
    assert dataverse.get(f"opportunities/$count?$deltatoken={token}").content == b"\xef\xbb\xbf1"


@pytest.mark.parametrize("option", ["filter", "orderby", "expand", "top"])
def test_options_that_do_not_go_with_tracking_are_refused(dataverse: DataverseCaller, option: str) -> None:
    values = {"filter": "name eq 'x'", "orderby": "name", "expand": "opportunity_quotes", "top": "1"}
    reply = dataverse.get("opportunities", _TRACK, **{option: values[option]})
    message = f'The "{option}" query parameter isn\'t supported when Change Tracking is enabled.'
    assert (reply.status_code, reply.json()["error"]["message"]) == (400, message)


def test_a_table_that_is_not_tracked_is_refused(dataverse: DataverseCaller) -> None:
    assert refusal(dataverse.get("new_unguardeds", _TRACK)) == (400, "0x80072491")


@pytest.mark.parametrize("code", ["0x80044352", "0x80040203"])
def test_an_old_token_is_refused(
    dataverse: DataverseCaller, orders: DataverseControl, control: Control, code: str
) -> None:
    orders.switch(delta_expired_code=code)
    link = link_of(dataverse)
    control.clock(advance=8 * 86_400)
    dataverse.session.headers["Authorization"] = f"Bearer {dataverse.ask_token().json()['access_token']}"
    assert refusal(dataverse.get(link)) == (400, code)


def test_a_token_that_is_none_is_refused(dataverse: DataverseCaller) -> None:
    assert dataverse.get("opportunities?$deltatoken=nonsense").status_code == 400


def test_what_a_delete_empties_is_a_change_of_the_other_table(dataverse: DataverseCaller) -> None:
    link = link_of(dataverse, set_name="quotes")
    parent = dataverse.json(f"quotes({QUOTE})", select="_opportunityid_value")["_opportunityid_value"]
    dataverse.ask("DELETE", f"opportunities({parent})")
    assert [row["quoteid"] for row in dataverse.values(link)] == [QUOTE]


def test_a_change_of_another_table_is_none_of_this_one(dataverse: DataverseCaller) -> None:
    link = link_of(dataverse)
    dataverse.patch(f"accounts({ACCOUNT})", {"name": "x"}, If_Match="*")
    assert dataverse.values(link) == []
