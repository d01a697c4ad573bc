"""Pages, cursors, caps, orders and what is switchable about them."""

import pytest

from tests.sandbox.clients import Caller

_TWO = {"Prefer": "odata.maxpagesize=2"}


@pytest.mark.parametrize("order", ["id", "number"])
@pytest.mark.parametrize("size", [7, 65, 66, 67])
def test_a_walk_returns_every_row_once_in_order(caller: Caller, order: str, size: int) -> None:
    caller.control.set_switch(row_order=order)
    values = [row[order] for row in caller.walk("vendors", size)]
    assert values == sorted({row[order] for row in caller.control.rows("vendors")})


def test_a_filtered_walk_in_another_order_returns_every_row_once(caller: Caller) -> None:
    rows = caller.walk("items", 10, filter="unitPrice gt 100", orderby="displayName desc")
    names = [row["displayName"] for row in rows]
    assert names == sorted(names, reverse=True)
    assert len({row["id"] for row in rows}) == len(caller.values("items", filter="unitPrice gt 100"))


def test_an_insert_while_paging_shifts_nothing(caller: Caller) -> None:
    before = {row["id"] for row in caller.control.rows("vendors")}
    caller.control.hook("vendors", 1, [{"op": "upsert", "set": "vendors", "values": {"id": "0" * 8, "number": "NEW"}}])
    ids = [row["id"] for row in caller.walk("vendors", 5)]
    assert (len(ids), set(ids)) == (66, before)


def test_top_is_a_cap_without_a_next_link(caller: Caller) -> None:
    page = caller.get("vendors", top="3").json()
    assert (len(page["value"]), "@odata.nextLink" in page) == (3, False)


def test_a_next_link_carries_the_rest_of_top(caller: Caller) -> None:
    page = caller.get("vendors", _TWO, top="5").json()
    assert "$top=3" in page["@odata.nextLink"]
    assert len(caller.walk("vendors", 2, top="5")) == 5


def test_skip_leaves_out_rows(caller: Caller) -> None:
    assert caller.values("vendors", orderby="number", skip="64") == caller.values("vendors", orderby="number")[64:]


def test_select_keeps_the_etag(caller: Caller) -> None:
    full = caller.get("vendors", top="1").json()["value"][0]
    row = caller.get("vendors", top="1", select="number").json()["value"][0]
    assert row == {"@odata.etag": full["@odata.etag"], "number": full["number"]}


def test_the_order_in_which_columns_are_asked_for_changes_nothing(caller: Caller) -> None:
    rows, turned = (caller.get("vendors", select=names).json()["value"] for names in ("number,city", "city,number"))
    assert list(rows[0]) == list(turned[0])
    assert rows == turned


def test_select_refuses_an_unknown_property(caller: Caller) -> None:
    assert caller.get("vendors", select="hsCode").status_code == 400


def test_count_counts_what_the_filter_selects(caller: Caller) -> None:
    reply = caller.get("vendors/$count", filter="country eq ''")
    assert int(reply.text) == len(caller.values("vendors", filter="country eq ''"))
    assert reply.headers["Content-Type"].startswith("text/plain")


def test_count_as_an_option_counts_all_pages(caller: Caller) -> None:
    assert caller.get("vendors", _TWO, count="true").json()["@odata.count"] == 66


def test_count_as_an_option_can_be_ignored(caller: Caller) -> None:
    caller.control.set_switch(count_option="ignored")
    assert "@odata.count" not in caller.get("vendors", count="true").json()


def test_count_can_start_with_a_byte_order_mark(caller: Caller) -> None:
    caller.control.set_switch(count_mark="sent")
    assert caller.get("vendors/$count").content == b"\xef\xbb\xbf66"


def test_the_page_size_is_clamped(caller: Caller) -> None:
    caller.control.set_switch(max_page_size=10)
    assert len(caller.get("vendors", {"Prefer": "odata.maxpagesize=50000"}).json()["value"]) == 10


def test_an_oversize_page_can_be_refused(caller: Caller) -> None:
    caller.control.set_switch(max_page_size=10, oversize_page="413")
    assert caller.get("vendors", {"Prefer": "odata.maxpagesize=11"}).status_code == 413


@pytest.mark.parametrize(("switch", "rows"), [("forgotten", 64), ("remembered", 2)])
def test_a_next_link_may_remember_the_page_size(caller: Caller, switch: str, rows: int) -> None:
    caller.control.set_switch(preference=switch)
    link = caller.get("vendors", _TWO).json()["@odata.nextLink"]
    assert len(caller.follow(link).json()["value"]) == rows


def test_a_reply_may_say_which_preference_it_applied(caller: Caller) -> None:
    caller.control.set_switch(preference_applied="sent")
    assert caller.get("vendors", _TWO).headers["Preference-Applied"] == "odata.maxpagesize=2"


@pytest.mark.parametrize("order", ["id", "number"])
@pytest.mark.parametrize(("switch", "status"), [("continues", 200), ("400", 400), ("404", 404)])
def test_a_cursor_whose_row_is_gone(caller: Caller, order: str, switch: str, status: int) -> None:
    caller.control.set_switch(dead_cursor=switch, row_order=order)
    page = caller.get("vendors", _TWO).json()
    caller.control.delete_row("vendors", id=page["value"][-1]["id"])
    reply = caller.follow(page["@odata.nextLink"])
    assert reply.status_code == status
    assert status != 200 or len(reply.json()["value"]) == 64


def test_a_broken_cursor_is_refused(caller: Caller) -> None:
    assert caller.get("vendors", skiptoken="x").status_code == 400


def test_expand_adds_unit_and_category(caller: Caller) -> None:
    row = caller.get("items", expand="unitOfMeasure,itemCategory", filter="itemCategoryCode ne ''", top="1").json()[
        "value"
    ][0]
    assert row["unitOfMeasure"]["code"] == row["baseUnitOfMeasureCode"]
    assert row["itemCategory"]["code"] == row["itemCategoryCode"]


def test_expand_refuses_what_it_does_not_know(caller: Caller) -> None:
    assert caller.get("items", expand="bom").status_code == 400


def test_the_second_display_name_can_be_absent(caller: Caller) -> None:
    caller.control.set_switch(display_name_2="absent")
    assert "displayName2" not in caller.get("items", top="1").json()["value"][0]
    assert caller.get("items", select="displayName2").status_code == 400


def test_companies_can_be_filtered_by_rights(caller: Caller) -> None:
    caller.control.set_switch(companies_list="filtered")
    caller.control.set_app(caller.client["clientId"], companies=[caller.company_id])
    assert [row["id"] for row in caller.follow(f"{caller.root}/companies").json()["value"]] == [caller.company_id]


def test_a_company_without_rights_is_forbidden(caller: Caller) -> None:
    caller.control.set_app(caller.client["clientId"], companies=["another"])
    assert caller.get("vendors").status_code == 403


@pytest.mark.parametrize("status", ["404", "400"])
def test_a_missing_company_has_its_own_code(caller: Caller, status: str) -> None:
    caller.control.set_switch(company_not_found=status)
    caller.control.change({"op": "remove_company", "company": "cronus"})
    reply = caller.get("vendors")
    assert (reply.status_code, reply.json()["error"]["code"]) == (int(status), "Internal_CompanyNotFound")


def test_lists_can_be_compressed(caller: Caller) -> None:
    caller.control.set_switch(compression="gzip")
    reply = caller.get("vendors")
    assert (reply.headers["Content-Encoding"], len(reply.json()["value"])) == ("gzip", 66)


def test_the_date_can_be_absent(caller: Caller) -> None:
    caller.control.set_switch(date_header="absent")
    assert "Date" not in caller.get("vendors").headers


def test_an_unchanged_page_is_the_same_bytes_and_a_changed_one_is_not(caller: Caller) -> None:
    first = caller.get("vendors").content
    assert caller.get("vendors").content == first
    caller.control.touch("vendors", 1)
    assert caller.get("vendors").content != first


def test_a_changed_unit_shows_in_expanded_items(caller: Caller) -> None:
    caller.get("items", expand="unitOfMeasure")
    caller.control.patch_row("unitsOfMeasure", {"displayName": "Changed"}, number="PCS")
    rows = caller.get("items", expand="unitOfMeasure", filter="baseUnitOfMeasureCode eq 'PCS'").json()["value"]
    assert {row["unitOfMeasure"]["displayName"] for row in rows} == {"Changed"}
