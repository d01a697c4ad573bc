"""Pages, order, filters."""

import pytest

from tests.sandbox.oneflow.kit import TEMPLATE, WORKSPACE, Caller, refused


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=101", "limit"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("offset=19901", "offset"),
        ("offset=-1", "offset"),
    ],
)
def test_a_page_outside_the_limits_is_400(flow: Caller, query: str, name: str) -> None:
    status, _, problems = refused(flow.ask("GET", f"/contracts?{query}"))
    assert (status, list(problems)) == (400, [name])


@pytest.mark.parametrize("query", ["limit=100", "offset=19900", ""])
def test_a_page_at_the_limits_is_fine(flow: Caller, query: str) -> None:
    assert flow.get(f"/contracts?{query}")["data"] == []


def test_the_links_lead_through_all_pages_and_keep_the_other_parameters(flow: Caller) -> None:
    for name in "cab":
        flow.create(name=name)
    page, found = flow.get("/contracts?limit=1&sort=name&filter[states]=draft"), []
    while page["_links"]["next"]["href"]:
        found += page["data"]
        page = flow.session.get(page["_links"]["next"]["href"]).json()
    names = [each["_private"]["name"] for each in [*found, *page["data"]]]
    assert (names, page["count"]) == (["a", "b", "c"], 3)
    assert "offset=1&limit=1&sort=name&filter%5Bstates%5D=draft" in page["_links"]["previous"]["href"]


def test_without_a_sort_the_order_is_not_that_of_creation(flow: Caller) -> None:
    ids = [flow.draft() for _ in range(8)]
    listed = [each["id"] for each in flow.get("/contracts")["data"]]
    assert sorted(listed) == ids
    assert listed != ids
    assert listed != ids[::-1]


def test_a_sort_can_be_turned_round_and_nulls_are_last(flow: Caller) -> None:
    flow.control.clock(freeze=True)
    draft, first = flow.draft(), flow.sent()
    flow.control.clock(advance=10)
    second = flow.sent()
    listed = [each["id"] for each in flow.get("/contracts?sort=-published_time")["data"]]
    assert listed == [second, first, draft]


def test_contracts_cannot_be_sorted_by_their_last_change(flow: Caller) -> None:
    assert refused(flow.ask("GET", "/contracts?sort=updated_time"))[2] == {"sort": ["Cannot sort by updated_time."]}


def test_contracts_are_found_by_the_value_of_a_data_field(flow: Caller) -> None:
    wanted = flow.draft(record_id="r-1")
    flow.draft(record_id="r-2")
    found = flow.get("/contracts?filter[data_field_match]=record_id:r-1")
    assert [each["id"] for each in found["data"]] == [wanted]


def test_a_match_without_a_value_is_400(flow: Caller) -> None:
    assert flow.ask("GET", "/contracts?filter[data_field_match]=record_id:").status_code == 400


def test_filters_join_and_states_may_be_several(flow: Caller) -> None:
    flow.draft()
    sent = flow.sent()
    found = flow.get("/contracts?filter[states]=pending,signed&filter[query]=dea")
    assert [each["id"] for each in found["data"]] == [sent]
    assert flow.ask("GET", "/contracts?filter[states]=lost").status_code == 400


def test_a_range_of_publishing_times_includes_its_days(flow: Caller) -> None:
    flow.control.clock(freeze=True, set="2026-03-05T12:00:00Z")
    flow.sent()
    counts = {
        text: flow.get(f"/contracts?filter[published_time]={text}")["count"]
        for text in ("2026-03-05|2026-03-05", "2026-03-06|", "|2026-03-04", "2026-03-05T11:00:00Z|")
    }
    assert list(counts.values()) == [1, 0, 0, 1]


@pytest.mark.parametrize("text", ["yesterday|", "2026-03-05"])
def test_what_is_no_range_is_400(flow: Caller, text: str) -> None:
    assert flow.ask("GET", f"/contracts?filter[published_time]={text}").status_code == 400


def test_the_same_filter_twice_is_400(flow: Caller) -> None:
    assert flow.ask("GET", "/contracts?filter[query]=a&filter[query]=b").status_code == 400


def test_an_unknown_filter_is_ignored_or_refused_as_switched(flow: Caller) -> None:
    flow.draft()
    path = f"/contracts?filter[template_id]={TEMPLATE + 1}"
    assert flow.get(path)["count"] == 1
    flow.oneflow.set_switch(unknown_filter="400")
    assert refused(flow.ask("GET", path))[2] == {"filter[template_id]": ["Unknown field."]}


def test_more_filters_work_only_where_switched(flow: Caller) -> None:
    flow.draft()
    path = f"/contracts?filter[workspace_ids]={WORKSPACE + 1}"
    assert flow.get(path)["count"] == 1
    flow.oneflow.set_switch(contract_filters="more")
    assert flow.get(path)["count"] == 0
    assert flow.get("/contracts?filter[participant_email]=buyer@adventure.example&filter[name]=Deal")["count"] == 1


def test_a_list_has_data_fields_only_where_switched(flow: Caller) -> None:
    flow.draft(topic="T")
    assert "data_fields" not in flow.get("/contracts")["data"][0]
    flow.oneflow.set_switch(list_fields="present")
    assert flow.get("/contracts")["data"][0]["data_fields"][0]["value"] == "T"


def test_inactive_templates_are_listed_only_when_asked_for(flow: Caller) -> None:
    assert 110011 not in [each["id"] for each in flow.get("/templates")["data"]]
    assert [each["id"] for each in flow.get("/templates?filter[active]=false")["data"]] == [110011]


def test_templates_are_found_by_workspace_and_by_type(flow: Caller) -> None:
    legal = flow.get("/templates?filter[workspace_ids]=396199&sort=name")["data"]
    assert [each["id"] for each in legal] == [110012, 110010]
    typed = flow.get("/templates?template_type_id=5&sort=name")["data"]
    assert [each["id"] for each in typed] == [110012, 110010]


def test_a_template_without_a_type_has_none(flow: Caller) -> None:
    assert flow.get("/templates/110008")["template_type"] is None


def test_workspaces_are_found_by_name(flow: Caller) -> None:
    assert [each["id"] for each in flow.get("/workspaces?filter[name]=Legal")["data"]] == [396199]


def test_the_choices_for_a_create_are_where_the_user_may_create(flow: Caller) -> None:
    rows = flow.get("/helpers/contract_create_data")
    assert [each["name"] for each in rows] == ["Sales", "Legal"]
