"""Authorizing a connection over HTTP: the link, the callback, and the pages that people see."""

import logging
from datetime import timedelta
from functools import partial
from html import unescape
from threading import Barrier, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sync.model.errors import ConsentError, RetryLaterError
from sync.model.integration import Consent, Integration, Status
from sync.model.secret import Secret
from sync.ports import Lease
from sync.storage.memory import MemoryLeaseStore
from sync.triggers.consents import CALLBACK
from tests.triggers.kit import CLIENT, CONNECTION, TENANT, Office, Reply

DELEGATED = {**CONNECTION, "grant": "authorization_code"}
OTHER_CLIENT = "dddddddd-0000-4000-8000-000000000004"


@pytest.fixture
def waiting(office: Office) -> str:
    """Return an integration that nobody has authorized."""
    return office.integrated(connection=DELEGATED)


def path(integration_id: str, rest: str = "") -> str:
    return f"/api/integrations/{integration_id}{rest}"


def link(office: Office, integration_id: str) -> str:
    address: str = office.ask("POST", path(integration_id, "/dynamics/authorize")).data["authorizeUrl"]
    return address


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def come_back(office: Office, state: str, query: str = "code=a-code") -> Reply:
    return office.ask("GET", f"/{CALLBACK}?state={state}&{query}", Authorization="")


def authorize(office: Office, integration_id: str) -> Reply:
    return come_back(office, asked(link(office, integration_id))["state"])


def stored(office: Office, integration_id: str) -> Integration:
    found = office.desk.integrations.find(integration_id)
    assert found is not None
    return found


def consent_of(office: Office, integration_id: str) -> Consent:
    found = stored(office, integration_id).connection.consent
    assert found is not None
    return found


def entries(office: Office, integration_id: str) -> list[Any]:
    return list(office.ask("GET", path(integration_id, "/sync-logs?action=AUTHORIZE")).data)


def test_the_link_comes_back_to_the_origin_of_its_request(office: Office, waiting: str) -> None:
    assert asked(link(office, waiting))["back"] == f"https://hub.example/{CALLBACK}"


def test_the_link_comes_back_to_the_public_address_if_there_is_one() -> None:
    office = Office(public_url="https://public.example")
    assert asked(link(office, office.integrated(connection=DELEGATED)))["back"] == f"https://public.example/{CALLBACK}"


def test_a_consent_makes_the_integration_active(office: Office, waiting: str) -> None:
    page = authorize(office, waiting)
    shown = office.ask("GET", path(waiting)).data
    assert (page.status, shown["status"], shown["statusReason"]) == (200, "active", None)


def test_a_code_is_exchanged_with_the_verifier_and_address_of_its_link(office: Office, waiting: str) -> None:
    authorize(office, waiting)
    (proof,) = office.authority.proofs
    assert (proof.code, proof.verifier) == (Secret("a-code"), Secret(f"{2:043d}"))
    assert proof.redirect_uri == f"https://hub.example/{CALLBACK}"


def test_the_page_names_the_integration_and_shows_text_as_text(office: Office) -> None:
    page = authorize(office, office.integrated(connection=DELEGATED, name="<b>Ours</b> & theirs"))
    assert "<b>" not in page.text
    assert "“<b>Ours</b> & theirs”" in unescape(page.text)


def test_a_page_allows_nothing(office: Office, waiting: str) -> None:
    page = authorize(office, waiting)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")


def test_a_consent_leads_to_the_console_if_there_is_one() -> None:
    office = Office(console="/console")
    integration_id = office.integrated(connection=DELEGATED)
    done = authorize(office, integration_id)
    assert (done.status, done.headers["location"]) == (303, f"/console?authorized={integration_id}")


def test_the_configuration_stays_as_it_was(office: Office) -> None:
    integration_id = office.integrated(connection=DELEGATED, schedule="0 */5 * * * *", settings={"pageSize": 200})
    before = office.ask("GET", path(integration_id))
    authorize(office, integration_id)
    after = office.ask("GET", path(integration_id))
    told = {"status", "statusReason", "health", "connection"}
    assert {name: after.data[name] for name in after.data if name not in told} == {
        name: before.data[name] for name in before.data if name not in told
    }
    assert after.headers["etag"] == before.headers["etag"]


def test_the_connection_shows_since_when_it_is_authorized(office: Office, waiting: str) -> None:
    shown = [office.ask("GET", path(waiting)).data["connection"]["authorizedAt"]]
    authorize(office, waiting)
    assert [*shown, office.ask("GET", path(waiting)).data["connection"]["authorizedAt"]] == [
        None,
        "2026-01-05T08:00:00Z",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status.SETUP_REQUIRED, Status.ACTIVE),
        (Status.REAUTH_REQUIRED, Status.ACTIVE),
        (Status.ACTIVE, Status.ACTIVE),
        (Status.PAUSED, Status.PAUSED),
        (Status.BROKEN, Status.BROKEN),
    ],
)
def test_a_consent_lifts_only_the_holds_that_it_mends(
    office: Office, waiting: str, before: Status, after: Status
) -> None:
    office.change_integration(waiting, status=before)
    authorize(office, waiting)
    assert stored(office, waiting).status is after


def test_a_new_consent_takes_the_place_of_the_old_one(office: Office, waiting: str) -> None:
    authorize(office, waiting)
    former = consent_of(office, waiting)
    office.desk.secrets.set(former.secret_name, Secret("former"))
    authorize(office, waiting)
    assert consent_of(office, waiting) != former
    assert office.desk.secrets.get(former.secret_name) is None


def test_an_attempt_is_in_the_log_however_it_ends(office: Office, waiting: str) -> None:
    office.authority.troubles = [ConsentError("The code was refused")]
    authorize(office, waiting)
    authorize(office, waiting)
    assert [(each["status"], each["metadata"].get("code")) for each in entries(office, waiting)] == [
        ("SUCCESS", None),
        ("ERROR", "REAUTH_REQUIRED"),
    ]


def test_a_refused_code_is_a_page_with_the_reason_and_changes_nothing(office: Office, waiting: str) -> None:
    office.authority.troubles = [RetryLaterError("Entra <is> away", delay=1, code="SIGN_IN_UNAVAILABLE")]
    page = authorize(office, waiting)
    assert (page.status, "Entra <is> away" in unescape(page.text), "<is>" in page.text) == (400, True, False)
    assert stored(office, waiting).status is Status.SETUP_REQUIRED


@pytest.mark.parametrize("query", ["error=access_denied&error_description=x", "", "error=server_error&code=a-code"])
def test_an_error_instead_of_a_code_is_a_page_and_exchanges_nothing(office: Office, waiting: str, query: str) -> None:
    page = come_back(office, asked(link(office, waiting))["state"], query)
    assert (page.status, "CONSENT_DECLINED" in page.text, office.authority.proofs) == (400, True, [])


def test_a_state_works_once(office: Office, waiting: str) -> None:
    state = asked(link(office, waiting))["state"]
    assert [come_back(office, state).status for _ in range(2)] == [200, 400]
    assert len(office.authority.proofs) == 1


def test_a_state_is_used_up_by_a_refusal_too(office: Office, waiting: str) -> None:
    state = asked(link(office, waiting))["state"]
    come_back(office, state, "error=access_denied")
    assert (come_back(office, state).status, office.authority.proofs) == (400, [])


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 400)])
def test_a_link_is_good_for_ten_minutes(office: Office, waiting: str, seconds: int, status: int) -> None:
    state = asked(link(office, waiting))["state"]
    office.clock.pass_by(seconds)
    page = come_back(office, state)
    assert (page.status, "SIGN_IN_LINK_EXPIRED" in page.text) == (status, status == 400)


def test_only_the_newest_link_works(office: Office, waiting: str) -> None:
    old, new = (asked(link(office, waiting))["state"] for _ in range(2))
    assert [come_back(office, state).status for state in (old, new)] == [400, 200]


@pytest.mark.parametrize("twist", ["{0}x", "x{0}", "{0}.x", "int_unknown.{1}", "{1}", "", "%00", "{2}.{3}"])
def test_a_state_that_is_not_expected_is_refused(office: Office, waiting: str, twist: str) -> None:
    state = asked(link(office, waiting))["state"]
    page = come_back(office, twist.format(state, state.partition(".")[2], waiting, "z" * 43))
    assert (page.status, "SIGN_IN_LINK_UNKNOWN" in page.text, office.authority.proofs) == (400, True, [])


def test_a_state_of_another_user_does_not_open_this_integration(office: Office, waiting: str) -> None:
    link(office, waiting)
    office.user = "bob"
    theirs = office.integrated(connection=DELEGATED)
    state = asked(link(office, theirs))["state"]
    assert come_back(office, state.replace(theirs, waiting)).status == 400
    assert stored(office, waiting).connection.consent is None


def test_someone_else_gets_no_link(office: Office, waiting: str) -> None:
    office.user = "mallory"
    refused = office.ask("POST", path(waiting, "/dynamics/authorize"))
    assert (refused.status, refused.code, office.authority.riddles) == (404, "NOT_FOUND", 0)


def test_client_credentials_need_no_link(office: Office) -> None:
    refused = office.ask("POST", path(office.integrated(), "/dynamics/authorize"))
    assert (refused.status, refused.code) == (409, "CONSENT_NOT_NEEDED")


@pytest.mark.parametrize("change", [{"clientId": OTHER_CLIENT}, {"grant": "client_credentials"}])
def test_a_link_is_good_for_nothing_after_the_connection_has_changed(
    office: Office, waiting: str, change: dict[str, str]
) -> None:
    state = asked(link(office, waiting))["state"]
    office.ask("PATCH", path(waiting), {"connection": change}, If_Match="*")
    assert (come_back(office, state).status, office.authority.proofs) == (400, [])


def test_a_consent_for_a_connection_that_changes_meanwhile_is_thrown_away(office: Office, waiting: str) -> None:
    def change() -> None:
        name = office.authority.connections[0].consent
        office.desk.secrets.set(name.secret_name if name else "", Secret("fresh"))
        office.ask("PATCH", path(waiting), {"connection": {"clientId": OTHER_CLIENT}}, If_Match="*")

    office.authority.meanwhile = change
    assert authorize(office, waiting).status == 400
    assert stored(office, waiting).connection.consent is None
    (used,) = office.authority.connections
    assert used.consent is not None
    assert office.desk.secrets.get(used.consent.secret_name) is None


def test_a_consent_for_an_integration_that_goes_meanwhile_is_thrown_away(office: Office, waiting: str) -> None:
    office.authority.meanwhile = partial(office.ask, "DELETE", path(waiting))
    page = authorize(office, waiting)
    assert (page.status, "SIGN_IN_LINK_UNKNOWN" in page.text) == (400, True)


class Stumbling:
    """Integrations that someone renames before the first save."""

    def __init__(self, office: Office) -> None:
        self.inner, self.pending = office.desk.integrations, [office]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def save(self, integration: Integration) -> Integration:
        """Rename, then save."""
        for office in (self.pending.pop() for _ in list(self.pending)):
            office.change_integration(integration.id, name="Renamed")
        return self.inner.save(integration)


def test_a_change_of_the_name_meanwhile_is_kept(office: Office, waiting: str) -> None:
    object.__setattr__(office.hub.consents, "integrations", Stumbling(office))
    assert authorize(office, waiting).status == 200
    found = stored(office, waiting)
    assert (found.name, found.status) == ("Renamed", Status.ACTIVE)


class LateLeases(MemoryLeaseStore):
    """Somebody else comes with the same state in the moment before the lease is given."""

    def __init__(self, office: Office, state: str) -> None:
        super().__init__()
        self.office, self.state, self.others = office, state, list[int]()

    def acquire(self, key: str, holder: str, **more: Any) -> Lease | None:
        """Let the other one finish first."""
        if key.startswith("signin") and not self.others:
            self.others.append(0)
            self.others.append(come_back(self.office, self.state).status)
        return super().acquire(key, holder, **more)


def test_of_two_callbacks_at_once_the_later_one_is_refused(office: Office, waiting: str) -> None:
    state = asked(link(office, waiting))["state"]
    late = LateLeases(office, state)
    object.__setattr__(office.hub.consents, "leases", late)
    assert (come_back(office, state).status, late.others[1:], len(office.authority.proofs)) == (400, [200], 1)


def test_of_many_callbacks_at_once_one_gets_through(office: Office, waiting: str) -> None:
    state, start, seen = asked(link(office, waiting))["state"], Barrier(8), list[int]()

    def work() -> None:
        start.wait()
        seen.append(come_back(office, state).status)

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(seen), len(office.authority.proofs)) == ([200, *[400] * 7], 1)


def test_a_callback_that_finds_another_at_work_is_refused(office: Office, waiting: str) -> None:
    state, now = asked(link(office, waiting))["state"], office.clock.now()
    key = stored(office, waiting).sign_in_name.replace("-", "_")
    office.desk.leases.acquire(key, "another", until=now + timedelta(seconds=15), now=now, facts={})
    assert (come_back(office, state).status, office.authority.proofs) == (400, [])


def test_a_callback_that_died_at_work_may_be_tried_again(office: Office, waiting: str) -> None:
    state, now = asked(link(office, waiting))["state"], office.clock.now()
    key = stored(office, waiting).sign_in_name.replace("-", "_")
    office.desk.leases.acquire(key, "another", until=now + timedelta(seconds=15), now=now, facts={})
    office.clock.pass_by(16)
    assert come_back(office, state).status == 200


def test_an_unexpected_error_is_a_page_and_logged(
    office: Office, waiting: str, caplog: pytest.LogCaptureFixture
) -> None:
    office.authority.troubles = [KeyError("planted detail")]
    page = authorize(office, waiting)
    assert (page.status, "planted" in page.text) == (500, False)
    assert [entry.message for entry in caplog.records if entry.levelno >= logging.ERROR] == ["request failed"]


def test_neither_code_nor_state_is_logged(office: Office, waiting: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    state = asked(link(office, waiting))["state"]
    come_back(office, state, "code=planted-code")
    told = " ".join(str(entry.__dict__) for entry in caplog.records)
    assert ("planted-code" in told, state in told, "request answered" in told) == (False, False, True)


def test_a_removed_integration_leaves_neither_consent_nor_link(office: Office, waiting: str) -> None:
    authorize(office, waiting)
    office.desk.secrets.set(consent_of(office, waiting).secret_name, Secret("kept"))
    link(office, waiting)
    office.ask("DELETE", path(waiting))
    assert office.secret_names() == set()


def test_a_connection_awaiting_consent_starts_no_run(office: Office, waiting: str) -> None:
    office.ask("PATCH", path(waiting), {"connection": {"environment": "Sandbox"}}, If_Match="*")
    refused = office.ask("POST", path(waiting, "/dynamics/sync"))
    assert (refused.status, refused.code) == (409, "SETUP_REQUIRED")
    assert "authorize" in refused.body["detail"]
    assert office.ask("GET", path(waiting, "/runs")).data == []


@pytest.mark.parametrize(
    ("change", "status", "kept"),
    [
        ({"clientSecret": "another"}, "active", True),
        ({"environment": "Sandbox"}, "active", True),
        ({"companyId": TENANT}, "active", True),
        ({"clientId": CLIENT.upper()}, "active", True),
        ({"clientId": OTHER_CLIENT}, "setup_required", False),
        ({"tenantId": "contoso.example"}, "setup_required", False),
        ({"grant": "client_credentials"}, "active", False),
    ],
)
def test_a_consent_stays_as_long_as_tenant_and_client_do(
    office: Office, waiting: str, change: dict[str, str], status: str, *, kept: bool
) -> None:
    authorize(office, waiting)
    name = consent_of(office, waiting).secret_name
    office.desk.secrets.set(name, Secret("kept"))
    changed = office.ask("PATCH", path(waiting), {"connection": change}, If_Match="*").data
    assert (changed["status"], office.desk.secrets.get(name) is not None) == (status, kept)
    assert (stored(office, waiting).connection.consent is not None) == kept


def test_client_credentials_end_the_wait_for_consent(office: Office, waiting: str) -> None:
    change = {"connection": {"grant": "client_credentials"}}
    changed = office.ask("PATCH", path(waiting), change, If_Match="*").data
    assert (changed["status"], changed["statusReason"]) == ("active", None)
