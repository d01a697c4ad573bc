"""The Sync Config over HTTP: mappings, and their versions."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from sync.model.entity import EntityType
from sync.model.mapping import MappingVersion
from tests.triggers.kit import CONNECTION, TENANT, Office, Reply

NAME = {"source": "displayName", "target": "name", "transform": "trim", "required": True}
SMALL: dict[str, Any] = {"source": {"route": "v2.0", "entitySet": "vendors"}, "fields": [NAME]}


@pytest.fixture
def home(office: Office) -> str:
    return f"/api/integrations/{office.integrated()}/mappings/suppliers"


def put(office: Office, home: str, body: Any) -> Reply:
    """Replace the mapping as it is now."""
    return office.ask("PUT", home, body, If_Match=office.ask("GET", home).headers["etag"])


def with_city(source: str = "city", **more: Any) -> dict[str, Any]:
    return {**SMALL, "fields": [NAME, {"source": source, "target": "city", **more}]}


def saved(office: Office, home: str, *cities: str) -> None:
    """Make versions 2, 3, … that take the city from these columns."""
    for city in cities:
        assert put(office, home, with_city(city)).status == 200


@pytest.mark.parametrize(("entity", "entity_set"), [("suppliers", "vendors"), ("products", "items")])
def test_the_preset_is_version_1(office: Office, entity: str, entity_set: str) -> None:
    found = office.ask("GET", f"/api/integrations/{office.integrated()}/mappings/{entity}")
    assert found.data["source"] == {"route": "v2.0", "entitySet": entity_set}
    assert (found.data["version"], found.data["savedAt"], found.data["savedBy"]) == (1, None, None)
    assert NAME in found.data["fields"]


def test_a_mapping_is_shown_as_it_was_put(office: Office, home: str) -> None:
    source = {"route": "a/b/v1.0", "entitySet": "things", "filter": "city eq 'Riga'", "expand": ["picture"]}
    body = {"source": source, "fields": [NAME, {"source": None, "target": "custom.x", "default": 7}]}
    changed = put(office, home, body)
    shown = office.ask("GET", home)
    assert {name: shown.data[name] for name in ("source", "fields", "version")} == {**body, "version": 2}
    assert (changed.data, changed.headers["etag"]) == (shown.data, shown.headers["etag"])


def test_the_vocabulary_tells_what_may_be_filled_and_how(office: Office, home: str) -> None:
    found = office.ask("GET", f"{home}/vocabulary").data
    assert found["targets"][0] == {"name": "name", "kind": "text", "maxLength": 100, "required": True}
    options = {each["name"]: each["options"] for each in found["transforms"]}
    assert options["truncate"] == [{"name": "max", "kind": "size", "required": True}]


def test_a_version_tells_who_made_it_and_when(office: Office, home: str) -> None:
    data = put(office, home, SMALL).data
    assert (data["savedBy"], data["savedAt"]) == (f"{TENANT}:alice", "2026-01-05T08:00:00Z")


def test_a_mapping_that_does_the_same_makes_no_version(office: Office, home: str) -> None:
    first = put(office, home, with_city())
    turned = deepcopy(first.data)
    turned["fields"].reverse()
    again = put(office, home, turned)
    assert (again.status, again.data, again.headers["etag"]) == (200, first.data, first.headers["etag"])


def test_a_change_names_what_it_was_made_from(office: Office, home: str) -> None:
    refused = office.ask("PUT", home, SMALL)
    assert (refused.status, refused.code) == (428, "IF_MATCH_MISSING")


def test_a_change_of_an_older_version_is_refused(office: Office, home: str) -> None:
    etag = office.ask("GET", home).headers["etag"]
    office.ask("PUT", home, SMALL, If_Match=etag)
    refused = office.ask("PUT", home, with_city(), If_Match=etag)
    assert (refused.status, refused.code) == (412, "PRECONDITION_FAILED")


def test_of_two_changes_at_once_one_is_refused(office: Office, home: str) -> None:
    store = office.desk.mappings
    other = MappingVersion(home.split("/")[3], EntityType.SUPPLIERS, 2, SMALL)

    class Late:
        """A store in which someone else is always faster."""

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def add(self, *versions: MappingVersion) -> None:
            store.add(other)
            store.add(*versions)

    etag = office.ask("GET", home).headers["etag"]
    office.hub = replace(office.hub, desk=replace(office.desk, mappings=Late()))
    refused = office.ask("PUT", home, with_city(), If_Match=etag)
    assert (refused.status, refused.code) == (412, "PRECONDITION_FAILED")


def test_every_problem_of_a_mapping_is_told_with_its_place(office: Office, home: str) -> None:
    bad = {
        "source": {"route": "nope/", "entitySet": "ven dors", "filter": "city eq 'x", "colour": 1},
        "fields": [{"source": "a", "target": "nosuch"}, {"source": "b", "target": "city", "transform": "louder"}],
    }
    refused = put(office, home, bad)
    assert (refused.status, refused.code) == (422, "INVALID")
    assert refused.pointers == {
        "/source/route": "INVALID_ROUTE",
        "/source/entitySet": "INVALID_NAME",
        "/source/filter": "INVALID_FILTER",
        "/source/colour": "MEMBER_UNKNOWN",
        "/fields": "REQUIRED_TARGET_MISSING",
        "/fields/0/target": "UNKNOWN_TARGET",
        "/fields/1/transform": "UNKNOWN_TRANSFORM",
    }


def test_a_member_that_a_mapping_does_not_have_is_refused(office: Office, home: str) -> None:
    refused = put(office, home, {**SMALL, "a/b": 1, "filter": "city ne ''", "fields": [NAME, NAME]})
    assert refused.pointers == {
        "/a~1b": "MEMBER_UNKNOWN",
        "/filter": "MEMBER_UNKNOWN",
        "/fields/1/target": "DUPLICATE_TARGET",
    }


def test_a_mapping_may_be_sent_back_as_it_is_shown(office: Office, home: str) -> None:
    saved(office, home, "city", "state")
    assert put(office, home, office.ask("GET", home).data).data["version"] == 3


def test_a_refused_mapping_changes_nothing(office: Office, home: str) -> None:
    before = office.ask("GET", home)
    put(office, home, {"fields": []})
    assert office.ask("GET", home).data == before.data


def test_fields_of_the_other_entity_type_are_unknown(office: Office, home: str) -> None:
    body = {**SMALL, "fields": [NAME, {"source": "gtin", "target": "gtin"}]}
    assert put(office, home, body).pointers == {"/fields/1/target": "UNKNOWN_TARGET"}


def test_versions_are_listed_newest_first_from_the_preset_on(office: Office, home: str) -> None:
    assert [each["version"] for each in office.ask("GET", f"{home}/versions").data] == [1]
    saved(office, home, "city", "state", "number")
    first = office.ask("GET", f"{home}/versions?limit=3")
    second = office.ask("GET", first.body["nextLink"].removeprefix("https://hub.example"))
    assert [each["version"] for each in first.data + second.data] == [4, 3, 2, 1]
    assert "nextLink" not in second.body


def test_an_old_version_keeps_its_content(office: Office, home: str) -> None:
    preset = office.ask("GET", home).data
    saved(office, home, "city", "state")
    assert office.ask("GET", f"{home}/versions/1").data == preset
    assert office.ask("GET", f"{home}/versions/2").data["fields"][1]["source"] == "city"


@pytest.mark.parametrize("version", ["0", "2", "-1", "x", "9" * 30])
def test_a_version_that_is_not_there_is_not_found(office: Office, home: str, version: str) -> None:
    refused = office.ask("GET", f"{home}/versions/{version}")
    assert (refused.status, refused.code) == (404, "NOT_FOUND")


def test_a_version_is_compared_with_the_one_before(office: Office, home: str) -> None:
    put(office, home, with_city())
    put(office, home, {"source": {**SMALL["source"], "filter": "city ne ''"}, "fields": with_city("state")["fields"]})
    assert office.ask("GET", f"{home}/versions/3/diff").data == {
        "version": 3,
        "against": 2,
        "source": {"before": SMALL["source"], "after": {**SMALL["source"], "filter": "city ne ''"}},
        "added": [],
        "removed": [],
        "changed": [
            {
                "target": "city",
                "before": {"source": "city", "target": "city"},
                "after": {"source": "state", "target": "city"},
            }
        ],
    }


def test_a_version_is_compared_with_any_other(office: Office, home: str) -> None:
    put(office, home, SMALL)
    put(office, home, with_city())
    found = office.ask("GET", f"{home}/versions/2/diff?against=3").data
    assert (found["version"], found["against"], found["source"]) == (2, 3, None)
    assert (found["added"], [each["target"] for each in found["removed"]]) == ([], ["city"])


def test_the_first_version_differs_from_nothing(office: Office, home: str) -> None:
    found = office.ask("GET", f"{home}/versions/1/diff").data
    assert (found["against"], found["added"], found["removed"], found["changed"]) == (1, [], [], [])


@pytest.mark.parametrize(("against", "status"), [("x", 422), ("9", 404)])
def test_a_comparison_needs_a_version_to_compare_with(office: Office, home: str, against: str, status: int) -> None:
    assert office.ask("GET", f"{home}/versions/1/diff?against={against}").status == status


def test_a_restored_version_is_a_new_one_with_the_old_content(office: Office, home: str) -> None:
    saved(office, home, "city", "state")
    etag = office.ask("GET", home).headers["etag"]
    restored = office.ask("POST", f"{home}/versions/2/restore", If_Match=etag)
    assert (restored.status, restored.data["version"], restored.data["restoredFrom"]) == (200, 4, 2)
    assert restored.data["fields"] == with_city()["fields"]
    assert office.ask("GET", home).headers["etag"] == restored.headers["etag"]


def test_the_preset_can_be_restored(office: Office, home: str) -> None:
    preset = office.ask("GET", home).data
    etag = put(office, home, SMALL).headers["etag"]
    assert office.ask("POST", f"{home}/versions/1/restore", If_Match=etag).data["fields"] == preset["fields"]


def test_restoring_what_is_current_makes_no_version(office: Office, home: str) -> None:
    etag = put(office, home, SMALL).headers["etag"]
    assert office.ask("POST", f"{home}/versions/2/restore", If_Match=etag).data["version"] == 2


@pytest.mark.parametrize(("etag", "status"), [("", 428), ('"old"', 412)])
def test_restoring_names_what_it_was_made_from(office: Office, home: str, etag: str, status: int) -> None:
    assert office.ask("POST", f"{home}/versions/1/restore", If_Match=etag).status == status


def test_a_version_that_this_release_cannot_use_is_not_restored(office: Office, home: str) -> None:
    odd = {**SMALL, "fields": [{**NAME, "transform": "of-an-earlier-release"}]}
    office.desk.mappings.add(MappingVersion(home.split("/")[3], EntityType.SUPPLIERS, 2, odd))
    put(office, home, SMALL)
    refused = office.ask("POST", f"{home}/versions/2/restore", If_Match="*")
    assert (refused.status, refused.code) == (409, "MAPPING_INVALID")
    assert office.ask("GET", f"{home}/versions/2").data["fields"] == odd["fields"]


def test_a_removed_integration_takes_its_mappings_along(office: Office, home: str) -> None:
    put(office, home, SMALL)
    integration_id = home.split("/")[3]
    office.ask("DELETE", f"/api/integrations/{integration_id}")
    assert dict(office.desk.mappings.current(integration_id)) == {}


def test_a_preview_shows_what_would_change_and_writes_nothing(office: Office, home: str) -> None:
    integration = home.removesuffix("/mappings/suppliers")
    ids = [office.company.add("vendors", name) for name in ("low", "LOUD")]
    office.ask("POST", f"{integration}/dynamics/sync")
    before = office.stored()
    louder = {**NAME, "transform": "upper"}
    found = office.ask("POST", f"{home}/preview", {"mapping": {**SMALL, "fields": [louder]}})
    by_id = {each["externalId"]: each for each in found.data["records"]}
    assert (by_id[ids[0]]["before"]["name"], by_id[ids[0]]["after"]["name"]) == ("low", "LOW")
    assert (by_id[ids[0]]["changed"], by_id[ids[1]]["changed"]) == (["name", "number"], ["number"])
    assert (office.stored(), office.ask("GET", home).data["version"]) == (before, 1)


def test_a_preview_uses_the_current_mapping_unless_it_brings_one(office: Office, home: str) -> None:
    office.company.add("vendors", "low")
    put(office, home, {**SMALL, "fields": [{**NAME, "transform": "upper"}]})
    (found,) = office.ask("POST", f"{home}/preview").data["records"]
    assert (found["before"], found["after"]["name"], found["after"]["custom"]) == (None, "LOW", {})
    assert (found["changed"], "error" in found) == (["name"], False)


def test_a_preview_shows_custom_fields_apart(office: Office, home: str) -> None:
    office.company.add("vendors", "a")
    custom = {**SMALL, "fields": [NAME, {"source": None, "target": "custom.risk", "default": "low"}]}
    (found,) = office.ask("POST", f"{home}/preview", {"mapping": custom}).data["records"]
    assert (found["after"]["custom"], found["changed"]) == ({"risk": "low"}, ["name", "custom.risk"])


def test_a_preview_tells_what_a_record_fails_at(office: Office, home: str) -> None:
    office.company.add("vendors", "")
    (found,) = office.ask("POST", f"{home}/preview").data["records"]
    assert (found["after"], found["changed"], found["error"]["code"]) == (None, [], "REQUIRED_FIELD_MISSING")
    assert found["error"]["data"] == {"displayName": ""}


def test_a_preview_looks_at_as_many_records_as_asked_for(office: Office, home: str) -> None:
    for number in range(12):
        office.company.add("vendors", f"v{number}")
    counts = [len(office.ask("POST", f"{home}/preview", body).data["records"]) for body in (None, {}, {"sample": 3})]
    assert counts == [10, 10, 3]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"sample": 0}, {"/sample"}),
        ({"sample": 101}, {"/sample"}),
        ({"size": 1}, {"/size"}),
        ({"mapping": []}, {"/mapping"}),
        ({"mapping": {"fields": [NAME]}}, {"/mapping/source"}),
        ({"mapping": {**SMALL, "fields": [{**NAME, "colour": 1}]}}, {"/mapping/fields/0/colour"}),
    ],
)
def test_an_unusable_preview_is_refused_with_its_places(
    office: Office, home: str, body: Any, pointers: set[str]
) -> None:
    refused = office.ask("POST", f"{home}/preview", body)
    assert (refused.status, set(refused.pointers)) == (422, pointers)


def test_a_preview_compares_only_with_the_integrations_own_records(office: Office, home: str) -> None:
    office.company.add("vendors", "a")
    office.ask("POST", f"{home.removesuffix('/mappings/suppliers')}/dynamics/sync")
    other = office.integrated(connection={**CONNECTION, "environment": "Sandbox"})
    (found,) = office.ask("POST", f"/api/integrations/{other}/mappings/suppliers/preview").data["records"]
    assert found["before"] is None


def test_a_preview_without_a_company_looks_into_the_first(office: Office) -> None:
    office.company.add("vendors", "a")
    found = office.integrated(connection={**CONNECTION, "companyId": None})
    assert len(office.ask("POST", f"/api/integrations/{found}/mappings/suppliers/preview").data["records"]) == 1


def test_a_schema_shows_fields_with_types_lengths_and_samples(office: Office, home: str) -> None:
    office.company.add("vendors", "")
    office.company.add("vendors", "Adatum")
    found = office.ask("GET", f"{home.removesuffix('/mappings/suppliers')}/dynamics/schema?entitySet=vendors").data
    fields = {each["name"]: each for each in found["fields"]}
    assert (found["entitySet"], found["expands"]) == ("vendors", ["picture"])
    assert fields["displayName"] == {
        "name": "displayName",
        "type": "Edm.String",
        "length": 20,
        "members": [],
        "caption": "Displayname",
        "sample": "Adatum",
    }
    assert (fields["blocked"]["members"], fields["website"]["sample"]) == (["_x0020_", "All"], None)


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("", {"/entitySet": "MISSING"}),
        ("?entitySet=ven/dors", {"/entitySet": "INVALID_NAME"}),
        ("?entitySet=x&route=../y", {"/route": "INVALID_ROUTE"}),
    ],
)
def test_a_schema_is_of_an_entity_set_and_a_route(
    office: Office, home: str, query: str, pointers: dict[str, str]
) -> None:
    refused = office.ask("GET", f"{home.removesuffix('/mappings/suppliers')}/dynamics/schema{query}")
    assert (refused.status, refused.pointers) == (422, pointers)


def test_an_entity_set_that_is_not_there_is_told(office: Office, home: str) -> None:
    refused = office.ask("GET", f"{home.removesuffix('/mappings/suppliers')}/dynamics/schema?entitySet=nosuch")
    assert (refused.status, refused.code) == (502, "ENTITY_SET_NOT_FOUND")
