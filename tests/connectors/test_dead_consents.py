"""A consent that dies while nobody looks: one notice, one request an hour, and well again after signing in."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Condition
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.control import Control
from sandbox.server import Sandbox
from sandbox.simulation import Options
from sync.connectors.budget import Budgets
from sync.connectors.business_central import BusinessCentralSources
from sync.connectors.consents import EntraConsents
from sync.connectors.entra import Entra
from sync.connectors.exchange import Means
from sync.connectors.http import Web
from sync.connectors.tokens import EntraTokens, Shared
from sync.edge import new_word
from sync.model.entity import EntityType
from sync.model.errors import SetupError, StateError
from sync.model.integration import Grant, Integration, Kind, Status
from sync.model.log import Action
from sync.model.run import Run, RunKind, RunStatus
from sync.model.secret import Secret
from sync.ports import LogFilter
from sync.services import checking
from sync.services.consents import Consents, Returned
from sync.services.desk import Desk
from sync.services.integrations import ConnectionOrder, IntegrationOrder, Integrations
from sync.services.runs import SyncOrder, admit
from sync.services.scheduling import start_due
from tests.support.company import START, ToyCompany, ToySource, VirtualClock
from tests.support.desks import ALICE, everything, memory_desk
from tests.support.host import StepHost, settle

BACK = "http://127.0.0.1:1/api/integrations/dynamics/callback"
MINUTE, DAY = 60, 86_400


class OneTime(VirtualClock):
    """The time of the hub and of the simulated systems, later than all their data; nobody really waits."""

    def __init__(self, control: Control) -> None:
        super().__init__()
        self.control, self.moment = control, START.replace(year=2030)
        control.clock(freeze=True, set=self.moment.isoformat())

    def pass_by(self, seconds: float) -> None:
        """Let time pass everywhere."""
        super().pass_by(seconds)
        self.control.clock(advance=seconds)

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.pass_by(seconds)

    def wait(self, condition: Condition, seconds: float) -> None:
        """Let time pass."""
        self.pass_by(seconds)

    def fraction(self) -> float:
        """Return no chance at all."""
        return 0.0


@dataclass(slots=True)
class Bureau:
    """A hub in memory, connected with the simulated systems over real requests."""

    control: Control
    time: OneTime = field(init=False)
    desk: Desk = field(init=False)
    consents: Consents = field(init=False)
    host: StepHost = field(init=False)
    id: str = ""

    def __post_init__(self) -> None:
        self.time = time = OneTime(self.control)
        desk = memory_desk(ToySource(ToyCompany(time)), time)
        web = Web(lambda: "request-1")
        entra = Entra(self.control.url, web, time)
        shared = Shared(desk.secrets, desk.leases, desk.ids, time, time, time)
        means = Means(web, time, time, time)
        sources = BusinessCentralSources(
            self.control.url, means, tokens=EntraTokens(entra, shared), budgets=Budgets(time, time)
        )
        self.desk = desk = replace(desk, sources=sources)
        self.consents = Consents(
            integrations=desk.integrations,
            secrets=desk.secrets,
            leases=desk.leases,
            logs=desk.logs,
            config=desk.config,
            authority=EntraConsents(entra, desk.secrets, time),
            clock=time,
            ids=desk.ids,
            riddle=new_word,
        )
        self.host = StepHost(desk, time)

    @property
    def current(self) -> Integration:
        found = self.desk.integrations.find(self.id)
        assert found is not None
        return found

    @property
    def token_requests(self) -> int:
        return int(self.control.counters()["tokenRequests"])

    @property
    def runs(self) -> tuple[Run, ...]:
        return self.desk.runs.list(self.id, cursor=None, limit=200).items

    def connect(self, schedule: str | None = "0 */5 * * * *") -> None:
        """Make an integration of Alice's that waits for consent."""
        app, desk = self.control.client(), self.desk
        service = Integrations(everything(desk), desk)
        order = ConnectionOrder(
            app["tenantId"],
            app["clientId"],
            "Production",
            self.control.company_id("contoso"),
            Grant.AUTHORIZATION_CODE,
            Secret(app["clientSecret"]),
        )
        self.id = service.create(ALICE, IntegrationOrder("Ours", Kind.BUSINESS_CENTRAL, order, schedule, {})).id

    def authorize(self) -> None:
        """Let a user sign in and consent."""
        address = self.control.sign_in(self.consents.begin(self.current, BACK))
        answer = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.consents.finish(answer["state"], Returned(code=Secret(answer["code"])))

    def tick(self) -> None:
        """Let the timer start what is due, and carry it to its end."""
        settle(start_due(self.desk, self.host))
        self.host.work()

    def sync(self) -> None:
        """Sync everything by hand."""
        settle(self.host.start(admit(self.desk, self.current, SyncOrder(RunKind.FULL)), delay=timedelta(0)))
        self.host.work()

    def ask_around(self) -> None:
        """Do by hand everything that needs a token."""
        checking.test(self.desk, ALICE, self.id)
        with suppress(SetupError):
            checking.companies(self.desk, ALICE, self.id)
        with suppress(StateError):
            self.sync()


@pytest.fixture
def bureau() -> Iterator[Bureau]:
    """Return a hub whose integration was authorized and synced in full."""
    with Sandbox(Options(("contoso",))).run_in_thread() as box:
        made = Bureau(box.control)
        made.connect()
        made.authorize()
        made.sync()
        yield made


@pytest.fixture
def dead(bureau: Bureau) -> Bureau:
    """Return a hub whose refresh token died unused, and whose timer has just found that out."""
    bureau.time.pass_by(91 * DAY)
    bureau.control.reset_journal()
    bureau.tick()
    return bureau


def test_a_refresh_token_that_was_not_used_for_90_days_needs_a_person(dead: Bureau) -> None:
    assert dead.runs[0].status is RunStatus.FAILED
    assert dead.current.status is Status.REAUTH_REQUIRED
    assert "AADSTS700082" in (dead.current.status_reason or "")


def test_a_dead_consent_is_told_once_and_costs_one_request_in_an_hour(dead: Bureau) -> None:
    for _ in range(59):
        dead.time.pass_by(MINUTE)
        dead.tick()
        dead.ask_around()
    notices = dead.desk.logs.list(dead.id, LogFilter(action=Action.NOTICE), cursor=None, limit=9).items
    assert (len(notices), dead.token_requests, len(dead.runs)) == (1, 1, 2)


def test_the_next_hours_cost_at_most_one_request_each(dead: Bureau) -> None:
    for _ in range(3 * 12):
        dead.time.pass_by(5 * MINUTE)
        dead.tick()
        dead.ask_around()
    assert dead.token_requests <= 4


def test_after_authorizing_again_everything_goes_on_where_it_was(dead: Bureau) -> None:
    before = dead.current
    source, entity = before.connection.source, EntityType.SUPPLIERS
    watermark = dead.desk.watermarks.get(dead.id, source, entity)
    changed = dead.control.touch("vendors", 2, company=before.connection.company_id)
    dead.time.pass_by(MINUTE)
    dead.authorize()
    dead.time.pass_by(5 * MINUTE)
    dead.tick()
    run, now = dead.runs[0], dead.current
    assert (run.kind, run.status, run.totals[entity].read) == (RunKind.DELTA, RunStatus.SUCCEEDED, len(changed))
    assert run.window.since is not None
    assert watermark is not None
    assert run.window.since < watermark
    assert (now.status, now.status_reason) == (Status.ACTIVE, None)
    assert (now.schedule, now.settings, now.connection.company_id) == (
        before.schedule,
        before.settings,
        before.connection.company_id,
    )


def test_a_scheduled_integration_keeps_its_consent_alive(bureau: Bureau) -> None:
    for _ in range(4):
        bureau.time.pass_by(40 * DAY)
        bureau.tick()
    assert (bureau.current.status, bureau.runs[0].status) == (Status.ACTIVE, RunStatus.SUCCEEDED)


@pytest.mark.parametrize("problem", ["interaction_required", "conditional_access", "user_disabled"])
def test_a_policy_that_wants_the_person_holds_the_integration(bureau: Bureau, problem: str) -> None:
    bureau.control.token_error(bureau.control.client()["clientId"], problem)
    bureau.time.pass_by(DAY)
    bureau.tick()
    assert bureau.current.status is Status.REAUTH_REQUIRED


def test_an_issuer_that_is_away_holds_nothing(bureau: Bureau) -> None:
    bureau.control.token_error(bureau.control.client()["clientId"], "temporarily_unavailable")
    bureau.time.pass_by(DAY)
    bureau.tick()
    assert bureau.current.status is Status.ACTIVE
