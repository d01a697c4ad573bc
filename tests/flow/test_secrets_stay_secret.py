"""Secrets are accepted and never seen again: not in answers, output, tables, blobs or workflow histories."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
import requests
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient

from scripts.stack import Stack
from tests.flow.kit import SEEN, Connector, Site, watched

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

SECRETS = ("canary~First.8Q~secret-value_0001", "canary~Second.8Q~secret-value_0002")
TOKEN = re.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*")
"""What every bearer token looks like, the caller's and Business Central's."""
GRANT = re.compile(r"[01]\.A[\w-]{64}")
"""What every authorization code and refresh token looks like."""


@dataclass(frozen=True, slots=True)
class Scenes:
    """A stack on which secrets were used in every way, and the tokens that callers showed."""

    stack: Stack
    tokens: tuple[str, ...]


@pytest.fixture(scope="module")
def scenes(stack: Stack) -> Scenes:
    """Use recognisable secrets: well, wrongly, renewed, refused, and in orders that are not acceptable."""
    with watched(stack.control):
        makes = Connector(stack, stack.control)
        hub, client = makes.caller("alice"), stack.control.client("hub-other")["clientId"]
        stack.control.set_app(client, secret=SECRETS[0])
        site = makes.connect(hub, client="hub-other", connection={"clientSecret": SECRETS[0]})
        site.sync()
        site.call("POST", "/dynamics/test")
        _quarrel(makes, site)
        stack.control.set_app(client, secret=SECRETS[1])
        stack.control.revoke_tokens()
        site.try_sync({"mode": "delta"})
        site.call("POST", "/dynamics/test")
        site.patch({"connection": {"clientSecret": SECRETS[1]}})
        site.sync(mode="delta")
        _consent(makes)
        for rest in ("", "/runs", "/sync-logs", "/suppliers", "/dynamics/companies"):
            site.call("GET", rest)
        return Scenes(stack, (hub.token,))


def _consent(makes: Connector) -> None:
    """Let a user consent, use it, refresh it, lose it, and show a used code once more."""
    hub = makes.caller("alice")
    site = makes.connect(hub, connection={"grant": "authorization_code"})
    address = makes.control.sign_in(site.call("POST", "/dynamics/authorize").data["authorizeUrl"])
    assert GRANT.search(address)
    for _ in range(2):
        hub.call("GET", address)
    makes.control.revoke_tokens()
    site.sync()
    makes.control.revoke_tokens()
    makes.control.revoke_grants()
    site.try_sync({"mode": "delta"})
    for rest in ("", "/runs", "/sync-logs"):
        site.call("GET", rest)


def _quarrel(makes: Connector, site: Site) -> None:
    """Send the secret where it does not belong, and let Business Central repeat it."""
    order = makes.order(clientSecret=SECRETS[0])
    site.hub.call("POST", "/api/integrations", {**order, "name": ""})
    site.hub.call("POST", "/api/integrations", {**order, "clientSecret": SECRETS[0]})
    site.hub.call("POST", "/api/integrations", makes.order(clientSecret=[SECRETS[0]]))
    site.hub.call("POST", "/api/integrations", order, Idempotency_Key="canary-key")
    site.hub.call("POST", "/api/integrations", order, Idempotency_Key="canary-key")
    site.patch({"connection": {"clientSecret": {"value": SECRETS[0]}}})
    makes.control.fault(match="vendors", status=400, message=f"Bearer {site.hub.token} is not welcome")
    site.try_sync({"entities": ["suppliers"]})
    makes.control.clear_faults()


def answers(_: Scenes) -> Iterator[str]:
    yield from SEEN


def output(scenes: Scenes) -> Iterator[str]:
    yield from scenes.stack.app.lines
    yield scenes.stack.app.log.read_text(encoding="utf-8", errors="replace")


def tables(scenes: Scenes) -> Iterator[str]:
    with TableServiceClient.from_connection_string(scenes.stack.storage) as service:
        for table in service.list_tables():
            for row in service.get_table_client(table.name).list_entities():
                values = (each.decode("latin-1") if isinstance(each, bytes) else str(each) for each in row.values())
                yield " ".join(values)


def blobs(scenes: Scenes) -> Iterator[str]:
    with BlobServiceClient.from_connection_string(scenes.stack.storage) as service:
        for container in service.list_containers():
            client = service.get_container_client(container.name)
            for blob in client.list_blobs():
                yield client.download_blob(blob.name).readall().decode("latin-1")


def histories(scenes: Scenes) -> Iterator[str]:
    with requests.Session() as session:
        session.trust_env = False
        base = f"{scenes.stack.url}/runtime/webhooks/durabletask/instances"
        for instance in session.get(f"{base}?showInput=true", timeout=30).json():
            address = f"{base}/{quote(instance['instanceId'], safe='')}"
            told = session.get(address, params={"showInput": "true", "showHistory": "true"}, timeout=30)
            yield json.dumps(instance) + told.text


PLACES: dict[str, Callable[[Scenes], Iterator[str]]] = {
    "answers": answers,
    "output": output,
    "tables": tables,
    "histories": histories,
}


def disguises(secret: str) -> Iterator[str]:
    """Return the forms in which a secret would still be one."""
    yield from {secret, quote(secret), quote(secret, safe=""), secret.encode().hex()}
    for shift in range(3):
        yield base64.b64encode(b"\0" * shift + secret.encode()).decode()[4:-4]


@pytest.mark.parametrize("place", PLACES)
def test_no_client_secret_is_found_in(scenes: Scenes, place: str) -> None:
    texts = list(PLACES[place](scenes))
    forms = {form for secret in SECRETS for form in disguises(secret)}
    assert texts
    assert [form for form in forms if any(form in text for text in texts)] == []


@pytest.mark.parametrize("place", PLACES)
def test_no_token_is_found_in(scenes: Scenes, place: str) -> None:
    texts = list(PLACES[place](scenes))
    assert [found[0] for text in texts if (found := TOKEN.search(text))] == []
    assert [text for text in texts for token in scenes.tokens if token.rsplit(".", 1)[-1] in text] == []


@pytest.mark.parametrize("place", [*PLACES, "blobs"])
def test_no_code_and_no_refresh_token_is_found_in(scenes: Scenes, place: str) -> None:
    texts = list({**PLACES, "blobs": blobs}[place](scenes))
    assert [found[0] for text in texts if (found := GRANT.search(text))] == []


def test_no_secret_and_no_token_is_found_in_blobs(scenes: Scenes) -> None:
    texts = list(blobs(scenes))
    forms = {form for secret in SECRETS for form in disguises(secret)}
    assert [text for text in texts if TOKEN.search(text) or any(form in text for form in forms)] == []


def test_an_integration_is_shown_without_its_secret(library: Site) -> None:
    assert set(library.get()["connection"]) >= {"tenantId", "clientId", "environment", "companyId", "grant"}
    assert "clientSecret" not in json.dumps(library.get())


def test_the_places_would_show_a_secret_if_there_were_one(scenes: Scenes) -> None:
    known = scenes.stack.control.client()["clientId"]
    assert any(known in text for text in answers(scenes))
    assert any(known in text for text in tables(scenes))
    assert any("request answered" in text for text in output(scenes))
    assert any("runId" in text for text in histories(scenes))
    assert TOKEN.search(scenes.tokens[0])
