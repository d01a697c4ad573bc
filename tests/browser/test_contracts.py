"""Contracts in the console: created, pushed, changed on the Oneflow side, fetched, and decided where both changed."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sandbox.control import Control
from tests.browser.kit import Browsing, check_axe, check_reflow
from tests.flow.bridge_kit import TOPIC, Span, spans
from tests.flow.kit import Caller

pytestmark = [pytest.mark.azurite, pytest.mark.flow]

TWO_WAY = TOPIC | {"direction": "two_way"}
BUDGET = TOPIC | {"dynamicsField": "budgetamount", "oneflowField": "budgetamount", "direction": "dynamics_to_oneflow"}
NAME = "Chairs for Litware"


@pytest.fixture
def span(control: Control, alice: Caller) -> Iterator[Span]:
    """Return a new bridge whose opportunities are mapped."""
    for made in spans(alice, control, realtime=False):
        assert made.map("opportunity", TWO_WAY, BUDGET).status == 200
        yield made


@pytest.fixture
def deal(span: Span) -> str:
    """Return the id of a deal with a name that people would give."""
    found = str(min(span.deals(), key=lambda each: str(each["opportunityid"]))["opportunityid"])
    change(span, found, name=NAME, budgetamount=1200)
    return found


def change(span: Span, deal: str, **values: Any) -> None:
    span.dynamics.edit("update", "opportunity", deal, values=values)


def opened(browsing: Browsing, span: Span, deal: str) -> tuple[Page, str]:
    """Make a contract of the deal and open it."""
    contract = str(span.create("opportunity", deal).data["contractId"])
    page = browsing.page(span.hub, f"#/integrations/{span.id}/contracts/{contract}")
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    return page, contract


def test_a_contract_is_created_from_a_record_that_is_found_by_name(browsing: Browsing, span: Span, deal: str) -> None:
    page = browsing.page(span.hub, f"#/integrations/{span.id}/contracts")
    page.get_by_role("link", name="Create contract").click()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.url.endswith("/contracts") else None)
    page.get_by_role("searchbox", name="Record").fill("Litware")
    page.get_by_role("searchbox", name="Record").press("Enter")
    page.get_by_role("button", name=NAME).click()
    page.get_by_role("button", name="Add counterparty").click()
    page.get_by_label("Company name").fill("Litware AB")
    page.get_by_label("Country").select_option("SE")
    person = page.get_by_role("group", name="Participant 1")
    person.get_by_label("Name").fill("Ada")
    person.get_by_label("E-mail").fill("ada")
    page.get_by_role("button", name="Create contract").click()
    expect(person.get_by_label("E-mail")).to_have_accessible_description("An e-mail address is needed.")
    check_axe(page)
    check_reflow(page)
    person.get_by_label("E-mail").fill("ada@litware.example")
    page.get_by_role("button", name="Create contract").click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    (contract,) = span.oneflow.contracts()
    assert (contract["values"]["topic"], contract["parties"][1]["name"]) == (NAME, "Litware AB")
    assert sent.count("POST") == 2


def test_a_field_that_changed_on_both_sides_gets_the_value_that_a_person_chooses(
    browsing: Browsing, span: Span, deal: str
) -> None:
    page, contract = opened(browsing, span, deal)
    change(span, deal, name="Ours")
    span.oneflow.edit(contract, topic="Theirs")
    assert len(span.call("POST", f"/oneflow/contracts/{contract}/push").data["conflicts"]) == 1
    page.goto(f"{page.url.split('#')[0]}#/integrations/{span.id}/contracts")
    page.get_by_role("row", name=NAME).get_by_text("1 open").click()
    page.get_by_role("link", name=NAME).click()
    check_axe(page)
    page.get_by_role("button", name="Use Oneflow").click()
    expect(page.get_by_text("the value of Oneflow was written to Dynamics.").first).to_be_visible()
    expect(page.get_by_role("heading", name="Conflicts")).to_be_hidden()
    assert span.deal(deal)["name"] == "Theirs"
