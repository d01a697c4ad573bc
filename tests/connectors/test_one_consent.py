"""One refresh over threads and processes, against an issuer that takes every refresh token only once."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, run
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import orjson
import pytest

from sandbox.control import Control
from sandbox.server import Sandbox
from sandbox.simulation import Options
from sync.codec import to_wire
from sync.connectors.consents import EntraConsents
from sync.connectors.entra import Entra
from sync.connectors.http import Web
from sync.model.integration import Connection, Consent, Grant
from sync.model.secret import Secret
from sync.ports import Proof
from sync.storage.connection import table_service
from sync.storage.secrets import TableSecretStore
from sync.storage.tables import Tables
from tests.connectors.crowd import KEY, tokens

pytestmark = pytest.mark.azurite

ROOT = Path(__file__).parents[2]
BACK = "http://127.0.0.1:1/api/integrations/dynamics/callback"


class Yesterday:
    """A clock by which every token has ended long ago."""

    def now(self) -> datetime:
        """Return a time of yesterday."""
        return datetime.now(UTC) - timedelta(days=1)


@pytest.fixture(params=["strict", "lenient"])
def control(request: pytest.FixtureRequest) -> Iterator[Control]:
    """Return an issuer that is slow enough for a crowd to gather."""
    with Sandbox(Options(("contoso",))).run_in_thread() as box:
        box.control.set_switch(refresh_rotation=request.param)
        yield box.control


def consented(control: Control, storage: str, prefix: str) -> tuple[Connection, str]:
    """Let a user consent, and keep tokens that have ended; return the connection and its client secret."""
    app = control.client()
    connection = Connection(
        tenant_id=app["tenantId"],
        client_id=app["clientId"],
        environment="Production",
        secret_name="secret-1",
        grant=Grant.AUTHORIZATION_CODE,
        consent=Consent("consent-1", Yesterday().now()),
    )
    tables = Tables(table_service(storage), prefix=prefix)
    tables.create_tables()
    entra = Entra(control.url, Web(lambda: "seed"), Yesterday())
    consents, verifier = EntraConsents(entra, TableSecretStore(tables, KEY), Yesterday()), Secret("v" * 43)
    address = consents.sign_in_address(connection, redirect_uri=BACK, state="s", verifier=verifier)
    code = parse_qs(urlsplit(control.sign_in(address)).query)["code"][0]
    consents.redeem(connection, Secret(app["clientSecret"]), Proof(Secret(code), verifier, BACK))
    return connection, app["clientSecret"]


def test_twelve_callers_in_three_processes_refresh_once_and_none_is_refused(control: Control, azurite: Any) -> None:
    place = (control.url, azurite.connection_string, f"t{uuid4().hex[:12]}")
    connection, secret = consented(control, *place[1:])
    control.reset_journal()
    control.fault(part="entra", match="/token$", effect="delay", delay=0.3)
    who = (orjson.dumps(to_wire(connection)).decode(), secret)
    command = [sys.executable, "-m", "tests.connectors.consent_crowd", *place, *who]
    answers = json.loads(run(command, cwd=ROOT, stdout=PIPE, check=True, timeout=90).stdout)
    asked = [entry["status"] for entry in control.journal(part="entra")]
    assert ([len(each) for each in answers], asked) == ([4, 4, 4], [200])
    (token,) = {token for answer in answers for token in answer}
    assert tokens(*place).get(connection, Secret(secret)).reveal() == token
