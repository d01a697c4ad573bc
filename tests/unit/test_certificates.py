"""A run that listed everything is certified: what was counted, read and stored, and what is missing, by name."""

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from sync.model.certificate import LONGEST_LIST, Certificate, Cut, EntityCertificate, Named, Reason
from sync.model.checkpoint import RunKey
from sync.model.conflict import Choice, Side
from sync.model.errors import NotFoundError, RefusedError, RetryLaterError
from sync.model.record import RecordSet
from sync.model.run import Run, RunKind, RunStatus, Verdict
from sync.ports import PageQuery, SourcePage
from sync.services import certifying
from sync.services.certifying import digest_of
from sync.services.lookup import walked
from sync.services.policy import Policy
from sync.services.searching import MOST_REQUESTS
from tests.support.company import START
from tests.support.desks import ALICE, connected
from tests.support.host import Crash
from tests.support.office import PRODUCTS, SMALL, SUPPLIERS, Office, open_office, twice
from tests.unit.test_everything_twice import failing, resume
from tests.unit.test_hearing import court, waiting, with_conflict

QUERY = PageQuery("vendors", ("id",), 10)


def certificate(office: Office, run: Run) -> Certificate:
    found = office.desk.certificates.get(RunKey(run.integration_id, run.id))
    assert found is not None
    return found


def of_suppliers(office: Office, run: Run | None = None) -> EntityCertificate:
    return certificate(office, run or office.sync()).entities[SUPPLIERS]


def missing(office: Office) -> dict[str | None, Reason | None]:
    """Return what a full run's certificate names as missing, by number."""
    return {each.number: each.reason for each in of_suppliers(office).missing}


def hide(office: Office, ids: Iterable[str], *, alone: bool = True) -> None:
    office.company.hidden.update(ids)
    office.company.shown_alone = alone


def numbers(office: Office, ids: Iterable[str]) -> list[str]:
    return [office.company.sets["vendors"][each].number for each in ids]


def test_a_full_run_is_certified() -> None:
    office = open_office()
    office.add("A", "B", "")
    run = office.sync()
    found = of_suppliers(office, run)
    assert (found.verdict, found.counted, found.counted_again, found.read) == (Verdict.COMPLETE, 3, None, 3)
    assert (found.created, found.errors, found.stored, found.unnamed) == (2, 1, 2, 0)
    assert (found.missing, found.extra, found.gone, found.more) == ((), (), (), Cut())
    assert (found.mapping_version, found.filter, found.watermark.until) == (1, None, START)


def test_a_certificate_tells_whose_records_they_are() -> None:
    office = open_office()
    run = office.sync()
    found = certificate(office, run)
    connection = office.current.connection
    assert (found.run_id, found.integration_id, found.verdict) == (run.id, office.integration.id, Verdict.COMPLETE)
    assert (found.environment, found.company_id) == (connection.environment, connection.company_id)
    assert (found.company, found.issued_at) == (connection.company_name, run.ended_at)
    assert set(found.entities) == {SUPPLIERS, PRODUCTS}


def test_a_company_that_was_left_meanwhile_is_certified_by_its_id() -> None:
    office = open_office(SMALL)
    office.add("A", "B", "C", "D", "E")
    former = office.current.connection.source

    def choose_another() -> None:
        office.company.before_page = lambda: None
        office.change(connection=replace(office.current.connection, environment="Sandbox"))

    office.company.before_page = choose_another
    found = certificate(office, office.sync(entities=(SUPPLIERS,)))
    assert f"tenant/{found.environment}/{found.company_id}" == found.entities[SUPPLIERS].source == former
    assert (found.company, found.verdict) == (None, Verdict.SHORT)


@pytest.mark.parametrize("kind", [RunKind.DELTA, RunKind.RETRY])
def test_a_run_that_did_not_list_everything_has_no_certificate(kind: RunKind) -> None:
    office = open_office()
    first = office.sync()
    run = office.sync(kind) if kind is RunKind.DELTA else office.repeat(first)
    with pytest.raises(NotFoundError) as refused:
        certifying.show(office.desk, ALICE, office.integration.id, run.id)
    assert (refused.value.code, "listed nothing in full" in refused.value.message) == ("CERTIFICATE_NOT_ISSUED", True)


def test_a_run_under_way_has_no_certificate_yet() -> None:
    office = open_office()
    run = office.begin()
    with pytest.raises(NotFoundError) as refused:
        certifying.show(office.desk, ALICE, office.integration.id, run.id)
    assert "has not ended" in refused.value.message


def test_a_run_that_failed_before_it_counted_has_no_certificate() -> None:
    office = open_office()
    office.source.troubles["companies"] = [RefusedError("No")]
    run = office.sync()
    assert office.desk.certificates.get(RunKey(run.integration_id, run.id)) is None


def test_a_run_that_was_cancelled_is_certified_as_far_as_it_came() -> None:
    office = open_office(SMALL)
    office.add("A", "B", "C", "D", "E")
    run = office.begin(entities=(SUPPLIERS,))

    def cancel() -> None:
        office.desk.runs.save(replace(office.found(run), cancel_requested=True))
        office.company.before_page = lambda: None

    office.company.before_page = cancel
    found = of_suppliers(office, office.work(run))
    assert (found.verdict, found.read + found.unnamed, found.missing) == (Verdict.SHORT, 5, ())


def test_the_digest_changes_with_whatever_the_certificate_says() -> None:
    office = open_office()
    found = certificate(office, office.sync())
    assert found.digest == digest_of(found) == digest_of(replace(found, digest="other"))
    assert digest_of(replace(found, company="Another")) != found.digest


def test_a_stored_record_that_the_listing_left_out_is_named_with_its_id() -> None:
    office = open_office()
    hidden, *_ = office.add("A", "B", "C")
    office.sync()
    hide(office, [hidden])
    run = office.sync()
    found = of_suppliers(office, run)
    assert found.missing == (Named(hidden, "N00000", "A", Reason.KNOWN),)
    assert (run.status, run.error.code if run.error else None) == (RunStatus.PARTIAL, "LISTING_SHORT")
    assert (found.verdict, found.unnamed, found.stored) == (Verdict.SHORT, 0, 3)


def test_a_stored_record_that_only_its_own_address_shows_is_named_with_its_id() -> None:
    office = open_office()
    hidden, *_ = office.add("A", "B", "C")
    office.sync()
    hide(office, [hidden], alone=False)
    assert of_suppliers(office).missing == (Named(hidden, "N00000", "A", Reason.KNOWN),)


def test_a_stored_record_that_was_deleted_is_not_called_missing() -> None:
    office = open_office()
    deleted, hidden, *_ = office.add("A", "B", "C", "D")
    office.sync()
    office.company.delete("vendors", deleted)
    hide(office, [hidden])
    assert missing(office) == {"N00001": Reason.KNOWN}


def test_a_record_that_was_never_stored_is_named_by_a_second_look() -> None:
    office = open_office()
    hidden, *_ = office.add("A", "B", "C")
    hide(office, [hidden])

    def show_again() -> None:
        if len(office.source.asked) > 1:
            office.company.hidden.clear()

    office.company.before_page = show_again
    found = of_suppliers(office, office.sync(entities=(SUPPLIERS,)))
    assert found.missing == (Named(hidden, "N00000", "A", Reason.LATER),)


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("seed", range(25))
def test_records_that_no_list_shows_are_found_by_counting(seed: int, *, alone: bool) -> None:
    chance = random.Random(seed)
    office = open_office(SMALL if seed % 2 else None)
    ids = office.add(*(f"Name {number}" for number in range(chance.randrange(2, 40))))
    hidden = chance.sample(ids, chance.randrange(1, 4) if len(ids) > 4 else 1)
    hide(office, hidden, alone=alone)
    found = of_suppliers(office)
    assert sorted(each.number or "" for each in found.missing) == sorted(numbers(office, hidden))
    assert {each.reason for each in found.missing} == {Reason.LATER if alone else Reason.COUNTED}
    assert {each.external_id for each in found.missing} == (set(hidden) if alone else {None})


@pytest.mark.parametrize("seed", range(25))
def test_numbers_of_any_form_are_spelled_out(seed: int) -> None:
    chance = random.Random(seed)
    office = open_office()
    ids = office.add(*("ABCDEFGHIJKL"[: chance.randrange(1, 12)]))
    for each in ids:
        office.company.rename("vendors", each, "".join(chance.choices("0123456789ABCXYZ-./", k=chance.randrange(1, 9))))
    hidden = chance.choice(ids)
    hide(office, [hidden], alone=False)
    assert missing(office) == dict.fromkeys(numbers(office, [hidden]), Reason.COUNTED)


def test_a_number_that_cannot_be_spelled_stays_unnamed() -> None:
    office = open_office()
    hidden, *_ = office.add("A", "B")
    office.company.rename("vendors", hidden, "Ω")
    hide(office, [hidden], alone=False)
    found = of_suppliers(office)
    assert (found.missing, found.unnamed) == ((), 1)


def test_an_empty_listing_names_what_is_stored() -> None:
    office = open_office()
    ids = office.add("A", "B", "C")
    office.sync()
    hide(office, ids)
    assert missing(office) == dict.fromkeys(numbers(office, ids), Reason.KNOWN)


def test_a_search_asks_no_more_than_it_may() -> None:
    office = open_office()
    ids = office.add(*(f"Name {number}" for number in range(600)))
    hide(office, ids[::2], alone=False)
    before = len(office.source.asked)
    found = of_suppliers(office)
    assert len(office.source.asked) - before <= MOST_REQUESTS + 5
    assert 0 < len(found.missing) < 300
    assert len(found.missing) + found.unnamed == 300


def test_stored_records_that_the_source_was_not_asked_about_are_named_as_such() -> None:
    office = open_office()
    ids = office.add(*(f"Name {number}" for number in range(60)))
    office.sync()
    hide(office, ids, alone=False)
    reasons = list(missing(office).values())
    assert (reasons.count(Reason.KNOWN), reasons.count(Reason.STORED)) == (50, 10)


@pytest.mark.parametrize("error", [RefusedError("No"), RetryLaterError("Later", delay=1)])
def test_trouble_ends_the_search_and_not_the_run(error: RefusedError | RetryLaterError) -> None:
    office = open_office()
    hidden, *_ = office.add("A", "B", "C")
    hide(office, [hidden])
    office.source.troubles["count_of"] = [error]
    run = office.sync(entities=(SUPPLIERS,))
    found = of_suppliers(office, run)
    assert (run.status, found.missing, found.unnamed) == (RunStatus.PARTIAL, (), 1)


def test_what_a_listing_that_broke_off_lacks_is_not_looked_for() -> None:
    office = open_office(SMALL)
    office.add("A", "B", "C", "D")
    office.source.troubles["page"] = [None, RefusedError("Broken")]
    found = of_suppliers(office, office.sync(entities=(SUPPLIERS,)))
    assert (found.missing, found.unnamed, len(office.source.asked)) == ((), 2, 2)


def test_pages_without_an_end_are_not_walked_for_ever() -> None:
    office = open_office()
    page = replace(office.source.page(QUERY, None), cursor="again")
    with pytest.raises(RefusedError) as refused:
        walked(Endless(page), QUERY)
    assert refused.value.code == "CURSOR_LOOP"


class Endless:
    """A source whose every page has a next one."""

    def __init__(self, page: SourcePage) -> None:
        self._page = page

    def page(self, query: PageQuery, cursor: str | None) -> SourcePage:
        return self._page


def test_what_was_read_and_deleted_before_the_end_is_extra() -> None:
    office = open_office(SMALL)
    deleted, hidden, *_ = sorted(office.add("A", "B", "C"))
    office.source.counts = [2]

    def delete() -> None:
        if len(office.source.asked) == 2:
            office.company.delete("vendors", deleted)
            hide(office, [hidden])

    office.company.before_page = delete
    found = of_suppliers(office, office.sync(entities=(SUPPLIERS,)))
    assert found.extra == (Named(deleted, None, reason=Reason.VANISHED),)
    assert (found.counted, found.counted_again, found.read) == (2, 2, 3)


def test_what_was_marked_as_gone_is_named() -> None:
    office = open_office()
    deleted, *_ = office.add("A", "B", "C")
    office.sync()
    office.company.delete("vendors", deleted)
    found = of_suppliers(office)
    assert (found.gone, found.stored, found.more.gone) == ((Named(deleted, "N00000", "A"),), 2, 0)


def test_what_was_marked_as_gone_earlier_is_not_named_again() -> None:
    office = open_office()
    deleted, *_ = office.add("A", "B", "C")
    office.sync()
    office.company.delete("vendors", deleted)
    office.sync()
    assert of_suppliers(office).gone == ()


def test_marking_twice_names_once() -> None:
    office = open_office()
    deleted, *_ = office.add("A", "B", "C")
    office.sync()
    office.company.delete("vendors", deleted)
    office.host.around = twice
    assert len(of_suppliers(office).gone) == 1


def test_a_long_list_is_cut_and_its_rest_counted() -> None:
    office = open_office()
    office.change(settings={"largestLoss": 1})
    ids = office.add(*(f"Name {number}" for number in range(LONGEST_LIST + 30)))
    office.sync()
    for each in ids[: LONGEST_LIST + 20]:
        office.company.delete("vendors", each)
    found = of_suppliers(office)
    assert (len(found.gone), found.more) == (LONGEST_LIST, Cut(gone=20))


def test_a_failed_record_that_is_stored_is_counted_as_stored() -> None:
    office = open_office()
    first, *_ = office.add("A", "B")
    office.sync()
    office.company.put("vendors", first, "")
    assert [(each.errors, each.stored) for each in (of_suppliers(office), of_suppliers(office))] == [(1, 2)] * 2


def test_a_record_that_a_pin_holds_back_is_counted_as_stored() -> None:
    office, _, _ = with_conflict()
    found = of_suppliers(office)
    assert (found.conflicts, found.stored) == (1, 1)


def test_records_whose_keys_were_left_to_another_company_are_not_counted_as_stored() -> None:
    office = open_office()
    office.add("A", "B", "C")
    office.sync()
    other = connected(office.desk)
    elsewhere = replace(other, connection=replace(other.connection, environment="Sandbox"))
    office.integration = office.desk.integrations.save(elsewhere)
    office.sync()
    for each in waiting(office):
        court(office).resolve(each, Choice(Side.PLATFORM), by=ALICE)
    found = of_suppliers(office)
    assert (found.read, found.unchanged, found.stored) == (3, 3, 0)


def test_what_came_meanwhile_and_what_is_gone_are_told_apart_in_what_is_stored() -> None:
    office = open_office()
    deleted, *_ = office.add("A", "B", "C")
    office.sync()
    office.company.delete("vendors", deleted)
    office.add("D")
    office.host.around = twice
    found = of_suppliers(office)
    assert (found.created, len(found.gone), found.stored) == (1, 1, 3)


def test_a_gone_record_is_named_though_the_run_died_when_it_was_marked() -> None:
    office = open_office()
    deleted, *_ = office.add("A", "B", "C")
    office.sync()
    office.company.delete("vendors", deleted)
    run = office.begin(entities=(SUPPLIERS,))
    failing(office, "records", "commit", Crash(), done_first=frozenset({1}))
    with pytest.raises(Crash):
        office.host.work()
    resume(office)
    assert of_suppliers(office, office.work(run)).gone == (Named(deleted, "N00000", "A"),)


def test_only_buckets_that_lost_a_record_are_read_for_its_name() -> None:
    office = open_office(Policy(group_size=100_000))
    deleted, *_ = office.add(*(f"Name {number}" for number in range(800)))
    office.sync()
    records = Counting(office.desk.records)
    office.desk = office.host.desk = replace(office.desk, records=records)
    office.company.delete("vendors", deleted)
    assert (len(of_suppliers(office).gone), records.asked) == (1, 1)


class Counting:
    """Records whose buckets are counted when they are read."""

    def __init__(self, records: Any) -> None:
        self._records, self.asked = records, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def bucket_rows(self, records: RecordSet, bucket: int) -> Any:
        self.asked += 1
        return self._records.bucket_rows(records, bucket)
