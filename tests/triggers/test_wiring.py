"""How the hub is put together, and what stops the start."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import orjson
import pytest

from sync import wiring
from sync.model.errors import RetryLaterError
from sync.settings import Auth, Settings, Storage, read_settings
from sync.triggers import durable
from sync.triggers.hub import Hub, lazy
from tests.conftest import Azurite
from tests.triggers.kit import Office, key_set

ROOT = Path(__file__).parents[2]
GOOD = {
    "HUB_SECRET_KEY": "a" * 43 + "=",
    "HUB_AUTH_ISSUER": "https://issuer.example",
    "HUB_AUTH_AUDIENCE": "api://hub",
    "HUB_AUTH_JWKS_URL": "https://issuer.example/keys",
}


@pytest.fixture
def settings() -> Settings:
    return read_settings(GOOD)


@pytest.fixture
def issuer() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/keys" else 500)
            self.end_headers()
            self.wfile.write(orjson.dumps(key_set()))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_hub_is_built_once_and_only_when_it_is_needed(office: Office) -> None:
    built: list[Hub] = []

    def build() -> Hub:
        built.append(office.hub)
        return office.hub

    hubs = lazy(build)
    assert built == []
    assert (hubs() is hubs(), built) == (True, [office.hub])


def test_a_hub_that_could_not_be_built_is_built_anew(office: Office) -> None:
    outcomes: list[Hub | Exception] = [RetryLaterError("down", delay=1), office.hub]

    def build() -> Hub:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    hubs = lazy(build)
    with pytest.raises(RetryLaterError):
        hubs()
    assert hubs() is office.hub


def test_storage_is_reached_by_an_identity_when_there_is_no_connection() -> None:
    place = Storage(None, "https://a.table.example", "https://a.queue.example", "https://a.blob.example")
    tables, blobs = wiring._services(place)
    assert (tables.url, blobs.url) == ("https://a.table.example", "https://a.blob.example/")


def test_the_issuers_keys_are_fetched_over_http(issuer: str) -> None:
    assert wiring._trust(Auth("i", "a", f"{issuer}/keys")).fetch() == key_set()


def test_keys_that_are_not_answered_well_are_not_there(issuer: str) -> None:
    with pytest.raises(RetryLaterError):
        wiring._trust(Auth("i", "a", f"{issuer}/lost")).fetch()


def test_bad_settings_stop_the_start_with_one_message() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "Hub"))}
    command = [sys.executable, "-c", "import function_app"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert all(ended.stderr.count(f"  {name}: ") == 1 for name in GOOD)


@pytest.mark.azurite
def test_a_hub_on_an_empty_account_is_ready_and_its_workflow_takes_steps(azurite: Azurite) -> None:
    hub = wiring.build_hub(read_settings({**GOOD, "HubStorage": azurite.connection_string}))
    assert [hub.probes[name]() for name in ("tables", "blobs", "secrets")] == [None, None, None]
    assert dict(hub.desk.mappings.current("int_none")) == {}
    step = durable.take_step(hub.desk, "open_run", {"integrationId": "int_none", "runId": "run_none"})
    assert step["state"] == "cancelled"
