"""Authorizing a connection over HTTP: what a consent changes, and the pages that people see."""

import logging
from html import unescape

import pytest

from sync.model.errors import ConsentError, RetryLaterError
from sync.model.integration import Status
from sync.model.secret import Secret
from sync.storage.memory import MemorySecretStore
from sync.triggers.consents import CALLBACK
from tests.triggers.kit import CLIENT, TENANT, Office
from tests.triggers.signing import (
    DELEGATED,
    OTHER_CLIENT,
    asked,
    authorize,
    come_back,
    consent_of,
    entries,
    link,
    path,
    stored,
)


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
    assert (proof.code, proof.verifier) == (Secret("a-code"), Secret(f"{2:064d}"))
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


def test_a_declined_consent_leads_back_to_the_step_that_asked_for_it() -> None:
    office = Office(console="/")
    integration_id = office.integrated(connection=DELEGATED)
    state = asked(link(office, integration_id))["state"]
    page = come_back(office, state, "error=access_denied")
    back = f'<a href="/#/connect/{integration_id}/authorize?refused=CONSENT_DECLINED">'
    assert (page.status, back in page.text) == (400, True)


@pytest.mark.parametrize(("console", "state"), [("/", "out-of-nowhere"), (None, f"int_1.{0:064d}")])
def test_a_page_leads_nowhere_without_a_console_or_an_integration(console: str | None, state: str) -> None:
    page = come_back(Office(console=console), state)
    assert (page.status, "<a " in page.text) == (400, False)


def test_the_configuration_stays_as_it_was(office: Office) -> None:
    integration_id = office.integrated(connection=DELEGATED, schedule="0 */5 * * * *", settings={"pageSize": 200})
    before = office.ask("GET", path(integration_id))
    authorize(office, integration_id)
    after = office.ask("GET", path(integration_id))
    told = {"status", "statusReason", "nextRunAt", "health", "connection"}
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


class Clinging(MemorySecretStore):
    """Secrets that cannot be removed, but for sign-ins."""

    def delete(self, name: str) -> None:
        """Refuse to remove a consent."""
        if name.startswith("consent"):
            raise RetryLaterError("away", delay=5, code="VAULT_UNAVAILABLE")
        super().delete(name)


def test_a_former_consent_that_cannot_be_removed_does_not_undo_the_new_one() -> None:
    office = Office(secrets=Clinging())
    waiting = office.integrated(connection=DELEGATED)
    assert [authorize(office, waiting).status for _ in range(2)] == [200, 200]
    assert stored(office, waiting).status is Status.ACTIVE


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
