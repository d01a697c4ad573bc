"""Runs and versions of mappings: pinned at the opening, and a change reaches exactly the records that it changes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from mapping import FieldRule, MappingRules, TransformSpec, preset
from mapping.codec import to_json
from sync.model.entity import EntityType
from sync.model.mapping import MappingVersion
from sync.model.run import RunKind, RunStatus
from sync.services import mappings
from sync.services.compiling import MappingCompiler
from sync.services.sweeping import sweep
from tests.support.desks import ALICE
from tests.support.host import Crash, settle
from tests.support.office import ITEMS, PRODUCTS, SMALL, SUPPLIERS, VENDORS, Office, names, open_office, suppliers

PRESET = preset("suppliers")
HOUR = 3600


def shouting(rules: MappingRules = PRESET) -> MappingRules:
    """Return the mapping with names in capitals."""
    louder = (TransformSpec("trim"), TransformSpec("upper"))
    first, *rest = rules.fields
    return replace(rules, fields=(replace(first, transforms=louder), *rest))


def change(office: Office, rules: MappingRules, entity: EntityType = SUPPLIERS) -> MappingVersion:
    """Make a mapping the current one."""
    known = mappings.current(office.desk.mappings, office.current, entity)
    return mappings.save(office.desk, known, rules, owner=ALICE)


def reads(office: Office) -> set[tuple[str, bool]]:
    """Return of which entity sets changes only were read since the last look, and of which everything."""
    seen = {(query.entity_set, query.since is None) for query in office.source.asked}
    office.source.asked.clear()
    return seen


def later(office: Office) -> Office:
    office.clock.pass_by(HOUR)
    return office


def test_a_run_tells_the_versions_that_it_reads_with() -> None:
    office = open_office()
    assert office.begin().mapping_versions == {}
    office = open_office()
    change(office, shouting())
    assert office.sync().mapping_versions == {SUPPLIERS: 2, PRODUCTS: 1}


def test_a_changed_mapping_writes_exactly_the_records_that_it_changes() -> None:
    office = open_office(SMALL)
    ids = office.add("low", "LOUD", "also low", "ALSO LOUD", "x")
    office.sync()
    change(office, shouting())
    tally = suppliers(later(office).sync(RunKind.DELTA))
    assert (tally.read, tally.updated, tally.unchanged, tally.created) == (5, 3, 2, 0)
    assert names([office.record(each) for each in ids]) == ["LOW", "LOUD", "ALSO LOW", "ALSO LOUD", "X"]


def test_only_the_entity_type_whose_mapping_changed_is_read_in_full_and_only_once() -> None:
    office = open_office()
    office.add("a")
    office.add("b", to=ITEMS)
    office.sync()
    change(later(office), shouting())
    reads(office)
    later(office).sync(RunKind.DELTA)
    assert reads(office) == {(VENDORS, True), (ITEMS, False)}
    later(office).sync(RunKind.DELTA)
    assert reads(office) == {(VENDORS, False), (ITEMS, False)}


def test_a_mapping_that_was_changed_and_changed_back_is_read_in_full_again() -> None:
    office = open_office()
    (quiet,) = office.add("quiet")
    office.sync()
    change(office, shouting())
    later(office).sync(RunKind.DELTA)
    change(office, PRESET)
    assert suppliers(later(office).sync(RunKind.DELTA)).updated == 1
    assert office.kept(quiet).fields["name"] == "quiet"


def test_a_changed_mapping_is_read_in_full_until_a_run_has_read_everything() -> None:
    office = open_office()
    office.add("a")
    office.sync()
    change(office, shouting())
    office.sync(RunKind.DELTA, modified_since=later(office).clock.now())
    reads(office)
    office.sync(RunKind.DELTA)
    assert (VENDORS, True) in reads(office)


def test_a_mapping_that_only_reads_more_columns_writes_only_records_with_values_there() -> None:
    office = open_office()
    office.add("a", "b")
    office.sync()
    change(office, replace(PRESET, fields=(*PRESET.fields, FieldRule("gln", "custom.gln"))))
    assert (suppliers(office.sync()).updated, suppliers(office.sync()).unchanged) == (0, 2)


def test_a_field_that_is_left_out_is_emptied() -> None:
    office = open_office()
    (one,) = office.add("a")
    office.sync()
    change(office, replace(PRESET, fields=PRESET.fields[:1]))
    assert (suppliers(office.sync(RunKind.DELTA)).updated, office.kept(one).fields["number"]) == (1, None)


def test_a_mapping_that_changes_under_a_run_waits_for_the_next_one() -> None:
    office = open_office(SMALL)
    ids = office.add("a", "b", "c", "d", "e")
    office.host.around = once(lambda: change(office, shouting()), office.host.calls, "read_page")
    run = office.sync()
    assert (run.mapping_versions[SUPPLIERS], names([office.record(each) for each in ids])) == (1, list("abcde"))
    assert names([office.record(each) for each in ids]) == list("abcde")
    later(office).sync(RunKind.DELTA)
    assert names([office.record(each) for each in ids]) == list("ABCDE")


def test_a_resumed_run_keeps_its_versions() -> None:
    office = open_office(SMALL)
    ids = office.add("a", "b", "c", "d", "e")
    run = office.begin()

    def die() -> None:
        change(office, shouting())
        raise Crash

    office.host.around = once(die, office.host.calls, "read_page")
    with pytest.raises(Crash):
        office.host.work()
    later(office)
    settle(sweep(office.desk, office.host))
    done = office.work(run)
    assert (done.status, done.attempt, done.mapping_versions) == (RunStatus.SUCCEEDED, 2, {SUPPLIERS: 1, PRODUCTS: 1})
    assert names([office.record(each) for each in ids]) == list("abcde")


def test_the_watermark_of_a_run_is_its_own_versions() -> None:
    office = open_office(SMALL)
    office.add("a", "b", "c")
    office.host.around = once(lambda: change(office, shouting()), office.host.calls, "read_page")
    office.sync()
    reads(office)
    later(office).sync(RunKind.DELTA)
    assert (VENDORS, True) in reads(office)


@dataclass(slots=True)
class Counted:
    """A mapping store that notes what it is asked."""

    store: Any
    asked: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        return getattr(self.store, name)


def counted(office: Office) -> Counted:
    """Let the office's host work with a counted mapping store."""
    store = Counted(office.desk.mappings)
    office.host.desk = replace(office.desk, mappings=store, mapping=MappingCompiler(store))
    return store


def test_an_untouched_integration_costs_one_look_a_run() -> None:
    office = open_office(SMALL)
    office.add("a", "b", "c", "d", "e")
    store = counted(office)
    office.sync()
    later(office).sync(RunKind.DELTA)
    assert store.asked == ["current", "current"]


def test_a_version_is_read_and_compiled_once_in_a_process() -> None:
    office = open_office(SMALL)
    office.add("a", "b", "c", "d", "e")
    change(office, shouting())
    store = counted(office)
    office.sync()
    later(office).sync(RunKind.DELTA)
    assert sorted(store.asked) == ["current", "current", "get"]


def test_what_a_filter_leaves_out_is_left_as_it_is() -> None:
    office = open_office()
    ids = office.add("a", "b")
    office.sync()
    office.company.delete(VENDORS, ids[1])
    change(office, replace(PRESET, filter="name ne 'b'"))
    assert office.sync().status is RunStatus.SUCCEEDED
    assert office.kept(ids[1]).present_in_source
    change(office, PRESET)
    office.sync()
    assert not office.kept(ids[1]).present_in_source


def test_the_filter_and_the_route_are_asked_for() -> None:
    office = open_office()
    change(office, replace(PRESET, filter="x eq 1", route="a/b/v1", modified_field="systemModifiedAt", id_field="id"))
    office.sync()
    (query,) = [each for each in office.source.asked if each.entity_set == VENDORS]
    assert (query.filter, query.route, query.modified_field) == ("x eq 1", "a/b/v1", "systemModifiedAt")


def test_a_run_whose_mapping_is_gone_stops() -> None:
    office = open_office()
    office.add("a")
    change(office, shouting())
    office.host.around = once(
        lambda: office.desk.mappings.clear(office.integration.id), office.host.calls, "begin_entity"
    )
    assert office.sync().status is RunStatus.CANCELLED


def test_a_version_of_an_earlier_release_fails_the_run_with_its_reason() -> None:
    office = open_office()
    document: dict[str, Any] = dict(to_json(PRESET)) | {"fields": []}
    office.desk.mappings.add(MappingVersion(office.integration.id, SUPPLIERS, 2, document))
    run = office.sync()
    assert (run.status, run.error is not None and run.error.code) == (RunStatus.FAILED, "MAPPING_INVALID")


def once(body: Callable[[], object], calls: list[str], name: str) -> Callable[[Callable[[], Any]], Any]:
    """Return what does something before the first step of this name."""
    left = [body]

    def around(step: Callable[[], Any]) -> Any:
        if calls[-1] == name and left:
            left.pop()()
        return step()

    return around
