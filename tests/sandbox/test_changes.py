"""Changes of the data: at once, late, rolled back, and while a client pages."""

from datetime import UTC, datetime

import pytest

from sandbox.control import ControlError
from tests.sandbox.clients import Caller

_SINCE = "lastModifiedDateTime ge 2026-09-01T00:00:00.000Z"


def test_a_patched_row_is_modified_now(caller: Caller) -> None:
    caller.control.clock(set="2026-10-01T08:00:00.1Z", freeze=True)
    row = caller.control.patch_row("vendors", {"city": "Riga"}, number="10000")
    assert row["lastModifiedDateTime"] == "2026-10-01T08:00:00.1Z"


def test_a_patched_row_has_another_etag(caller: Caller) -> None:
    before = caller.get("vendors", filter="number eq '10000'").json()["value"][0]["@odata.etag"]
    caller.control.patch_row("vendors", {"balance": 5}, number="10000", modified="keep")
    row = caller.get("vendors", filter="number eq '10000'").json()["value"][0]
    assert (row["@odata.etag"] != before, row["lastModifiedDateTime"]) == (True, "2026-08-22T06:38:40Z")


def test_a_late_commit_shows_an_old_instant(caller: Caller) -> None:
    caller.control.put_row("items", {"number": "LATE"}, modified="2026-09-01T10:00:00.005Z")
    rows = caller.get("items", filter=_SINCE).json()["value"]
    assert [row["lastModifiedDateTime"] for row in rows] == ["2026-09-01T10:00:00.007Z"]


def test_a_delta_filter_finds_touched_rows_only(caller: Caller) -> None:
    touched = caller.control.touch("items", 5)
    assert caller.values("items", "id", filter=_SINCE) == sorted(touched)


def test_a_new_row_is_blank_where_nothing_was_said(caller: Caller) -> None:
    caller.control.put_row("vendors", {"number": "NEW", "displayName": "New"})
    row = caller.get("vendors", filter="number eq 'NEW'").json()["value"][0]
    assert (row["city"], row["blocked"], row["currencyId"]) == ("", "_x0020_", "00000000-0000-0000-0000-000000000000")


def test_a_deleted_row_leaves_no_trace(caller: Caller) -> None:
    gone = caller.control.delete_row("vendors", number="10000")
    assert caller.get(f"vendors({gone['id']})").status_code == 404
    assert caller.get("vendors/$count").text == "65"


def test_a_deleted_row_can_come_back(caller: Caller) -> None:
    gone = caller.control.delete_row("vendors", number="10000")
    caller.control.put_row("vendors", gone)
    assert caller.values("vendors", filter="number eq '10000'") == ["10000"]


def test_a_renumbered_row_moves(caller: Caller) -> None:
    caller.control.set_switch(row_order="number")
    caller.values("vendors")
    caller.control.patch_row("vendors", {"number": "ZZZ"}, number="10000")
    assert caller.values("vendors")[-1] == "ZZZ"
    assert caller.values("vendors", filter="number eq '10000'") == []


def test_an_uncommitted_row_is_seen_and_rolls_back(caller: Caller) -> None:
    caller.control.put_row("vendors", {"number": "GHOST"}, transaction="t")
    caller.control.patch_row("vendors", {"city": "Ghost Town"}, number="10000", transaction="t")
    assert caller.values("vendors", filter="number eq 'GHOST'") == ["GHOST"]
    caller.control.rollback("t")
    assert caller.values("vendors", filter="number eq 'GHOST' or number eq 'x'") == []
    assert caller.values("vendors", "lastModifiedDateTime", filter="number eq '10000'") == ["2026-08-22T06:38:40Z"]


def test_a_committed_row_stays(caller: Caller) -> None:
    caller.control.put_row("vendors", {"number": "SOLID"}, transaction="t")
    caller.control.change({"op": "commit", "transaction": "t"})
    caller.control.rollback("t")
    assert caller.values("vendors", filter="number eq 'SOLID'") == ["SOLID"]


def test_a_hook_fires_after_its_page(caller: Caller) -> None:
    patch = {"op": "patch", "set": "vendors", "number": "10000", "values": {"city": "Hooked"}}
    caller.control.hook("vendors", 2, [patch])
    cities = [caller.get("vendors", {"Prefer": "odata.maxpagesize=66"}).text.count("Hooked") for _ in range(3)]
    assert cities == [0, 0, 1]


def test_a_row_deleted_while_paging_is_not_seen(caller: Caller) -> None:
    last = max(row["id"] for row in caller.control.rows("vendors"))
    caller.control.hook("vendors", 1, [{"op": "delete", "set": "vendors", "id": last}])
    assert last not in {row["id"] for row in caller.walk("vendors", 50)}


def test_a_company_may_vanish_while_paging(caller: Caller) -> None:
    caller.control.hook("vendors", 1, [{"op": "remove_company", "company": "cronus"}])
    link = caller.get("vendors", {"Prefer": "odata.maxpagesize=2"}).json()["@odata.nextLink"]
    assert caller.follow(link).json()["error"]["code"] == "Internal_CompanyNotFound"


def test_a_renamed_company_keeps_its_id(caller: Caller) -> None:
    caller.control.change({"op": "rename", "company": "cronus", "name": "CRONUS X", "display_name": "X"})
    row = caller.follow(f"{caller.root}/companies({caller.company_id})").json()
    assert (row["id"], row["name"], row["displayName"]) == (caller.company_id, "CRONUS X", "X")


def test_a_renamed_environment_is_gone_under_its_old_name(caller: Caller) -> None:
    caller.control.change({"op": "rename_environment", "name": "Live"})
    assert caller.get("vendors").json()["error"]["code"] == "NoEnvironment"
    assert caller.follow(f"{caller.url}/v2.0/Live/api/v2.0/companies").status_code == 200


def test_a_change_of_the_custom_set_modifies_the_item(caller: Caller) -> None:
    caller.control.patch_row("itemsEudr", {"tariffNumber": "0901 11"}, number="1000")
    assert caller.values("items", filter=_SINCE) == ["1000"]


def test_a_change_of_a_page_with_a_table_of_its_own_leaves_the_item_alone(caller: Caller) -> None:
    changed = caller.control.patch_row("itemOrigins", {"tariffNumber": "0901 11"}, number="1000")
    assert caller.values("items", filter=_SINCE) == []
    assert changed["id"] == next(row["id"] for row in caller.control.rows("items") if row["number"] == "1000")


def test_a_row_can_come_to_a_page_with_a_table_of_its_own(caller: Caller) -> None:
    made = caller.control.put_row("itemOrigins", {"number": "X1", "countryOfOrigin": "CI"})
    assert (made["tariffNumber"], made["countryOfOrigin"], made["vendorNumber"]) == ("", "CI", "")


def test_a_copied_environment_holds_the_same_ids(caller: Caller) -> None:
    original = {row["id"] for row in caller.control.rows("vendors")}
    assert {row["id"] for row in caller.control.rows("vendors", environment="Sandbox-1")} == original


def test_two_companies_share_no_ids(caller: Caller) -> None:
    ids = [{row["id"] for row in caller.control.rows("vendors", company=key)} for key in ("cronus", "contoso")]
    assert ids[0].isdisjoint(ids[1])


@pytest.mark.parametrize(
    "change",
    [
        {"op": "explode"},
        {"op": "delete", "set": "vendors", "number": "nobody"},
        {"op": "delete", "set": "nothing"},
        {"op": "touch", "set": "items", "company": "nowhere"},
        {"op": "touch", "set": "items", "modified": "yesterday"},
    ],
)
def test_a_change_that_makes_no_sense_is_refused(caller: Caller, change: dict[str, str]) -> None:
    with pytest.raises(ControlError):
        caller.control.change(change)


def test_reset_brings_everything_back(caller: Caller) -> None:
    caller.control.delete_row("vendors", number="10000")
    caller.control.clock(set="2030-01-01T00:00:00Z")
    caller.control.set_switch(window_limit=1)
    caller.control.reset()
    assert len(caller.control.rows("vendors")) == 66
    assert caller.control.clock()[:4] == str(datetime.now(UTC).year)
    assert caller.control.call("GET", "switches")["window_limit"] == 6000
