"""Records whose fields come from two pages: a change of either arrives."""

from dataclasses import replace
from typing import Any

import pytest

from mapping import FieldRule, Join, MappingRules, preset
from sync.model.entity import EntityType
from sync.model.errors import RefusedError, RetryLaterError
from sync.model.run import RunKind, RunStatus
from sync.ports import PageQuery
from sync.services import mappings
from sync.services.joining import add_joined
from sync.services.policy import Policy
from tests.support.desks import ALICE
from tests.support.office import SUPPLIERS, VENDORS, Office, open_office, suppliers

ORIGINS = "origins"
JOIN = Join(ORIGINS, "contoso/eudr/v1.0", "origin")
HOUR = 3600
GUID = "0a1b2c3d-0000-4000-8000-000000000001"


def joined(**changes: Any) -> MappingRules:
    """Return the preset with a custom field from the joined page."""
    rules = preset("suppliers")
    return replace(
        rules,
        fields=(*rules.fields, FieldRule("origin.displayName", "custom.origin")),
        joins=(replace(JOIN, **changes),),
    )


def opened(rules: MappingRules, policy: Policy | None = None, **integration: Any) -> Office:
    office = open_office(policy, **integration)
    office.company.sets[ORIGINS] = {}
    known = mappings.current(office.desk.mappings, office.current, EntityType.SUPPLIERS)
    mappings.save(office.desk, known, rules, owner=ALICE)
    return office


def stocked(
    rules: MappingRules | None = None, count: int = 3, policy: Policy | None = None
) -> tuple[Office, list[str]]:
    """Return a synced office whose vendors have an origin each, but for the last."""
    office = opened(rules or joined(), policy)
    ids = list(office.add(*(f"v{number}" for number in range(count))))
    for number, row_id in enumerate(ids[:-1]):
        office.company.put(ORIGINS, row_id, f"o{number}")
    office.clock.pass_by(HOUR)
    office.sync()
    office.clock.pass_by(HOUR)
    return office, ids


def origins(office: Office, ids: list[str]) -> list[Any]:
    return [office.kept(each).fields.get("custom.origin") for each in ids]


def test_a_full_sync_takes_the_joined_values() -> None:
    office, ids = stocked()
    assert origins(office, ids) == ["o0", "o1", None]


def test_ids_are_looked_up_some_at_a_time() -> None:
    office, ids = stocked(count=120)
    assert origins(office, ids) == [*(f"o{number}" for number in range(119)), None]
    lookups = [query for query in office.source.asked if query.entity_set == ORIGINS]
    assert sorted((query.filter or "").count(" eq ") for query in lookups) == [20, 50, 50]
    assert {(query.select, query.route) for query in lookups} == {(("id", "displayName"), JOIN.route)}


def test_a_change_on_the_joined_page_alone_arrives_with_the_next_delta() -> None:
    office, ids = stocked()
    office.company.put(ORIGINS, ids[1], "changed")
    run = office.sync(RunKind.DELTA)
    assert (suppliers(run).read, suppliers(run).updated) == (1, 1)
    assert origins(office, ids) == ["o0", "changed", None]


def test_a_row_that_comes_to_the_joined_page_arrives_with_the_next_delta() -> None:
    office, ids = stocked()
    office.company.put(ORIGINS, ids[2], "new")
    assert suppliers(office.sync(RunKind.DELTA)).updated == 1
    assert origins(office, ids) == ["o0", "o1", "new"]


def test_a_change_of_the_record_alone_keeps_its_joined_values() -> None:
    office, ids = stocked()
    office.company.put(VENDORS, ids[0], "renamed")
    assert suppliers(office.sync(RunKind.DELTA)).updated == 1
    assert (office.kept(ids[0]).fields["name"], origins(office, ids)) == ("renamed", ["o0", "o1", None])


def test_a_record_that_changes_on_both_pages_is_counted_once() -> None:
    office, ids = stocked()
    office.company.put(VENDORS, ids[0], "renamed")
    office.company.put(ORIGINS, ids[0], "changed")
    run = office.sync(RunKind.DELTA)
    assert (suppliers(run).read, suppliers(run).updated) == (1, 1)
    assert (office.kept(ids[0]).fields["name"], origins(office, ids)[0]) == ("renamed", "changed")


def test_many_changes_on_the_joined_page_are_read_page_by_page() -> None:
    office, ids = stocked(count=9, policy=Policy(page_size=2, group_size=100))
    for row_id in ids:
        office.company.put(ORIGINS, row_id, "changed")
    assert suppliers(office.sync(RunKind.DELTA)).updated == 9
    assert origins(office, ids) == ["changed"] * 9


def test_a_joined_row_without_a_record_is_left_alone() -> None:
    office, _ = stocked()
    office.company.add(ORIGINS, "orphan")
    run = office.sync(RunKind.DELTA)
    assert (run.status, suppliers(run).read) == (RunStatus.SUCCEEDED, 0)


def test_the_mappings_filter_holds_for_records_of_joined_changes() -> None:
    office, ids = stocked(replace(joined(), filter="x eq 1"))
    office.company.put(ORIGINS, ids[0], "changed")
    office.source.asked.clear()
    office.sync(RunKind.DELTA)
    looked_up = [query.filter for query in office.source.asked if f"id eq {ids[0]}" in (query.filter or "")]
    assert looked_up == [f"(x eq 1) and (id eq {ids[0]})", f"id eq {ids[0]}"]


def test_trouble_on_the_joined_page_holds_the_watermark() -> None:
    office, ids = stocked()
    before = office.desk.watermarks.get(office.integration.id, office.current.connection.source, SUPPLIERS, mapping=2)
    office.company.put(ORIGINS, ids[0], "changed")
    office.source.troubles["page"] = [None, RefusedError("No", status=400)]
    assert office.sync(RunKind.DELTA).status is RunStatus.PARTIAL
    after = office.desk.watermarks.get(office.integration.id, office.current.connection.source, SUPPLIERS, mapping=2)
    assert (before is not None, after) == (True, before)
    assert suppliers(office.sync(RunKind.DELTA)).updated == 1


def test_a_joined_page_that_tells_no_changes_is_read_in_full_each_time() -> None:
    office, ids = stocked(joined(modified_field=None))
    office.company.put(ORIGINS, ids[0], "changed")
    assert suppliers(office.sync(RunKind.DELTA)).read == 3
    assert origins(office, ids) == ["changed", "o1", None]


def test_a_failed_record_is_tried_again_with_its_joined_values() -> None:
    office = opened(joined())
    (bad,) = office.add("")
    office.company.put(ORIGINS, bad, "o")
    run = office.sync()
    office.company.put(VENDORS, bad, "good")
    office.repeat(run)
    assert origins(office, [bad]) == ["o"]


def test_pages_are_smaller_when_something_is_joined() -> None:
    office = opened(joined())
    office.sync()
    assert {query.page_size for query in office.source.asked if query.entity_set == VENDORS} == {2000}


def test_an_id_that_is_none_is_not_asked_for() -> None:
    office = opened(joined())
    mapping = office.desk.mapping(replace(office.begin(), mapping_versions={SUPPLIERS: 2}), SUPPLIERS)
    records: list[dict[str, Any]] = [{"id": "x' or 1 eq 1"}, {}, {"id": GUID}]
    assert add_joined(office.source, mapping, records) == [{**each, "origin": None} for each in records]
    assert [query.filter for query in office.source.asked if query.entity_set == ORIGINS] == [f"id eq {GUID}"]


def test_a_page_whose_ids_are_no_guids_is_not_joined_to_nothing_in_silence() -> None:
    office = opened(joined())
    mapping = office.desk.mapping(replace(office.begin(), mapping_versions={SUPPLIERS: 2}), SUPPLIERS)
    with pytest.raises(RefusedError, match="GUID"):
        add_joined(office.source, mapping, [{"id": "V-10000"}])


def test_a_lookup_is_read_to_its_end_however_small_its_pages() -> None:
    office = opened(joined())
    ids = office.add("a", "b", "c")
    for row_id in ids:
        office.company.put(ORIGINS, row_id, "o")
    mapping = office.desk.mapping(replace(office.begin(), mapping_versions={SUPPLIERS: 2}), SUPPLIERS)

    class Small:
        """A source that never sends more than one record."""

        def page(self, query: PageQuery, cursor: str | None) -> Any:
            return office.source.page(replace(query, page_size=1), cursor)

    small: Any = Small()
    found = add_joined(small, mapping, [{"id": row_id.upper()} for row_id in ids])
    assert [each["origin"]["displayName"] for each in found] == ["o", "o", "o"]


def test_a_source_that_is_busy_on_the_joined_page_is_asked_again() -> None:
    office, ids = stocked()
    office.company.put(ORIGINS, ids[0], "changed")
    office.source.troubles["page"] = [RetryLaterError("Wait", delay=5, code="SOURCE_THROTTLED", announced=True)]
    assert suppliers(office.sync(RunKind.DELTA)).updated == 1
    assert sum(office.host.slept) >= 5


@pytest.mark.parametrize("kind", list(RunKind))
def test_only_deltas_read_the_joined_page_for_itself(kind: RunKind) -> None:
    office, _ = stocked()
    first = office.sync()
    office.source.asked.clear()
    if kind is RunKind.RETRY:
        office.repeat(first)
    else:
        office.sync(kind)
    own = [query for query in office.source.asked if query.entity_set == ORIGINS and query.filter is None]
    assert bool(own) is (kind is RunKind.DELTA)
