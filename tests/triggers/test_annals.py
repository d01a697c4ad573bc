"""What happened to an integration over HTTP: runs or contracts, and changes of its configuration."""

from typing import Any

import pytest

from sync.model.errors import SourceGoneError
from sync.model.integration import Status
from sync.ports import Companies
from tests.support.company import ToySource
from tests.triggers.kit import BRIDGE, INTEGRATION, SECRET, TENANT, Office


@pytest.fixture
def home(office: Office) -> str:
    return f"/api/integrations/{office.ask('POST', '/api/integrations', INTEGRATION).data['id']}"


def patch(office: Office, home: str, body: dict[str, Any]) -> None:
    office.ask("PATCH", home, body, If_Match=office.ask("GET", home).headers["etag"])


def told(office: Office, home: str, query: str = "") -> list[str]:
    events = office.ask("GET", f"{home}/timeline{query}").data
    return [each["change"]["event"] if each["type"] == "change" else each["type"] for each in events]


def test_runs_and_changes_stand_in_one_line_newest_first(office: Office, home: str) -> None:
    office.ask("POST", f"{home}/dynamics/sync")
    patch(office, home, {"schedule": "0 0 4 * * *"})
    office.ask("POST", f"{home}/dynamics/sync")
    assert told(office, home) == ["run", "changed", "run", "created"]


def test_the_line_goes_on_where_a_page_ended(office: Office, home: str) -> None:
    for name in ("a", "b", "c"):
        office.ask("POST", f"{home}/dynamics/sync")
        patch(office, home, {"name": name})
    seen: list[Any] = []
    place: str | None = f"{home}/timeline?limit=2"
    while place:
        body = office.ask("GET", place.removeprefix("https://hub.example")).body
        seen += [each["type"] for each in body["data"]]
        place = body.get("nextLink")
    assert seen == ["change", "run"] * 3 + ["change"]


def test_a_change_tells_who_changed_what(office: Office, home: str) -> None:
    patch(office, home, {"schedule": "0 0 4 * * *"})
    change = office.ask("GET", f"{home}/timeline?limit=1").data[0]["change"]
    assert change["changes"] == [{"field": "schedule", "secret": False, "from": None, "to": "0 0 4 * * *"}]
    assert change["actor"] == {"kind": "user", "userId": f"{TENANT}:alice", "runId": None}


def test_a_change_of_a_secret_is_told_without_it(office: Office, home: str) -> None:
    patch(office, home, {"connection": {"clientSecret": "planted-second-secret"}})
    answer = office.ask("GET", f"{home}/timeline?limit=1")
    assert answer.data[0]["change"]["changes"] == [{"field": "connection.clientSecret", "secret": True}]
    assert "planted-second-secret" not in answer.text
    assert SECRET not in answer.text


def test_a_patch_that_changes_nothing_leaves_no_trace(office: Office, home: str) -> None:
    patch(office, home, {"name": INTEGRATION["name"]})
    assert told(office, home) == ["created"]


def test_a_mapping_leaves_its_change(office: Office, home: str) -> None:
    current = office.ask("GET", f"{home}/mappings/suppliers")
    fields = [each for each in current.data["fields"] if each["target"] != "city"]
    body = {**current.data, "fields": fields}
    office.ask("PUT", f"{home}/mappings/suppliers", body, If_Match=current.headers["etag"])
    change = office.ask("GET", f"{home}/timeline?limit=1").data[0]["change"]
    assert (change["event"], change["entity"]) == ("mapped", "suppliers")
    assert [each["field"] for each in change["changes"]] == ["version", "fields.city"]


def test_a_cursor_of_another_integration_is_refused(office: Office, home: str) -> None:
    patch(office, home, {"name": "b"})
    link = office.ask("GET", f"{home}/timeline?limit=1").body["nextLink"]
    other = f"/api/integrations/{office.ask('POST', '/api/integrations', INTEGRATION).data['id']}"
    refused = office.ask("GET", f"{other}/timeline?{link.partition('?')[2]}")
    assert (refused.status, refused.code) == (422, "INVALID_CURSOR")


def test_a_bridge_tells_its_log_entries(office: Office) -> None:
    home = f"/api/integrations/{office.ask('POST', '/api/integrations', BRIDGE).data['id']}"
    office.ask("POST", f"{home}/dynamics/test")
    assert told(office, home) == ["entry", "created"]


class Vanished(ToySource):
    """A source whose company is gone."""

    def companies(self) -> Companies:
        raise SourceGoneError("The company is gone", code="COMPANY_NOT_FOUND")


def failing(office: Office) -> tuple[Office, str]:
    """Return an office whose company is gone, and an integration there."""
    other = office.with_source(Vanished(office.company))
    return other, f"/api/integrations/{other.integrated()}"


def test_a_run_that_makes_the_hub_hold_an_integration_is_named(office: Office) -> None:
    other, home = failing(office)
    run_id = other.ask("POST", f"{home}/dynamics/sync").body["runId"]
    change, _ = [each["change"] for each in other.ask("GET", f"{home}/timeline").data if each["type"] == "change"]
    assert change["changes"] == [{"field": "status", "secret": False, "from": "active", "to": "broken"}]
    assert change["actor"] == {"kind": "hub", "userId": None, "runId": run_id}
    assert (change["event"], change["reason"]) == ("standing", "The company is gone")


def test_a_hold_that_goes_on_is_told_once(office: Office) -> None:
    other, home = failing(office)
    for _ in range(2):
        other.ask("POST", f"{home}/dynamics/sync")
    assert sorted(told(other, home)) == ["created", "run", "run", "standing"]


def test_a_test_that_lifts_a_hold_is_told(office: Office, home: str) -> None:
    office.change_integration(home.split("/")[3], status=Status.BROKEN)
    office.ask("POST", f"{home}/dynamics/test")
    change = office.ask("GET", f"{home}/timeline?limit=1").data[0]["change"]
    assert (change["event"], change["changes"][0]["to"], change["actor"]["runId"]) == ("standing", "active", None)


def test_an_integration_that_is_removed_leaves_no_changes(office: Office, home: str) -> None:
    office.ask("DELETE", home)
    assert list(office.desk.config.changes(home.split("/")[3])) == []
