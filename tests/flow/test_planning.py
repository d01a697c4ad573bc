"""A plan writes nothing, and applying it does what it told, or refuses."""

import pytest

from tests.flow.kit import Caller, Site, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]


def planned(site: Site, **body: str) -> dict[str, object]:
    """Plan a sync, and return the plan."""
    answer = site.call("POST", "/dynamics/sync?plan=true", body)
    assert answer.status == 200, answer.body
    return dict(answer.data)


def test_a_plan_is_told_row_by_row_and_applied(synced: Site) -> None:
    moved, gone = synced.rows("vendors")[:2]
    synced.change("vendors", {"city": "Lund"}, id=moved["id"])
    synced.delete("vendors", gone["id"])
    plan = planned(synced)
    told = {each["externalId"]: each for each in synced.get(f"/plans/{plan['planId']}/changes?entity=suppliers")}
    assert (told[moved["id"]]["fields"]["city"]["to"], told[gone["id"]]["action"], len(told)) == ("Lund", "gone", 2)
    assert synced.record("suppliers", moved["id"]).data["city"] != "Lund"
    done = synced.call("POST", f"/plans/{plan['planId']}/apply")
    assert (done.status, done.data["suppliers"]["updated"]) == (200, 1)
    assert synced.record("suppliers", moved["id"]).data["city"] == "Lund"
    assert synced.record("suppliers", gone["id"]).data["presentInSource"] is False


@pytest.mark.parametrize("mode", ["full", "delta"])
def test_a_plan_that_is_not_true_any_more_is_refused(synced: Site, mode: str) -> None:
    first, second = synced.rows("vendors")[:2]
    synced.change("vendors", {"city": "Lund"}, id=first["id"])
    plan = planned(synced, mode=mode)
    synced.change("vendors", {"city": "Malmö"}, id=second["id"])
    problem(synced.call("POST", f"/plans/{plan['planId']}/apply"), 409, "PLAN_STALE")
    assert "Lund" not in {record["city"] for record in synced.records("suppliers")}


def test_a_platform_edit_in_between_is_noticed(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.change("vendors", {"city": "Lund"}, id=row["id"])
    plan = planned(synced)
    synced.edit("suppliers", row["id"], {"city": "Malmö"})
    problem(synced.call("POST", f"/plans/{plan['planId']}/apply"), 409, "PLAN_STALE")
    assert synced.record("suppliers", row["id"]).data["city"] == "Malmö"


def test_a_plan_of_someone_else_is_not_found(synced: Site, bob: Caller) -> None:
    plan = planned(synced)
    problem(bob.call("POST", synced.path(f"/plans/{plan['planId']}/apply")), 404)
    problem(bob.call("GET", synced.path(f"/plans/{plan['planId']}")), 404)
