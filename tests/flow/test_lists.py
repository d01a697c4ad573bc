"""Lists: pages that are walked to the end hold everything once; filters; ids with odd characters in paths."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.flow.kit import Caller, Connector, Site, ago, pointers

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

LISTS = ["/suppliers", "/products", "/runs", "/sync-logs"]


@pytest.mark.parametrize("rest", LISTS)
@pytest.mark.parametrize("limit", ["", "0", "201", "-1", "x", "1.5", "٣"])
def test_a_limit_outside_1_to_200_is_422(library: Site, rest: str, limit: str) -> None:
    assert pointers(library.call("GET", f"{rest}?limit={limit}")) == {"/limit"}


@pytest.mark.parametrize("limit", ["0", "201"])
def test_the_limit_holds_for_integrations_too(library: Site, limit: str) -> None:
    assert pointers(library.hub.call("GET", f"/api/integrations?limit={limit}")) == {"/limit"}


def test_a_page_has_50_items_by_default(library: Site) -> None:
    answer = library.call("GET", "/products")
    assert len(answer.data) == 50
    assert answer.body["success"] is True


def test_the_last_page_has_no_next_link(library: Site) -> None:
    answer = library.call("GET", "/products?limit=200")
    assert len(answer.data) == 149
    assert "nextLink" not in answer.body


def test_a_next_link_is_absolute_and_keeps_the_question(library: Site) -> None:
    following = library.call("GET", "/products?limit=7&syncStatus=synced").body["nextLink"]
    parts = urlsplit(following)
    assert f"{parts.scheme}://{parts.netloc}" == library.hub.url
    assert parts.path == library.path("/products")
    assert parse_qs(parts.query) | {"limit": ["7"], "syncStatus": ["synced"]} == parse_qs(parts.query)


@pytest.mark.parametrize(("entity", "limit"), [("suppliers", 7), ("products", 50), ("products", 149)])
def test_walking_all_pages_yields_every_record_once(library: Site, entity: str, limit: int) -> None:
    rows = {row["id"] for row in library.rows({"suppliers": "vendors", "products": "items"}[entity])}
    found = [each["externalId"] for each in library.hub.everything(library.path(f"/{entity}?limit={limit}"))]
    assert sorted(found) == sorted(rows)


def test_walking_a_filtered_list_yields_every_match_once(library: Site) -> None:
    whole = {each["externalId"] for each in library.records("suppliers") if "Ltd" in each["name"]}
    found = [each["externalId"] for each in library.hub.everything(library.path("/suppliers?limit=2&q=Ltd"))]
    assert sorted(found) == sorted(whole)
    assert whole


def test_walking_the_log_yields_every_entry_once(library: Site) -> None:
    whole = [each["id"] for each in library.get("/sync-logs?limit=200")]
    assert [each["id"] for each in library.hub.everything(library.path("/sync-logs?limit=1"))] == whole


def test_integrations_are_listed_newest_first_page_by_page(connector: Connector, alice: Caller) -> None:
    made = [connector.connect(alice).id for _ in range(5)]
    assert [each["id"] for each in alice.everything("/api/integrations?limit=2")] == made[::-1]


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "%00", "WyIxYTk2YTE3YWI0MDAiLDAsIiJd"])
def test_a_made_up_cursor_is_422(library: Site, cursor: str) -> None:
    assert library.call("GET", f"/suppliers?cursor={cursor}").status == 422


def test_a_cursor_of_another_list_is_422(library: Site) -> None:
    cursor = parse_qs(urlsplit(library.call("GET", "/products?limit=1").body["nextLink"]).query)["cursor"][0]
    assert library.call("GET", f"/suppliers?limit=1&cursor={cursor}").status == 422


def test_records_are_found_by_status(library: Site) -> None:
    assert len(library.records("products", "&syncStatus=synced")) == 149
    assert library.records("products", "&syncStatus=error") == []
    assert library.records("products", "&syncStatus=conflict") == []


def test_records_are_found_by_when_they_were_updated(library: Site) -> None:
    assert len(library.records("products", f"&updatedSince={ago(hours=1)}")) == 149
    assert library.records("products", "&updatedSince=2100-01-01T00:00:00Z") == []


def test_a_plus_in_a_time_may_go_unencoded(library: Site) -> None:
    assert library.records("products", "&updatedSince=2100-01-01T00:00:00+01:00") == []


@pytest.mark.parametrize("text", ["beschläge", "BESCHLÄGE", "Beschl%C3%A4ge"])
def test_records_are_found_by_text_in_any_case(library: Site, text: str) -> None:
    assert ["Beschläge" in each["name"] for each in library.records("suppliers", f"&q={text}")] == [True]


def test_records_are_found_by_number(library: Site) -> None:
    assert "50000" in {each["number"] for each in library.records("suppliers", "&q=50000")}


def test_an_id_in_a_path_may_be_percent_encoded(library: Site) -> None:
    known = library.get("/suppliers?limit=1")[0]["externalId"]
    encoded = "".join(f"%{ord(each):02X}" for each in known)
    assert library.get(f"/suppliers/{encoded}")["externalId"] == known


def test_an_id_in_a_path_is_found_in_its_own_entity_type_only(library: Site) -> None:
    known = library.get("/suppliers?limit=1")[0]["externalId"]
    assert library.call("GET", f"/products/{known}").status == 404
