"""A scripted network, a virtual clock and short ways to build a source on them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from pathlib import Path
from threading import Condition
from typing import Any

import orjson
import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter

from sync.connectors.budget import Budgets
from sync.connectors.business_central import BusinessCentral, BusinessCentralSources
from sync.connectors.entra import Entra
from sync.connectors.exchange import Means
from sync.connectors.http import Web
from sync.connectors.tokens import EntraTokens, Shared
from sync.model.integration import Connection
from sync.model.secret import Secret
from sync.ports import PageQuery
from sync.storage.memory import MemoryLeaseStore, MemorySecretStore

BASE = "https://api.businesscentral.dynamics.com"
ENTRA = "http://127.0.0.1:9"
COMPANY = "824820a2-508c-ed11-aada-000d3a298ab3"
RECORD = "f7a5738a-44e3-ea11-bb43-000d3a2feca1"
CONNECTION = Connection(
    tenant_id="00000000-0000-4000-8000-000000000001",
    client_id="00000000-0000-4000-8000-0000000000aa",
    environment="Production",
    secret_name="connection-1",
    company_id=COMPANY,
)
ROOT = f"{BASE}/v2.0/{CONNECTION.tenant_id}/Production/api/v2.0"
VENDORS = f"{ROOT}/companies({COMPANY})/vendors"
SECRET = Secret("a-client-secret")
QUERY = PageQuery(entity_set="vendors", select=("id", "number"), page_size=2)
NOW = datetime(2026, 10, 26, 12, 0, tzinfo=UTC)
DATE = "Mon, 26 Oct 2026 12:00:00 GMT"

_SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> bytes:
    """Return a reply as the real system sends it."""
    return (_SAMPLES / name).read_bytes()


@dataclass(frozen=True)
class Canned:
    """A reply, or with `error` the failure to get one."""

    status: int = 200
    body: bytes = b'{"value":[]}'
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Exception | None = None


def document(value: Any, status: int = 200, **headers: str) -> Canned:
    """Return a JSON reply; underscores in header names become dashes."""
    return Canned(status, orjson.dumps(value), {name.replace("_", "-"): text for name, text in headers.items()})


def refused(status: int, code: str = "", **headers: str) -> Canned:
    """Return an error reply of Business Central."""
    return document({"error": {"code": code, "message": "No."}}, status, **headers)


class Net(BaseAdapter):
    """Answers Business Central's requests from a script and Entra's with token-1, token-2, … unless scripted."""

    def __init__(self, *script: Canned) -> None:
        super().__init__()
        self.script = list(script)
        self.entra_script: list[Canned] = []
        self.sent: list[requests.PreparedRequest] = []
        self.token_requests: list[requests.PreparedRequest] = []
        self.during: Callable[[], None] = lambda: None
        self._numbers = count(1)

    @property
    def urls(self) -> list[str]:
        """The addresses that Business Central was asked for."""
        return [str(request.url) for request in self.sent]

    @property
    def tokens(self) -> list[str]:
        """The tokens that Business Central saw."""
        return [request.headers["Authorization"].removeprefix("Bearer ") for request in self.sent]

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Return the next reply of the script."""
        if str(request.url).startswith(ENTRA):
            self.token_requests.append(request)
            return _response(request, self.entra_script.pop(0) if self.entra_script else self._token())
        self.sent.append(request)
        self.during()
        return _response(request, self.script.pop(0))

    def close(self) -> None:
        """Do nothing."""

    def _token(self) -> Canned:
        return document({"token_type": "Bearer", "expires_in": 3599, "access_token": f"token-{next(self._numbers)}"})


def _response(request: requests.PreparedRequest, canned: Canned) -> requests.Response:
    if canned.error is not None:
        raise canned.error
    raw = urllib3.HTTPResponse(
        BytesIO(canned.body), headers=dict(canned.headers), status=canned.status, preload_content=False
    )
    return HTTPAdapter().build_response(request, raw)


class VirtualTime:
    """Clock, waiter and chance in one: time passes only when someone waits."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.waits: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """Return the present."""
        return NOW + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        """Return the seconds since the beginning."""
        return 1000.0 + self.passed

    def sleep(self, seconds: float) -> None:
        """Let time pass, and what was planned happen."""
        self.waits.append(seconds)
        self.passed += seconds
        self.meanwhile()

    def wait(self, condition: Condition, seconds: float) -> None:
        """Let time pass."""
        self.sleep(seconds)

    def fraction(self) -> float:
        """Return no chance at all."""
        return 0.0


class Numbered:
    """Ids that can be told apart."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self, prefix: str) -> str:
        """Return the next id."""
        return f"{prefix}_{next(self._numbers):06}"


@dataclass
class Place:
    """A process: everything between the scripted network and the source."""

    net: Net
    time: VirtualTime = field(default_factory=VirtualTime)
    secrets: MemorySecretStore = field(default_factory=MemorySecretStore)
    leases: MemoryLeaseStore = field(default_factory=MemoryLeaseStore)

    def __post_init__(self) -> None:
        self.web = Web(lambda: "request-1", adapter=self.net)
        self.means = Means(self.web, clock=self.time, waiter=self.time, chance=self.time)
        self.shared = Shared(
            self.secrets, self.leases, ids=Numbered(), clock=self.time, waiter=self.time, chance=self.time
        )
        self.tokens = EntraTokens(Entra(ENTRA, self.web, self.time), self.shared)
        self.budgets = Budgets(self.time, self.time)
        self.sources = BusinessCentralSources(BASE, self.means, tokens=self.tokens, budgets=self.budgets)

    def source(self, connection: Connection = CONNECTION) -> BusinessCentral:
        """Return a source of this process."""
        return self.sources.open(connection, SECRET)


def place(*script: Canned) -> Place:
    """Return a process whose Business Central answers by this script."""
    return Place(Net(*script))
