"""Certificates over HTTP: whatever the source hides is named, and anyone can check the digest."""

import hashlib
import json
from typing import Any

import pytest

from tests.flow.kit import Caller, Connector, Site, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]


@pytest.fixture
def large(connector: Connector, alice: Caller) -> Site:
    """Return an integration with 600 items, read in pages of 100."""
    return connector.connect(alice, "generated", settings={"pageSize": 100})


def certified(site: Site, run_id: str, entity: str = "suppliers") -> Any:
    """Return one entity type of a run's certificate."""
    return site.get(f"/runs/{run_id}/certificate")["entities"][entity]


HIDING = {
    "only while the run reads": (r"vendors\?.*taxRegistrationNumber", "listed_later"),
    "in every list but that of their number": (r"vendors\?(?!.*number%20eq)", "listed_later"),
    "in every list": (r"vendors\?", "counted_not_listed"),
}


@pytest.mark.parametrize("hiding", HIDING)
def test_a_certificate_names_every_record_that_is_hidden(site: Site, hiding: str) -> None:
    match, reason = HIDING[hiding]
    rows = site.rows("vendors")
    hidden = [rows[1], rows[5]]
    site.control.set_switch(max_page_size=3)
    site.control.fault(effect="omit", match=match, ids=[row["id"] for row in hidden])
    run = site.run(site.sync(entities=["suppliers"])["runId"])
    found = certified(site, run["id"])
    assert (run["status"], run["error"]["code"], found["verdict"]) == ("partial", "LISTING_SHORT", "short")
    assert (found["counted"], found["read"], found["unnamed"]) == (7, 5, 0)
    named = [(each["number"], each["reason"]) for each in found["missing"]]
    assert sorted(named) == sorted((row["number"], reason) for row in hidden)
    ids = {each["externalId"] for each in found["missing"]}
    assert ids == ({None} if reason == "counted_not_listed" else {row["id"] for row in hidden})


@pytest.mark.parametrize("hiding", HIDING)
def test_a_certificate_names_every_stored_record_that_is_hidden_with_its_id(synced: Site, hiding: str) -> None:
    rows = synced.rows("vendors")
    hidden = {row["id"]: (row["number"], row["displayName"], "known_not_listed") for row in rows[2:4]}
    synced.control.fault(effect="omit", match=HIDING[hiding][0], ids=list(hidden))
    found = certified(synced, synced.sync(entities=["suppliers"])["runId"])
    named = {each["externalId"]: (each["number"], each["name"], each["reason"]) for each in found["missing"]}
    assert named == hidden
    assert (found["stored"], found["unnamed"]) == (7, 0)


def test_hidden_records_among_many_are_found_within_two_hundred_requests(large: Site) -> None:
    rows = large.rows("items")
    hidden = [rows[number] for number in (0, 77, 78, 341, 599)]
    large.control.fault(effect="omit", match=r"items\?", ids=[row["id"] for row in hidden])
    run_id = large.sync(entities=["products"])["runId"]
    named = [each["number"] for each in certified(large, run_id, "products")["missing"]]
    assert sorted(named) == sorted(row["number"] for row in hidden)
    assert len(large.control.journal(part="bc")) <= 210


def test_a_complete_run_is_certified_with_a_digest_that_anyone_can_compute(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.delete("vendors", row["id"])
    run = synced.run(synced.sync()["runId"])
    found = synced.hub.get(run["certificate"])
    digest = found.pop("digest")
    text = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest == hashlib.sha256(text.encode()).hexdigest()
    suppliers = found["entities"]["suppliers"]
    assert (found["runId"], found["verdict"], found["companyId"]) == (run["id"], "complete", synced.company)
    assert [each["externalId"] for each in suppliers["gone"]] == [row["id"]]
    assert suppliers["watermark"] == {"from": None, "to": run["watermark"]["to"]}
    assert (suppliers["stored"], suppliers["missing"], suppliers["extra"]) == (6, [], [])


def test_a_delta_has_no_certificate(synced: Site) -> None:
    run = synced.run(synced.sync(mode="delta")["runId"])
    assert run["certificate"] is None
    problem(synced.call("GET", f"/runs/{run['id']}/certificate"), 404, "CERTIFICATE_NOT_ISSUED")
