"""A mass change stops a run, and goes on once somebody has approved it."""

import pytest

from tests.flow.kit import Caller, Connector, Site, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

BREAKER = {"breaker": {"changes": {"share": 0.5, "count": 3}, "blanks": {"share": 0.2, "count": 1}}}


@pytest.fixture
def guarded(connector: Connector, alice: Caller) -> Site:
    """Return an integration whose seven suppliers may not all change at once, after its first full sync."""
    site = connector.connect(alice, settings=BREAKER)
    site.sync()
    return site


def cities(site: Site) -> set[str]:
    return {record["city"] for record in site.records("suppliers")}


def moved(site: Site, city: str, count: int = 7) -> None:
    """Let vendors move to another city."""
    for row in site.rows("vendors")[:count]:
        site.change("vendors", {"city": city}, id=row["id"])


@pytest.mark.parametrize("body", [{}, {"mode": "delta"}])
def test_a_mass_change_is_held_and_goes_on_when_it_is_approved(guarded: Site, body: dict[str, str]) -> None:
    before = cities(guarded)
    moved(guarded, "Lund")
    run = guarded.run(guarded.sync(**body)["runId"])
    assert (run["status"], run["error"]["code"], cities(guarded)) == ("partial", "APPROVAL_REQUIRED", before)
    assert (run["approval"]["changes"], run["approval"]["stored"], len(run["approval"]["sample"])) == (7, 7, 7)
    done = guarded.call("POST", f"/runs/{run['id']}/approve")
    assert (done.status, done.data["runId"], done.data["suppliers"]["updated"]) == (200, run["id"], 7)
    assert cities(guarded) == {"Lund"}
    problem(guarded.call("POST", f"/runs/{run['id']}/approve"), 409, "NOT_HELD")


def test_an_emptied_column_is_held_and_a_newer_run_overtakes_it(guarded: Site) -> None:
    before = cities(guarded)
    moved(guarded, "", count=2)
    first = guarded.sync(mode="delta")["runId"]
    assert guarded.run(first)["approval"]["blanks"] == 2
    second = guarded.sync(mode="delta")["runId"]
    assert problem(guarded.call("POST", f"/runs/{first}/approve"), 409, "APPROVAL_STALE")["runId"] == second
    assert cities(guarded) == before


def test_the_run_of_someone_else_cannot_be_approved(guarded: Site, bob: Caller) -> None:
    moved(guarded, "Lund")
    run_id = guarded.sync()["runId"]
    problem(bob.call("POST", guarded.path(f"/runs/{run_id}/approve")), 404)


def test_a_few_changes_are_written_at_once(guarded: Site) -> None:
    moved(guarded, "Lund", count=3)
    assert guarded.sync(mode="delta")["suppliers"]["updated"] == 3
