"""Signing in, as trigger tests do it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from sync.model.integration import Consent, Integration
from sync.triggers.consents import CALLBACK
from tests.triggers.kit import CONNECTION, Office, Reply

DELEGATED = {**CONNECTION, "grant": "authorization_code"}
OTHER_CLIENT = "dddddddd-0000-4000-8000-000000000004"


def path(integration_id: str, rest: str = "") -> str:
    """Return the path of an integration, or one below it."""
    return f"/api/integrations/{integration_id}{rest}"


def link(office: Office, integration_id: str) -> str:
    """Return where the owner signs in."""
    address: str = office.ask("POST", path(integration_id, "/dynamics/authorize")).data["authorizeUrl"]
    return address


def asked(address: str) -> dict[str, str]:
    """Return what an address asks."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def come_back(office: Office, state: str, query: str = "code=a-code") -> Reply:
    """Come back from the sign-in page as a browser does: without a token."""
    return office.ask("GET", f"/{CALLBACK}?state={state}&{query}", Authorization="")


def authorize(office: Office, integration_id: str) -> Reply:
    """Sign in and consent."""
    return come_back(office, asked(link(office, integration_id))["state"])


def stored(office: Office, integration_id: str) -> Integration:
    """Return the integration as it is stored."""
    found = office.desk.integrations.find(integration_id)
    assert found is not None
    return found


def consent_of(office: Office, integration_id: str) -> Consent:
    """Return the consent that is stored."""
    found = stored(office, integration_id).connection.consent
    assert found is not None
    return found


def entries(office: Office, integration_id: str) -> list[Any]:
    """Return the log entries about sign-ins."""
    return list(office.ask("GET", path(integration_id, "/sync-logs?action=AUTHORIZE")).data)
