"""Suppliers and products over HTTP."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from sync.engine.buckets import bucket_count
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.record import Record, SetKey, SyncStatus
from tests.triggers.kit import CONNECTION, TENANT, Office

KEY = SetKey(f"{TENANT}:alice", EXTERNAL_SYSTEM, EntityType.SUPPLIERS)
ELSEWHERE = {**CONNECTION, "environment": "Sandbox"}


@pytest.fixture
def home(office: Office) -> str:
    return f"/api/integrations/{office.integrated()}"


def test_a_synced_record_shows_every_member_of_the_contract(office: Office, home: str) -> None:
    _sync(office, home, "Adatum")
    record = office.ask("GET", f"{home}/suppliers").data[0]
    assert set(record) >= {
        *("name", "number", "address", "city", "state", "country", "postalCode", "email", "phone", "website"),
        *("taxId", "blocked", "externalId", "externalSystem", "userId", "integrationId", "syncStatus"),
        *("lastSyncedAt", "sourceModifiedAt", "presentInSource", "custom"),
    }
    assert (record["externalSystem"], record["userId"]) == ("dynamics_bc", f"{TENANT}:alice")


def test_products_show_their_own_fields(office: Office, home: str) -> None:
    office.company.add("items", "Chair")
    office.ask("POST", f"{home}/dynamics/sync")
    record = office.ask("GET", f"{home}/products").data[0]
    assert (record["name"], record["hsCode"], "taxId" in record) == ("Chair", None, False)


def test_a_listing_is_filtered(office: Office, home: str) -> None:
    _sync(office, home, "Adatum", "Contoso", "")
    names = [each["name"] for each in office.ask("GET", f"{home}/suppliers?q=dat").data]
    assert (names, len(office.ask("GET", f"{home}/suppliers?updatedSince=2027-01-01T00:00:00Z").data)) == (
        ["Adatum"],
        0,
    )


def test_every_problem_of_a_filter_is_told(office: Office, home: str) -> None:
    refused = office.ask("GET", f"{home}/suppliers?syncStatus=lost&updatedSince=monday")
    assert refused.pointers == {"/syncStatus": "UNKNOWN_VALUE", "/updatedSince": "INVALID_TIME"}


def test_a_status_that_is_sent_empty_is_none(office: Office, home: str) -> None:
    assert office.ask("GET", f"{home}/suppliers?syncStatus=").pointers == {"/syncStatus": "UNKNOWN_VALUE"}


def test_a_time_may_be_written_with_a_small_z(office: Office, home: str) -> None:
    _sync(office, home, "Adatum")
    assert len(office.ask("GET", f"{home}/suppliers?updatedSince=2020-01-01t00:00:00z").data) == 1


@pytest.mark.parametrize("limit", ["", "0", "201", "-1", "ten", "1.5", "99999"])
def test_a_page_has_1_to_200_items(office: Office, home: str, limit: str) -> None:
    assert office.ask("GET", f"{home}/suppliers?limit={limit}").pointers == {"/limit": "OUT_OF_RANGE"}


def test_a_cursor_of_another_listing_is_refused(office: Office, home: str) -> None:
    _sync(office, home, "A", "B")
    link = office.ask("GET", f"{home}/suppliers?limit=1").body["nextLink"]
    refused = office.ask("GET", f"{home}/products?cursor={link.split('cursor=')[1]}")
    assert (refused.status, refused.code) == (422, "INVALID_CURSOR")


def test_pages_hold_each_record_once_and_keep_the_filter(office: Office, home: str) -> None:
    _sync(office, home, "Zed1", "Zed2", "Other", "Zed3")
    first = office.ask("GET", f"{home}/suppliers?limit=2&q=zed")
    second = office.ask("GET", first.body["nextLink"].removeprefix("https://hub.example"))
    assert sorted(each["name"] for each in first.data + second.data) == ["Zed1", "Zed2", "Zed3"]
    assert (len(first.data), "nextLink" in second.body) == (2, False)


def test_a_listing_shows_only_the_records_of_its_integration(office: Office, home: str) -> None:
    _sync(office, home, "A", "B", "C")
    other = f"/api/integrations/{office.integrated(connection=ELSEWHERE)}"
    office.ask("POST", f"{other}/suppliers", {"name": "Own"})
    assert [each["name"] for each in office.ask("GET", f"{other}/suppliers?limit=1").data] == ["Own"]


@pytest.mark.parametrize(("own", "others", "pages"), [(60, 0, [2] * 30), (5, 2_500, [2, 2, 1]), (0, 300, [0])])
@pytest.mark.parametrize("query", ["", "&syncStatus=synced", "&syncStatus=pending", "&q=vendor"])
def test_every_page_but_the_last_is_full_whatever_other_integrations_have(
    office: Office, home: str, query: str, own: int, others: int, pages: list[int]
) -> None:
    status = SyncStatus.PENDING if "pending" in query else SyncStatus.SYNCED
    _stored(office, home.split("/")[3], own, status)
    _stored(office, "int_of_others", others, status)
    assert _pages(office, f"{home}/suppliers?limit=2{query}") == pages


def test_a_record_of_another_integration_is_not_found(office: Office, home: str) -> None:
    _sync(office, home, "A")
    external_id = office.stored()[0].external_id
    other = office.integrated(connection=ELSEWHERE)
    assert office.ask("GET", f"/api/integrations/{other}/suppliers/{external_id}").status == 404


def test_records_are_shown_by_the_integration_that_reads_their_company_now(office: Office, home: str) -> None:
    _sync(office, home, "A")
    office.ask("DELETE", home)
    later = office.integrated()
    office.ask("POST", f"/api/integrations/{later}/dynamics/sync")
    shown = office.ask("GET", f"/api/integrations/{later}/suppliers").data
    assert [(each["name"], each["integrationId"]) for each in shown] == [("A", later)]


def test_an_id_with_a_slash_is_found_by_its_encoded_form(office: Office, home: str) -> None:
    records, _ = office.desk.records.open_set(KEY, expected=1)
    odd = Record("a/b c", {"name": "Odd"}, integration_id=home.split("/")[3], source="s")
    office.desk.records.create(records, odd)
    assert office.ask("GET", f"{home}/suppliers/{quote('a/b c', safe='')}").data["name"] == "Odd"


def test_an_edit_changes_fields_and_merges_custom(office: Office, home: str) -> None:
    path = _made(office, home, {"name": "Own", "city": "Riga", "custom": {"a": 1, "b": 2}})
    after = office.ask(
        "PATCH", path, {"city": None, "phone": " 1 ", "custom": {"b": None, "c": "x"}}, If_Match="*"
    ).data
    assert (after["name"], after["city"], after["phone"]) == ("Own", None, "1")
    assert after["custom"] == {"a": 1, "c": "x"}


def test_pins_are_replaced_and_sorted(office: Office, home: str) -> None:
    path = _made(office, home, {"name": "Own", "pinned": ["city"]})
    after = office.ask("PATCH", path, {"pinned": ["name", "city", "name"]}, If_Match="*").data
    assert after["pinned"] == ["city", "name"]
    assert office.ask("PATCH", path, {"city": "x"}, If_Match="*").data["pinned"] == ["city", "name"]


def test_the_second_of_two_edits_from_one_version_is_refused(office: Office, home: str) -> None:
    path = _made(office, home, {"name": "Own"})
    tag = office.ask("GET", path).headers["etag"]
    assert office.ask("PATCH", path, {"city": "a"}, If_Match=tag).status == 200
    assert office.ask("PATCH", path, {"city": "b"}, If_Match=tag).status == 412


def test_an_edit_needs_the_version_it_was_made_from(office: Office, home: str) -> None:
    assert office.ask("PATCH", _made(office, home, {"name": "Own"}), {"city": "a"}).status == 428


def test_a_platform_made_record_has_an_id_of_its_own(office: Office, home: str) -> None:
    made = office.ask("POST", f"{home}/suppliers", {"name": "Own"})
    assert made.headers["location"] == f"{home}/suppliers/{made.data['recordId']}"
    assert (made.data["recordId"][:4], made.data["externalId"], made.data["externalSystem"]) == ("plt_", None, None)


def test_a_set_that_begins_with_a_platform_made_record_has_room_for_a_whole_company(office: Office, home: str) -> None:
    office.ask("POST", f"{home}/suppliers", {"name": "Own"})
    records = office.desk.records.find_set(KEY)
    assert records is not None
    assert records.buckets == bucket_count(None)


def test_every_problem_of_a_record_is_told(office: Office, home: str) -> None:
    body = {
        "name": " ",
        "numbr": "1",
        "country": 7,
        "city": "x" * 101,
        "custom": {"1a": 1, "b": [], "c": "x" * 16_001},
        "pinned": ["nme"],
    }
    assert office.ask("POST", f"{home}/suppliers", body).pointers == {
        "/name": "MISSING",
        "/numbr": "UNKNOWN_MEMBER",
        "/country": "WRONG_TYPE",
        "/city": "TOO_LONG",
        "/custom/1a": "INVALID_NAME",
        "/custom/b": "WRONG_TYPE",
        "/custom/c": "TOO_LONG",
        "/pinned/0": "UNKNOWN_FIELD",
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "/name"), ({"name": "a", "custom": []}, "/custom"), ({"name": "a", "pinned": "name"}, "/pinned")],
)
def test_a_record_of_the_wrong_form_is_refused(office: Office, home: str, body: object, pointer: str) -> None:
    assert [*office.ask("POST", f"{home}/suppliers", body).pointers] == [pointer]


def test_a_record_has_at_most_100_custom_fields(office: Office, home: str) -> None:
    body = {"name": "Own", "custom": {f"c{index}": 1 for index in range(101)}}
    assert office.ask("POST", f"{home}/suppliers", body).pointers == {"/custom": "TOO_MANY"}


def test_a_mapped_custom_field_stands_beside_the_platforms_own(office: Office, home: str) -> None:
    path = _made(office, home, {"name": "Own", "custom": {"a": 1}})
    found = office.stored()[0]
    fields = {**found.fields, "custom.b": 2}
    office.desk.records.save(KEY, replace(found, fields=fields))
    assert office.ask("GET", path).data["custom"] == {"b": 2, "a": 1}


def test_a_record_with_a_fault_says_what_is_wrong(office: Office, home: str) -> None:
    row = office.company.add("vendors", "A")
    office.ask("POST", f"{home}/dynamics/sync")
    office.clock.pass_by(10)
    office.company.put("vendors", row, "")
    office.ask("POST", f"{home}/dynamics/sync")
    shown = office.ask("GET", f"{home}/suppliers/{row}").data
    assert (shown["name"], shown["syncStatus"], shown["syncError"]["code"]) == ("A", "error", "REQUIRED_FIELD_MISSING")
    assert (shown["syncError"]["attempts"], shown["syncError"]["nextTry"]) == (1, "sync_by_hand")
    (listed,) = office.ask("GET", f"{home}/suppliers?syncStatus=error").data
    assert set(listed["syncError"]) == {"code", "error"}


def _sync(office: Office, home: str, *names: str) -> None:
    for name in names:
        office.company.add("vendors", name)
    assert office.ask("POST", f"{home}/dynamics/sync").status == 200


def _stored(office: Office, integration_id: str, count: int, status: SyncStatus) -> None:
    """Store records that were made through an integration, whether it exists or not."""
    records, _ = office.desk.records.open_set(KEY, expected=2_500)
    for number in range(count):
        name = f"{integration_id}-{number}"
        made = Record(name, {"name": f"Vendor {number}"}, status, integration_id, integration_id)
        office.desk.records.create(records, made)


def _pages(office: Office, path: str) -> list[int]:
    """Return how many records each page has, to the last."""
    found: list[int] = []
    while path:
        page = office.ask("GET", path)
        found.append(len(page.data))
        path = page.body.get("nextLink", "").removeprefix("https://hub.example")
    return found


def _made(office: Office, home: str, body: dict[str, object]) -> str:
    return f"{home}/suppliers/{office.ask('POST', f'{home}/suppliers', body).data['recordId']}"
