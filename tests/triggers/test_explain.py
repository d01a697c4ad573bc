"""Why a record is as it is, and what comes next, over HTTP."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from sync.model.errors import RetryLaterError, SetupError, SyncError
from sync.model.integration import Status
from sync.model.record import SyncStatus
from sync.ports import PageQuery
from tests.support.company import ToySource
from tests.triggers.kit import CONNECTION, Office
from tests.triggers.test_records import KEY

NOBODY = "99999999-9999-4999-8999-999999999999"


@dataclass(slots=True)
class PickySource(ToySource):
    """A toy source whose filters leave some rows out, and that may be in trouble."""

    left_out: set[str] = field(default_factory=set)
    trouble: SyncError | None = None

    def record(self, query: PageQuery, external_id: str) -> dict[str, Any] | None:
        if self.trouble is not None:
            raise self.trouble
        if query.filter is not None and external_id in self.left_out:
            return None
        return ToySource.record(self, query, external_id)


@dataclass(slots=True)
class Case:
    """An integration, and a vendor that a first sync has brought."""

    office: Office
    source: PickySource
    home: str
    row: str

    def sync(self, **body: Any) -> Any:
        """Sync, and let some time pass before and after."""
        self.office.clock.pass_by(5)
        data = self.office.ask("POST", f"{self.home}/dynamics/sync", body).data
        self.office.clock.pass_by(5)
        return data

    def put(self, name: str, **more: Any) -> None:
        """Change the vendor in Business Central."""
        self.office.clock.pass_by(5)
        self.office.company.put("vendors", self.row, name, **more)

    def edit(self, **body: Any) -> None:
        """Edit the record on the platform."""
        answer = self.office.ask("PATCH", f"{self.home}/suppliers/{self.row}", body, If_Match="*")
        assert answer.status == 200

    def explain(self, row: str | None = None, query: str = "") -> Any:
        """Return the explanation of the record, or of another."""
        return self.office.ask("GET", f"{self.home}/suppliers/{row or self.row}/explain{query}").data

    def told(self, row: str | None = None, query: str = "") -> tuple[str, str]:
        """Return state and code."""
        found = self.explain(row, query)
        return found["state"], found["because"]["code"]

    def change(self, **changes: Any) -> None:
        """Change the integration behind the API's back."""
        self.office.change_integration(self.home.split("/")[3], **changes)

    def remap(self, **source: Any) -> None:
        """Change the source of the mapping, and map the website to the number."""
        known = self.office.ask("GET", f"{self.home}/mappings/suppliers")
        body = {name: known.data[name] for name in ("source", "fields")}
        fields = [each for each in body["fields"] if each["target"] != "website"]
        mapped = {
            "source": {**body["source"], **source},
            "fields": [*fields, {"source": "number", "target": "website"}],
        }
        answer = self.office.ask("PUT", f"{self.home}/mappings/suppliers", mapped, If_Match=known.headers["etag"])
        assert answer.status == 200


@pytest.fixture
def case(office: Office) -> Case:
    source = PickySource(office.company)
    office.with_source(source)
    made = Case(office, source, f"/api/integrations/{office.integrated()}", office.company.add("vendors", "A"))
    office.company.add("vendors", "Other")
    made.sync()
    return made


def test_a_record_that_is_as_in_business_central_is_in_sync(case: Case) -> None:
    found = case.explain()
    assert (found["state"], found["because"]["code"], found["differences"]) == ("in_sync", "SAME_AS_SOURCE", [])
    assert (found["source"]["seen"], found["lastRun"]["action"]) == ("present", "created")
    assert found["next"] == {"detail": "Nothing is to be done", "at": None}


def test_a_change_that_no_run_has_read_is_pending_with_the_fields_that_differ(case: Case) -> None:
    case.put("B")
    found = case.explain()
    assert (found["state"], found["because"]["code"]) == ("pending", "SOURCE_CHANGED")
    assert found["differences"] == [{"field": "name", "stored": "A", "source": "B", "pinned": False}]
    assert found["source"]["etag"] != found["lastRun"]["sourceEtag"]


def test_the_next_run_of_a_schedule_is_named(case: Case) -> None:
    case.put("B")
    case.change(schedule="0 0 * * * *", next_run_at=case.office.clock.now())
    assert case.explain()["next"] == {"detail": "The next run reads it", "at": "2026-01-05T08:00:15Z"}


def test_without_a_schedule_somebody_must_start_a_sync(case: Case) -> None:
    case.put("B")
    assert case.explain()["next"] == {"detail": "There is no schedule: start a sync", "at": None}


def test_a_paused_integration_says_so(case: Case) -> None:
    case.put("B")
    case.change(status=Status.PAUSED)
    assert "paused" in case.explain()["next"]["detail"]


@pytest.mark.parametrize("status", [Status.SETUP_REQUIRED, Status.REAUTH_REQUIRED, Status.BROKEN])
def test_a_change_that_no_run_may_read_is_held_and_says_why(case: Case, status: Status) -> None:
    case.put("B")
    case.change(status=status, status_reason="The secret was refused")
    found = case.explain()
    assert (found["state"], found["because"]["code"]) == ("held", "INTEGRATION_HELD")
    assert "The secret was refused" in found["because"]["detail"]


def test_an_edit_stays_until_business_central_changes_the_record(case: Case) -> None:
    case.edit(name="Mine")
    found = case.explain()
    assert (found["state"], found["because"]["code"]) == ("in_sync", "EDITED_HERE")
    assert found["differences"][0]["field"] == "name"
    case.put("B")
    assert case.told() == ("pending", "SOURCE_CHANGED")


def test_a_record_that_was_only_touched_keeps_its_edit(case: Case) -> None:
    case.edit(name="Mine")
    case.put("A")
    assert case.told() == ("in_sync", "EDITED_HERE")


def test_a_pinned_field_that_differs_is_pinned(case: Case) -> None:
    case.edit(name="Mine", pinned=["name"])
    found = case.explain()
    assert (found["state"], found["differences"][0]["pinned"]) == ("pinned", True)


def test_a_changed_mapping_is_pending_until_everything_was_read_with_it(case: Case) -> None:
    case.remap()
    found = case.explain()
    assert (found["state"], found["because"]["code"]) == ("pending", "MAPPING_CHANGED")
    assert found["because"]["mappingVersion"] == 2
    case.sync(mode="delta")
    assert case.told() == ("in_sync", "SAME_AS_SOURCE")


def test_a_record_that_the_filter_leaves_out_is_excluded_with_the_filter(case: Case) -> None:
    case.remap(filter="blocked eq ' '")
    case.source.left_out = {case.row}
    found = case.explain()
    assert (found["state"], found["because"]["code"]) == ("excluded", "FILTER_EXCLUDES")
    assert (found["because"]["filter"], found["because"]["mappingVersion"]) == ("blocked eq ' '", 2)


def test_a_record_that_is_not_stored_and_left_out_is_excluded(case: Case) -> None:
    case.remap(filter="blocked eq ' '")
    row = case.office.company.add("vendors", "New")
    case.source.left_out = {row}
    assert case.told(row) == ("excluded", "FILTER_EXCLUDES")


@pytest.mark.parametrize("filtered", [False, True])
def test_a_record_that_business_central_does_not_know_any_more_is_gone(case: Case, *, filtered: bool) -> None:
    if filtered:
        case.remap(filter="blocked eq ' '")
    case.office.company.delete("vendors", case.row)
    found = case.explain()
    assert (found["state"], found["because"]["code"]) == ("gone", "NOT_IN_SOURCE")
    assert "full sync" in found["next"]["detail"]


def test_a_record_that_is_marked_as_gone_says_which_run_marked_it(case: Case) -> None:
    case.office.company.delete("vendors", case.row)
    run = case.sync()["runId"]
    found = case.explain()
    assert (found["state"], found["because"]["code"]) == ("gone", "MARKED_GONE")
    assert run in found["because"]["detail"]


def test_a_record_that_came_back_is_pending(case: Case) -> None:
    known = case.office.company.sets["vendors"].pop(case.row)
    case.sync()
    case.office.company.sets["vendors"][case.row] = known
    assert case.told() == ("pending", "RETURNED")


def test_a_failed_record_says_what_is_wrong(case: Case) -> None:
    case.put("")
    case.sync(mode="delta")
    found = case.explain()
    assert (found["state"], found["because"]["code"]) == ("failed", "RECORD_FAULT")
    assert found["because"]["error"]["code"] == "REQUIRED_FIELD_MISSING"
    assert "REQUIRED_FIELD_MISSING" in found["because"]["detail"]
    assert found["next"]["detail"].startswith("Correct the record")


def test_a_record_that_would_fail_now_says_so(case: Case) -> None:
    case.put("")
    assert case.told() == ("failed", "WOULD_FAIL")


def test_a_failed_record_that_was_mended_is_pending(case: Case) -> None:
    case.put("")
    case.sync(mode="delta")
    case.put("B")
    assert case.told() == ("pending", "MENDED")


def test_a_record_that_was_never_stored_says_why_it_failed(case: Case) -> None:
    row = case.office.company.add("vendors", "")
    case.sync(mode="delta")
    assert case.told(row) == ("failed", "RECORD_FAULT")
    assert case.told(row, "?live=false") == ("failed", "RECORD_FAULT")
    case.office.company.put("vendors", row, "Mended")
    assert case.told(row) == ("pending", "MENDED")


def test_a_new_record_that_would_fail_says_so(case: Case) -> None:
    assert case.told(case.office.company.add("vendors", "")) == ("failed", "WOULD_FAIL")


def test_a_new_record_is_not_read_yet(case: Case) -> None:
    case.office.clock.pass_by(5)
    assert case.told(case.office.company.add("vendors", "New")) == ("pending", "NOT_READ_YET")


def test_before_the_first_run_nothing_is_read(office: Office) -> None:
    home = f"/api/integrations/{office.integrated()}"
    row = office.company.add("vendors", "New")
    assert office.ask("GET", f"{home}/suppliers/{row}/explain").data["because"]["code"] == "NOT_READ_YET"


@pytest.mark.parametrize(("overlap", "code"), [({}, "NOT_READ_YET"), ({"overlapSeconds": 1}, "NOT_WRITTEN")])
def test_a_record_that_should_have_been_read_asks_for_a_full_sync(case: Case, overlap: Any, code: str) -> None:
    row = case.office.company.add("vendors", "Late", late=60)
    case.office.clock.pass_by(30)
    case.sync()
    case.office.clock.pass_by(60)
    case.change(settings=overlap)
    assert case.told(row)[1] == code


@pytest.mark.parametrize("modified", [None, "no time", "2026-01-05T08:00:00"])
def test_a_record_without_a_usable_time_counts_as_not_read(case: Case, modified: str | None) -> None:
    case.office.clock.pass_by(5)
    row = case.office.company.add("vendors", "New")
    case.office.with_source(_Timeless(case.office.company, told=modified))
    assert case.told(row)[1] == "NOT_READ_YET"


def test_a_platform_made_record_says_so_and_nobody_is_asked(case: Case) -> None:
    case.source.trouble = SetupError("Not asked")
    made = case.office.ask("POST", f"{case.home}/suppliers", {"name": "Own"}).data["recordId"]
    found = case.explain(made)
    assert (found["state"], found["source"]["trouble"]) == ("platform_made", None)


def test_a_conflict_says_so(case: Case) -> None:
    record = next(each for each in case.office.stored() if each.external_id == case.row)
    case.office.desk.records.save(KEY, replace(record, sync_status=SyncStatus.CONFLICT))
    assert case.told() == ("conflict", "IN_CONFLICT")


def test_an_id_that_another_company_of_the_user_has_is_a_conflict(case: Case) -> None:
    other = f"/api/integrations/{case.office.integrated(connection={**CONNECTION, 'environment': 'Sandbox'})}"
    case.office.ask("POST", f"{other}/dynamics/sync")
    found = case.office.ask("GET", f"{other}/suppliers/{case.row}/explain").data
    assert (found["state"], found["because"]["code"]) == ("conflict", "SAME_KEY_ELSEWHERE")


def test_when_business_central_does_not_answer_the_stored_part_is_told_with_the_trouble(case: Case) -> None:
    case.source.trouble = RetryLaterError("Throttled", delay=9, code="SOURCE_THROTTLED")
    found = case.explain()
    assert (found["state"], found["because"]["code"]) == ("in_sync", "AS_LAST_READ")
    assert found["source"]["trouble"] == {"code": "SOURCE_THROTTLED", "detail": "Throttled"}


def test_a_held_integration_whose_source_does_not_answer_is_held(case: Case) -> None:
    case.source.trouble = SetupError("Refused")
    case.change(status=Status.SETUP_REQUIRED)
    assert case.told() == ("held", "INTEGRATION_HELD")


def test_a_record_that_is_not_stored_while_business_central_is_silent_is_unknown(case: Case) -> None:
    case.source.trouble = RetryLaterError("Throttled", delay=9)
    assert case.told(NOBODY) == ("unknown", "SOURCE_NOT_ASKED")


def test_without_a_look_at_business_central_the_stored_part_is_told(case: Case) -> None:
    case.put("B")
    found = case.explain(query="?live=false")
    assert (found["state"], found["because"]["code"], found["source"]["seen"]) == (
        "in_sync",
        "AS_LAST_READ",
        "not_asked",
    )


@pytest.mark.parametrize("query", ["", "?live=false"])
@pytest.mark.parametrize("row", [NOBODY, "no-id-of-theirs"])
def test_what_nobody_knows_is_not_found(case: Case, row: str, query: str) -> None:
    assert case.office.ask("GET", f"{case.home}/suppliers/{row}/explain{query}").status == 404


def test_a_record_whose_failure_is_all_that_is_left_is_gone(case: Case) -> None:
    row = case.office.company.add("vendors", "")
    case.sync(mode="delta")
    case.office.company.delete("vendors", row)
    case.sync(mode="delta")
    assert case.told(row) == ("gone", "NOT_IN_SOURCE")


def test_without_a_company_nobody_can_be_asked(case: Case) -> None:
    found = case.office.desk.integrations.find(case.home.split("/")[3])
    assert found is not None
    case.change(connection=replace(found.connection, company_id=None))
    trouble = case.office.ask("GET", f"{case.home}/suppliers/{NOBODY}/explain").data["source"]["trouble"]
    assert trouble["code"] == "COMPANY_REQUIRED"


def test_live_is_true_or_false(case: Case) -> None:
    answer = case.office.ask("GET", f"{case.home}/suppliers/{case.row}/explain?live=maybe")
    assert answer.pointers == {"/live": "UNKNOWN_VALUE"}


@dataclass(slots=True)
class _Timeless(ToySource):
    """A toy source whose records tell another time of modification, or none."""

    told: str | None = None

    def record(self, query: PageQuery, external_id: str) -> dict[str, Any] | None:
        found = ToySource.record(self, query, external_id)
        return None if found is None else {**found, "lastModifiedDateTime": self.told}
