"""What is told of an integration at one look."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.model.approval import Approval
from sync.model.contract_link import ContractLink
from sync.model.entity import EntityType
from sync.model.proposal import Proposal
from sync.model.run import Run, RunKind, RunStatus, RunTrigger, Tally
from sync.services.summary import stand_of
from tests.support.company import START
from tests.triggers.kit import Office

SUPPLIERS = EntityType.SUPPLIERS


@pytest.fixture
def home(office: Office) -> str:
    office.company.add("vendors", "")
    office.company.add("vendors", "A vendor")
    home = f"/api/integrations/{office.integrated()}"
    office.ask("POST", f"{home}/dynamics/sync")
    return home


def run(number: int, kind: RunKind, status: RunStatus = RunStatus.SUCCEEDED, **totals: int) -> Run:
    counted = {SUPPLIERS: Tally(**totals)} if totals else {}
    return Run(
        f"run_{number}",
        "int_1",
        kind,
        RunTrigger.MANUAL,
        (SUPPLIERS,),
        START,
        status=status,
        ended_at=START + timedelta(minutes=number),
        totals=counted,
    )


def test_the_latest_runs_are_told_newest_first(office: Office, home: str) -> None:
    office.ask("POST", f"{home}/dynamics/sync", {"mode": "delta"})
    activity = office.ask("GET", f"{home}/summary").data["activity"]
    assert [(each["kind"], each["status"]) for each in activity] == [("delta", "partial"), ("full", "partial")]
    assert {name: activity[1][name] for name in ("read", "records", "errors", "plan")} == {
        "read": 2,
        "records": 1,
        "errors": 1,
        "plan": False,
    }


def test_what_is_in_step_is_told_as_the_last_full_run_found_it(office: Office, home: str) -> None:
    summary = office.ask("GET", f"{home}/summary").data
    stand = summary["records"]["suppliers"]
    assert {name: stand[name] for name in ("read", "inStep", "createdSince")} == {
        "read": 2,
        "inStep": 1,
        "createdSince": 0,
    }
    assert summary["failures"] == {"count": 1, "more": False}
    assert summary["conflicts"] == {"count": 0, "more": False}


def test_before_the_first_run_there_is_nothing_to_tell(office: Office) -> None:
    summary = office.ask("GET", f"/api/integrations/{office.integrated()}/summary").data
    assert (summary["activity"], summary["activeRun"]) == ([], None)
    assert summary["records"] == {"suppliers": None, "products": None}


def test_a_run_under_way_is_told_with_its_progress(office: Office, home: str) -> None:
    last = office.ask("GET", f"{home}/runs").data[0]["integrationId"]
    begun = Run("run_00", last, RunKind.DELTA, RunTrigger.TIMER, (SUPPLIERS,), office.clock.now())
    office.desk.runs.create(begun)
    active = office.ask("GET", f"{home}/summary").data["activeRun"]
    assert (active["id"], active["status"], active["progress"]["phase"]) == ("run_00", "queued", "starting")


def test_runs_that_wait_for_an_approval_are_named(office: Office, home: str) -> None:
    last = office.ask("GET", f"{home}/runs").data[0]["integrationId"]
    for number, required in ((1, True), (2, False)):
        asked = Approval(required, 3, 0, 4)
        made = run(number, RunKind.DELTA, RunStatus.PARTIAL)
        office.desk.runs.create(replace(made, integration_id=last, approval=asked))
    assert office.ask("GET", f"{home}/summary").data["heldRuns"] == ["run_1"]


def test_records_that_came_since_the_last_full_run_are_counted() -> None:
    runs = [
        run(5, RunKind.DELTA, created=2, read=2),
        run(4, RunKind.DELTA, RunStatus.FAILED, created=9),
        run(3, RunKind.FULL, created=3, updated=4, unchanged=5, errors=1, read=13),
        run(2, RunKind.FULL, created=8),
    ]
    stand = stand_of(runs, SUPPLIERS)
    assert stand is not None
    assert (stand.read, stand.in_step, stand.created_since, stand.at) == (13, 12, 2, START + timedelta(minutes=3))


def test_a_plan_is_no_run_that_counts() -> None:
    plan = run(2, RunKind.FULL, created=8)
    proposed = Run(**{name: getattr(plan, name) for name in Run.__dataclass_fields__} | {"proposal": Proposal(START)})
    assert stand_of([proposed], SUPPLIERS) is None


def test_a_bridge_tells_of_its_contracts_by_state(office: Office) -> None:
    bridge = office.bridged()
    for number, state in ((1, "draft"), (2, "signed"), (3, "draft")):
        link = ContractLink(bridge, number, "opportunity", f"r{number}", "A deal", state, START)
        office.hub.bridges.links.create(link)
    office.ask("POST", f"/api/integrations/{bridge}/dynamics/test")
    summary = office.ask("GET", f"/api/integrations/{bridge}/summary").data
    assert summary["contracts"] == {"states": {"draft": 2, "signed": 1}, "more": False}
    assert [each["kind"] for each in summary["activity"]] == ["TEST"]
    assert summary["conflicts"] == {"count": 0, "more": False}


def test_someone_elses_integration_tells_nothing(office: Office, home: str) -> None:
    office.user = "mallory"
    assert office.ask("GET", f"{home}/summary").status == 404
