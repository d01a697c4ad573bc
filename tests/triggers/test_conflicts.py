"""The queue of conflicts over HTTP: the same key from another environment of the user."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from sync.model.entity import EntityType
from tests.triggers.kit import CONNECTION, Office, Reply

ELSEWHERE = {**CONNECTION, "environment": "Sandbox"}


def sync(office: Office, home: str) -> Any:
    office.clock.pass_by(10)
    return office.ask("POST", f"{home}/dynamics/sync").data["suppliers"]


@pytest.fixture
def row(office: Office) -> str:
    return office.company.add("vendors", "From production")


@pytest.fixture
def first(office: Office, row: str) -> str:
    """Return the integration that has the record."""
    home = f"/api/integrations/{office.integrated()}"
    sync(office, home)
    return home


@pytest.fixture
def second(office: Office, first: str, row: str) -> str:
    """Return the integration whose record of the same key is in conflict."""
    home = f"/api/integrations/{office.integrated(connection=ELSEWHERE)}"
    office.company.put("vendors", row, "From the sandbox")
    sync(office, home)
    return home


def only(office: Office, home: str, query: str = "") -> Any:
    (found,) = office.ask("GET", f"{home}/conflicts{query}").data
    return found


def resolve(office: Office, home: str, choice: Any, tag: str = "") -> Reply:
    path = f"{home}/conflicts/{only(office, home, '?status=all')['id']}/resolve"
    return office.ask("POST", path, {"choice": choice}, If_Match=tag)


def test_a_conflict_shows_both_sides_and_whose_the_other_is(office: Office, first: str, second: str, row: str) -> None:
    found = only(office, second)
    name = next(each for each in found["fields"] if each["field"] == "name")
    assert name == {"field": "name", "source": "From the sandbox", "platform": "From production"}
    assert (found["reason"], found["status"], found["externalId"], found["entityType"]) == (
        *("key", "open", row),
        "SUPPLIER",
    )
    assert first.endswith(found["other"]["integrationId"])
    assert "/production/" in found["other"]["source"]


def test_a_conflict_of_keys_shows_every_mapped_field(office: Office, second: str) -> None:
    fields = [each["field"] for each in only(office, second)["fields"]]
    assert set(fields) >= {"name", "number", "city", "taxId", "blocked"}


def test_a_conflict_tells_when_and_by_which_run_it_was_met(office: Office, second: str) -> None:
    found, run = only(office, second), office.ask("GET", f"{second}/runs").data[0]
    assert (found["runId"], found["resolvedAt"], found["choice"]) == (run["id"], None, None)
    assert found["detectedAt"].startswith("2026-01-05T08:00:2")


def test_a_conflict_is_shown_alone_with_its_etag(office: Office, second: str) -> None:
    found = only(office, second)
    shown = office.ask("GET", f"{second}/conflicts/{found['id']}")
    assert (shown.data, len(shown.headers["etag"])) == (found, 26)


def test_the_integration_that_keeps_the_record_has_no_conflict(office: Office, first: str, second: str) -> None:
    assert office.ask("GET", f"{first}/conflicts").data == []
    identity = only(office, second)["id"]
    assert office.ask("GET", f"{first}/conflicts/{identity}").status == 404


def test_integrations_of_one_company_share_its_conflicts(office: Office, second: str) -> None:
    third = f"/api/integrations/{office.integrated(connection=ELSEWHERE)}"
    assert only(office, third)["id"] == only(office, second)["id"]


def test_another_user_with_the_same_company_has_none(office: Office, second: str) -> None:
    office.user = "bob"
    home = f"/api/integrations/{office.integrated(connection=ELSEWHERE)}"
    assert office.ask("GET", f"{home}/conflicts?status=all").data == []


def test_the_stored_record_keeps_its_values_and_is_marked(office: Office, first: str, second: str, row: str) -> None:
    shown = office.ask("GET", f"{first}/suppliers/{row}").data
    assert (shown["name"], shown["syncStatus"]) == ("From production", "conflict")


def test_while_nobody_decides_every_run_counts_it_and_writes_nothing(office: Office, second: str) -> None:
    before = office.stored()
    counted = sync(office, second)
    assert (counted["conflicts"], counted["created"], office.stored()) == (1, 0, before)
    assert only(office, second)["status"] == "open"


def test_new_values_of_the_source_come_into_the_same_conflict(office: Office, second: str, row: str) -> None:
    identity = only(office, second)["id"]
    office.company.put("vendors", row, "Changed in the sandbox")
    assert sync(office, second)["conflicts"] == 1
    found = only(office, second)
    assert (found["id"], found["fields"][0]["source"]) == (identity, "Changed in the sandbox")


def test_choosing_the_source_moves_the_record_to_it(office: Office, first: str, second: str, row: str) -> None:
    answer = resolve(office, second, "source")
    shown = office.ask("GET", f"{second}/suppliers/{row}").data
    assert (answer.status, answer.data["status"], answer.data["choice"]) == (200, "resolved", "source")
    assert (shown["name"], shown["syncStatus"]) == ("From the sandbox", "synced")
    assert office.ask("GET", f"{first}/suppliers/{row}").status == 404


def test_a_record_that_was_taken_over_is_unchanged_for_its_new_source(office: Office, second: str) -> None:
    resolve(office, second, "source")
    counted = sync(office, second)
    assert (counted["unchanged"], counted["conflicts"], counted["updated"]) == (1, 0, 0)


def test_the_source_that_lost_a_record_meets_it_as_a_conflict(office: Office, first: str, second: str) -> None:
    resolve(office, second, "source")
    assert sync(office, first)["conflicts"] == 1
    assert only(office, first)["other"]["integrationId"] == second.rpartition("/")[2]


def test_custom_fields_survive_a_record_that_is_taken_over(office: Office, first: str, second: str, row: str) -> None:
    office.ask("PATCH", f"{first}/suppliers/{row}", {"custom": {"risk": "low"}}, If_Match="*")
    resolve(office, second, "source")
    assert office.ask("GET", f"{second}/suppliers/{row}").data["custom"] == {"risk": "low"}


def test_choosing_the_platform_leaves_the_record_where_it_is(office: Office, first: str, second: str, row: str) -> None:
    assert resolve(office, second, "platform").data["choice"] == "platform"
    shown = office.ask("GET", f"{first}/suppliers/{row}").data
    assert (shown["name"], shown["syncStatus"]) == ("From production", "synced")


@pytest.mark.parametrize("name", [None, "Changed in the sandbox"])
def test_what_was_left_to_the_other_source_is_unchanged_from_then_on(
    office: Office, second: str, row: str, name: str | None
) -> None:
    resolve(office, second, "platform")
    before = office.stored()
    if name is not None:
        office.company.put("vendors", row, name)
    counted = [sync(office, second) for _ in range(2)]
    assert [(each["unchanged"], each["conflicts"]) for each in counted] == [(1, 0), (1, 0)]
    assert (office.stored(), only(office, second, "?status=all")["status"]) == (before, "resolved")


def test_the_source_that_keeps_a_record_goes_on_changing_it(office: Office, first: str, second: str, row: str) -> None:
    resolve(office, second, "platform")
    office.company.put("vendors", row, "Changed in production")
    assert sync(office, first)["updated"] == 1
    assert office.stored()[0].fields["name"] == "Changed in production"


def test_a_choice_by_field_mixes_the_sides_and_pins_what_the_platform_keeps(
    office: Office, second: str, row: str
) -> None:
    resolve(office, second, {"number": "source", "name": "platform"})
    shown = office.ask("GET", f"{second}/suppliers/{row}").data
    assert (shown["name"], shown["pinned"]) == ("From production", ["name"])
    assert only(office, second, "?status=all")["choice"]["number"] == "source"


def test_the_same_choice_again_is_the_same_answer(office: Office, second: str) -> None:
    once, again = resolve(office, second, "source"), resolve(office, second, "source")
    assert (again.status, again.data, again.headers["etag"]) == (200, once.data, once.headers["etag"])


@pytest.mark.parametrize("choice", ["platform", {"name": "source"}])
def test_another_choice_is_refused_once_it_is_resolved(office: Office, second: str, choice: Any) -> None:
    resolve(office, second, "source")
    refused = resolve(office, second, choice)
    assert (refused.status, refused.code) == (409, "CONFLICT_RESOLVED")


def test_a_choice_for_what_has_changed_since_it_was_read_is_refused(office: Office, second: str, row: str) -> None:
    identity = only(office, second)["id"]
    tag = office.ask("GET", f"{second}/conflicts/{identity}").headers["etag"]
    office.company.put("vendors", row, "Changed in the sandbox")
    sync(office, second)
    assert resolve(office, second, "source", tag).status == 412
    assert resolve(office, second, "source", "*").status == 200


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/choice": "MISSING"}),
        ({"choice": None}, {"/choice": "WRONG_TYPE"}),
        ({"choice": {}}, {"/choice": "WRONG_TYPE"}),
        ({"choice": "left"}, {"/choice": "UNKNOWN_VALUE"}),
        ({"choice": {"name": "left", "a/b": 1}}, {"/choice/name": "UNKNOWN_VALUE", "/choice/a~1b": "UNKNOWN_VALUE"}),
        (
            {"choice": {"nme": "source", "a/b": "platform"}},
            dict.fromkeys(("/choice/nme", "/choice/a~1b"), "UNKNOWN_FIELD"),
        ),
        ({"choice": "source", "why": "so"}, {"/why": "UNKNOWN_MEMBER"}),
    ],
)
def test_a_choice_that_is_none_is_refused_with_every_problem(
    office: Office, second: str, body: Any, pointers: dict[str, str]
) -> None:
    identity = only(office, second)["id"]
    assert office.ask("POST", f"{second}/conflicts/{identity}/resolve", body).pointers == pointers
    assert only(office, second)["status"] == "open"


def test_a_conflict_that_never_was_is_not_found(office: Office, second: str) -> None:
    assert office.ask("GET", f"{second}/conflicts/cfl_0").code == "NOT_FOUND"
    assert office.ask("POST", f"{second}/conflicts/cfl_0/resolve", {"choice": "source"}).status == 404


def test_the_log_tells_who_decided_what(office: Office, second: str, row: str) -> None:
    resolve(office, second, "platform")
    entry = office.ask("GET", f"{second}/sync-logs?action=RESOLVE").data[0]
    told = entry["metadata"]
    assert (entry["status"], entry["entityType"], entry["recordsAffected"]) == ("SUCCESS", "SUPPLIER", 1)
    assert (told["externalId"], told["reason"], told["choice"]["name"]) == (row, "key", "platform")
    assert told["userId"].endswith(":alice")


def test_a_repeated_choice_is_logged_once(office: Office, second: str) -> None:
    for _ in range(2):
        resolve(office, second, "source")
    assert len(office.ask("GET", f"{second}/sync-logs?action=RESOLVE").data) == 1


@pytest.mark.parametrize(
    ("query", "count"), [("", 0), ("?status=open", 0), ("?status=resolved", 1), ("?status=all", 1)]
)
def test_a_resolved_conflict_is_shown_on_demand(office: Office, second: str, query: str, count: int) -> None:
    resolve(office, second, "source")
    assert len(office.ask("GET", f"{second}/conflicts{query}").data) == count


@pytest.mark.parametrize(
    ("query", "count"),
    [("entityType=SUPPLIER", 1), ("entityType=suppliers", 1), ("entityType=PRODUCT", 0), ("entityType=", 1)],
)
def test_conflicts_are_listed_by_entity_type(office: Office, second: str, query: str, count: int) -> None:
    assert len(office.ask("GET", f"{second}/conflicts?{query}").data) == count


def test_every_problem_of_a_filter_is_told(office: Office, second: str) -> None:
    refused = office.ask("GET", f"{second}/conflicts?status=lost&entityType=CAR")
    assert refused.pointers == {"/status": "UNKNOWN_VALUE", "/entityType": "UNKNOWN_VALUE"}


def test_the_latest_conflicts_come_first_page_by_page(office: Office, first: str, second: str, row: str) -> None:
    later = office.company.add("vendors", "Later")
    sync(office, first)
    sync(office, second)
    page = office.ask("GET", f"{second}/conflicts?limit=1")
    link = urlsplit(page.body["nextLink"])
    rest = office.ask("GET", f"{link.path}?{link.query}")
    assert [each["externalId"] for each in [*page.data, *rest.data]] == [later, row]
    assert "nextLink" not in rest.body


def test_a_conflict_closes_by_itself_when_the_other_record_is_purged(office: Office, first: str, second: str) -> None:
    office.ask("DELETE", f"{first}?purge=true")
    assert sync(office, second)["created"] == 1
    closed = only(office, second, "?status=all")
    assert (closed["status"], closed["choice"], closed["resolvedBy"]) == ("resolved", None, None)
    assert closed["resolvedAt"] is not None


def test_a_conflict_that_closed_by_itself_cannot_be_decided(office: Office, first: str, second: str) -> None:
    office.ask("DELETE", f"{first}?purge=true")
    sync(office, second)
    refused = resolve(office, second, "source")
    assert (refused.status, refused.code) == (409, "CONFLICT_RESOLVED")


def test_a_choice_that_comes_after_the_other_record_went_lets_the_record_in(
    office: Office, first: str, second: str
) -> None:
    office.ask("DELETE", f"{first}?purge=true")
    assert resolve(office, second, "source").status == 200
    assert (len(office.stored()), sync(office, second)["unchanged"]) == (1, 1)


def test_a_purged_integration_takes_its_conflicts_with_it(office: Office, second: str) -> None:
    office.ask("DELETE", f"{second}?purge=true")
    again = f"/api/integrations/{office.integrated(connection=ELSEWHERE)}"
    assert office.ask("GET", f"{again}/conflicts?status=all").data == []


def test_a_conflict_of_a_product_is_one_too(office: Office) -> None:
    home = f"/api/integrations/{office.integrated()}"
    item = office.company.add("items", "Chair")
    sync(office, home)
    other = f"/api/integrations/{office.integrated(connection=ELSEWHERE)}"
    office.company.put("items", item, "Stool")
    sync(office, other)
    assert resolve(office, other, "source").data["entityType"] == "PRODUCT"
    assert office.stored(EntityType.PRODUCTS)[0].fields["name"] == "Stool"
