"""A vault over TLS on this machine, and the SDK's own client for it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
from azure.core.credentials import AccessToken, TokenCredential
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter

from sandbox.vault_items import VaultSwitches
from sandbox.vault_server import RunningVault
from sync.storage.vault import VaultSecretStore, open_vault

HOST = "hub.vault.azure.net"


class Directory(HTTPAdapter):
    """Finds the vault on this machine under the name that it has in Azure; its certificate is for that name."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        request.headers["Host"] = HOST
        return super().send(request, *args, **more)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        named: dict[str, Any] = {"server_hostname": HOST, "assert_hostname": HOST}
        return {**host, "host": "127.0.0.1", "port": self._port}, {**pool, **named}


class Credential:
    """Stands for the managed identity where the identity endpoint is not what is tested."""

    def __init__(self, running: RunningVault) -> None:
        self._identity = running.identity
        self.scopes: list[tuple[str, ...]] = []

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.scopes.append(scopes)
        return AccessToken(self._identity.issue(), int(time.time()) + 3600)


class SandboxClock:
    """The vault's own time, as the hub reads clocks; sleeping moves it."""

    def __init__(self, running: RunningVault) -> None:
        self._clock = running.clock
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._clock.advance(seconds)


@contextmanager
def open_store(
    running: RunningVault, credential: TokenCredential | None = None, clock: SandboxClock | None = None
) -> Iterator[VaultSecretStore]:
    """Return the hub's store on this vault; the address, the challenge and the certificate are as in Azure."""
    clock = clock or SandboxClock(running)
    with transport_to(running) as transport:
        client = open_vault(f"https://{HOST}", credential or Credential(running), transport=transport)
        yield VaultSecretStore(client, clock, clock.sleep)


@contextmanager
def running_vault(switches: VaultSwitches | None = None) -> Iterator[RunningVault]:
    """Run a vault until the block ends."""
    with RunningVault(switches) as running:
        yield running


@contextmanager
def transport_to(running: RunningVault) -> Iterator[RequestsTransport]:
    """Return what carries the client's requests for https://hub.vault.azure.net to this vault."""
    with TemporaryDirectory() as folder, requests.Session() as session:
        authority = Path(folder) / "authority.pem"
        running.authority.cert_pem.write_to_path(str(authority))
        yield transport_over(session, running.port, str(authority))


def transport_over(session: requests.Session, port: int, authority: str) -> RequestsTransport:
    """Return what carries requests for https://hub.vault.azure.net to this port, trusting one authority's file."""
    session.trust_env = False
    session.mount(f"https://{HOST}", Directory(port))
    return RequestsTransport(session=session, session_owner=False, use_env_settings=False, connection_verify=authority)


def identity_settings(running: RunningVault) -> Mapping[str, str]:
    """Return the environment variables by which the SDK finds the managed identity of a Functions app."""
    return {"IDENTITY_ENDPOINT": running.identity_url, "IDENTITY_HEADER": running.identity.header}
