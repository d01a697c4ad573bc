"""Calls the API in process: real routes and tokens, memory stores, and a toy company."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import azure.functions as func
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.record import Record, SetKey
from sync.model.run import Run
from sync.ports import RecordFilter
from sync.services.bridge_desk import BridgeDesk
from sync.services.consents import Consents
from sync.services.desk import Desk
from sync.services.endpoints import Webhooks
from sync.services.following import end_run
from sync.services.integrations import Integrations
from sync.services.kinds import bridges
from sync.services.listening import Listening
from sync.storage.memory import MemoryReplyStore, MemorySecretStore
from sync.storage.memory_links import MemoryEntityMappingStore, MemoryLinkStore
from sync.storage.memory_subscriptions import MemorySubscriptionStore
from sync.triggers import (
    annals,
    catalog,
    conflicts,
    connections,
    consents,
    contracts,
    downloads,
    dynamics_notices,
    entity_mappings,
    health,
    history,
    integrations,
    mappings,
    merging,
    notices,
    oneflow_notices,
    plans,
    records,
    runs,
    schedules,
    sources,
    summaries,
    syncing,
    webhooks,
)
from sync.triggers.auth import Trust, Verifier
from sync.triggers.bridge_bodies import Allowed
from sync.triggers.hub import Hub
from tests.support.authority import ToyAuthority
from tests.support.bridges import ToyDynamics, ToyOneflow
from tests.support.company import COMPANY, ToyCompany, ToySource, VirtualClock
from tests.support.desks import OneSource, everything, memory_desk
from tests.support.host import StepHost
from tests.support.listening import listening_of
from tests.support.mail import ToyReceiver, mail_of, webhooks_of
from tests.support.subscribers import ToySubscribers, realtime_of

ISSUER, AUDIENCE, KEY_ID = "https://issuer.example/v2.0", "api://hub", "key-1"
TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
CLIENT = "cccccccc-0000-4000-8000-000000000003"
BASE = "https://hub.example"
LOCAL_ORIGIN = "http://127.0.0.1:7099"
"""A simulated organization that the deployment allows."""
SECRET = "planted-client-secret"
CONNECTION = {
    "tenantId": TENANT,
    "clientId": CLIENT,
    "clientSecret": SECRET,
    "environment": "Production",
    "companyId": COMPANY.id,
    "grant": "client_credentials",
}
INTEGRATION = {
    "name": "CRONUS",
    "kind": "business_central",
    "connection": CONNECTION,
    "schedule": None,
    "settings": {},
}

BRIDGE_CONNECTION = {
    "dynamics": {
        "orgUrl": "https://contoso.crm4.dynamics.com",
        "tenantId": TENANT,
        "clientId": CLIENT,
        "clientSecret": "planted-dataverse-secret",
    },
    "oneflow": {"apiToken": "planted-token".ljust(40, "0"), "userEmail": "jim@contoso.example"},
}
BRIDGE = {"name": "Deals", "kind": "oneflow", "connection": BRIDGE_CONNECTION, "schedule": None, "settings": {}}


type Handler = Callable[[func.HttpRequest], func.HttpResponse]


@cache
def private_key() -> rsa.RSAPrivateKey:
    """Return the issuer's key, made once for all tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_set(key_id: str = KEY_ID) -> dict[str, Any]:
    """Return the issuer's key set as it is published."""
    shown = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private_key().public_key()))
    return {"keys": [{**shown, "kid": key_id, "use": "sig", "alg": "RS256"}]}


def token(user: str = "alice", *, key_id: str = KEY_ID, without: str = "", **claims: Any) -> str:
    """Return a token of the issuer's for a user."""
    now = datetime.now(UTC)
    usual = {"iss": ISSUER, "aud": AUDIENCE, "tid": TENANT, "oid": user}
    times = {"exp": now + timedelta(hours=1), "nbf": now - timedelta(minutes=1)}
    told = {name: value for name, value in {**usual, **times, **claims}.items() if name != without}
    return jwt.encode(told, private_key(), algorithm="RS256", headers={"kid": key_id})


def trust(fetch: Callable[[], Any] = key_set) -> Trust:
    """Return the trust in the issuer, with a key set from anywhere."""
    return Trust(ISSUER, AUDIENCE, "https://issuer.example/keys", fetch)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the API."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def pointers(self) -> dict[str, str]:
        return {each["pointer"]: each["code"] for each in self.body["errors"]}


@dataclass(slots=True)
class HandLauncher:
    """Carries workflows when somebody waits for them, or refuses to start them."""

    host: StepHost
    failure: Exception | None = None
    before_work: Callable[[], Any] = lambda: None

    async def start(self, run: Run, *, delay: timedelta) -> None:
        if self.failure is not None:
            raise self.failure
        await self.host.start(run, delay=delay)

    async def alive(self, integration_id: str) -> bool:
        return await self.host.alive(integration_id)

    async def wait(self, integration_id: str, *, seconds: float) -> bool:
        self.before_work()
        self.host.work()
        return True


@dataclass(slots=True)
class Office:
    """A hub under test with everything around it."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    public_url: str | None = None
    console: str | None = None
    authority: ToyAuthority = field(default_factory=ToyAuthority)
    secrets: MemorySecretStore = field(default_factory=MemorySecretStore)
    subscribers: ToySubscribers = field(default_factory=ToySubscribers)
    store: MemorySubscriptionStore = field(default_factory=MemorySubscriptionStore)
    probes: dict[str, Callable[[], object]] = field(default_factory=dict)
    dynamics: ToyDynamics = field(default_factory=ToyDynamics)
    oneflow: ToyOneflow = field(default_factory=ToyOneflow)
    receiver: ToyReceiver = field(default_factory=ToyReceiver)

    company: ToyCompany = field(init=False)
    listening: Listening = field(init=False)
    webhooks: Webhooks = field(init=False)
    desk: Desk = field(init=False)
    hub: Hub = field(init=False)
    launcher: HandLauncher = field(init=False)
    user: str = "alice"
    routes: list[tuple[str, str, Handler]] = field(init=False)

    def __post_init__(self) -> None:
        self.company = ToyCompany(self.clock)
        self.listening = listening_of(self.clock, self.secrets, self.public_url)
        desk = replace(memory_desk(ToySource(self.company), self.clock), secrets=self.secrets)
        mail = mail_of(self.receiver, secrets=desk.secrets, logs=desk.logs, clock=desk.clock, ids=desk.ids)
        self.webhooks = webhooks_of(mail)
        self.desk = replace(desk, outbox=self.webhooks.dispatch)
        self._assemble()
        self.routes = self._handlers()

    def with_source(self, source: Any) -> "Office":
        """Let every connection lead to this source."""
        self.desk = replace(self.desk, sources=OneSource(source))
        self._assemble()
        return self

    def ask(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Reply:
        """Send a request as the host would hand it over; header names with `_` for `-`."""
        given = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        signed = {"authorization": f"Bearer {token(self.user)}"} | given
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        if content and "content-type" not in signed:
            signed["content-type"] = "application/json"
        handler, values = self._find(method, urlsplit(path).path)
        query = {name: value for name, value in parse_qsl(urlsplit(path).query) if value}
        request = func.HttpRequest(method, BASE + path, headers=signed, params=query, route_params=values, body=content)
        found = handler(request)
        return Reply(
            found.status_code, {name.lower(): value for name, value in found.headers.items()}, found.get_body().decode()
        )

    def integrated(self, **changes: Any) -> str:
        """Make an integration through the API and return its id."""
        return str(self.ask("POST", "/api/integrations", {**INTEGRATION, **changes}).data["id"])

    def bridged(self, **changes: Any) -> str:
        """Make a bridge through the API and return its id."""
        return str(self.ask("POST", "/api/integrations", {**BRIDGE, **changes}).data["id"])

    def stored(self, entity: EntityType = EntityType.SUPPLIERS) -> tuple[Record, ...]:
        """Return what is stored for the user, whatever the API shows."""
        key = SetKey(f"{TENANT}:{self.user}", EXTERNAL_SYSTEM, entity)
        return self.desk.records.list(key, RecordFilter(), cursor=None, limit=100).items

    def secret_names(self) -> set[str]:
        """Return the names of all secrets that are kept."""
        return set(self.secrets._rows)

    def change_integration(self, integration_id: str, **changes: Any) -> None:
        """Change an integration behind the API's back."""
        found = self.desk.integrations.find(integration_id)
        assert found is not None
        self.desk.integrations.save(replace(found, **changes))

    def _assemble(self) -> None:
        desk, directory = self.desk, everything(self.desk)
        both_ends = BridgeDesk(
            integrations=bridges(directory),
            secrets=desk.secrets,
            logs=desk.logs,
            config=desk.config,
            leases=desk.leases,
            mappings=MemoryEntityMappingStore(),
            links=MemoryLinkStore(),
            organizations=self.dynamics,
            accounts=self.oneflow,
            clock=desk.clock,
            ids=desk.ids,
            listening=self.listening,
            pause=self.clock.pass_by,
            outbox=desk.outbox,
        )
        self.hub = Hub(
            desk=desk,
            bridges=both_ends,
            directory=directory,
            integrations=Integrations(directory, desk, both_ends),
            consents=Consents(
                integrations=desk.integrations,
                secrets=desk.secrets,
                leases=desk.leases,
                logs=desk.logs,
                config=desk.config,
                authority=self.authority,
                clock=desk.clock,
                ids=desk.ids,
                riddle=self.authority.riddle,
            ),
            replies=MemoryReplyStore(),
            verifier=Verifier(trust(), self.clock),
            webhooks=self.webhooks,
            realtime=realtime_of(desk, self.subscribers, self.store, public_url=self.public_url),
            probes=self.probes,
            allowed=Allowed((LOCAL_ORIGIN,)),
            public_url=self.public_url,
            console=self.console,
        )
        host = StepHost(desk, self.clock, end=lambda _, job, steps: end_run(self.hub.realtime, job, steps))
        self.launcher = HandLauncher(host)

    def _find(self, method: str, path: str) -> tuple[Handler, dict[str, str]]:
        for verb, template, handler in self.routes:
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
            match = re.fullmatch(f"/{pattern}", path)
            if match is not None and verb == method:
                values = {name: _unquoted(value) for name, value in match.groupdict().items()}
                return handler, values
        raise AssertionError(f"no route for {method} {path}")

    def _handlers(self) -> list[tuple[str, str, Handler]]:
        found = [(method, template, self._called(handler)) for method, template, handler in _registered()]
        for route in syncing.starting_routes():
            answer = syncing.answering(self._hub, route)
            found.append((route.method, route.template, self._waited(answer)))
        told = self._waited(notices.answering(self._hub))
        return [*found, *((method, notices.TEMPLATE, told) for method in notices.METHODS)]

    def _hub(self) -> Hub:
        return self.hub

    def _called(self, handler: Handler) -> Handler:
        def called(request: func.HttpRequest) -> func.HttpResponse:
            before = _CALLED.set(self)
            try:
                return handler(request)
            finally:
                _CALLED.reset(before)

        return called

    def _waited(self, answer: Any) -> Handler:
        def handler(request: func.HttpRequest) -> func.HttpResponse:
            with ThreadPoolExecutor(1) as pool:  # a loop of its own: requests may come while another one waits
                response: func.HttpResponse = pool.submit(lambda: asyncio.run(answer(request, self.launcher))).result()
            return response

        return handler


_CALLED: ContextVar[Office] = ContextVar("_CALLED")
"""The office that answers: routes are registered once for all of them, since the SDK takes 20 ms for it."""


@cache
def _registered() -> tuple[tuple[str, str, Handler], ...]:
    app = func.FunctionApp()
    supply = (
        consents,
        runs,
        summaries,
        plans,
        records,
        history,
        sources,
        mappings,
        conflicts,
        webhooks,
        downloads,
        annals,
    )
    bridge = (catalog, contracts, entity_mappings, merging, oneflow_notices, dynamics_notices)
    for module in (health, integrations, connections, schedules, *bridge, *supply):
        app.register_functions(module.routes(lambda: _CALLED.get().hub))
    triggers: list[tuple[Any, Handler]] = [(one.get_trigger(), one.get_user_function()) for one in app.get_functions()]
    return tuple((trigger.methods[0].value, trigger.route, handler) for trigger, handler in triggers)


def _unquoted(value: str) -> str:
    """Decode as the host does: everything but a slash."""
    return "%2F".join(unquote(part) for part in re.split("%2F", value, flags=re.IGNORECASE))
