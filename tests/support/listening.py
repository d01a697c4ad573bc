"""Notices about contracts in memory, and a bridge between toys to hear them."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sync.engine.genuine import signature_of
from sync.model.bridge import BridgeConnection, DynamicsAccess, OneflowAccess
from sync.model.errand import Errand, Listener
from sync.model.integration import Bridge, Integration, Kind
from sync.model.secret import Secret
from sync.ports import Accounts, Clock, Organizations, SecretStore
from sync.services.bridge_desk import BridgeDesk
from sync.services.doors import plain_door
from sync.services.hooks import ensure_hook
from sync.services.kinds import bridges
from sync.services.listening import Gate, Listening, words_of
from sync.storage.memory import MemoryIntegrationStore, MemoryLeaseStore, MemorySecretStore
from sync.storage.memory_chronicle import MemoryConfigStore
from sync.storage.memory_inbox import MemoryInboxStore, MemoryListenerStore
from sync.storage.memory_links import MemoryEntityMappingStore, MemoryLinkStore
from sync.storage.memory_runs import MemoryLogStore
from tests.support.bridges import ToyDynamics, ToyOneflow
from tests.support.company import VirtualClock
from tests.support.desks import ALICE, CountingIds

SOON = timedelta(seconds=1)
"""From a notice to its errand."""
PUBLIC_URL = "https://hub.example"
TOKEN = Secret("t" * 40)


def words() -> Callable[[], str]:
    """Return what makes words of 32 characters, another one each time."""
    numbers = itertools.count(1)
    return lambda: f"word-{next(numbers):027d}"


def listening_of(clock: Clock, secrets: SecretStore, public_url: str | None = PUBLIC_URL) -> Listening:
    """Return what hears notices in memory."""
    listeners = MemoryListenerStore()
    door = plain_door(MemoryListenerStore(), clock)
    return Listening(listeners, MemoryInboxStore(), Gate(listeners, secrets, clock), door, words(), public_url)


def memory_bridge_desk(
    clock: VirtualClock, dynamics: Organizations, oneflow: Accounts, *, public_url: str | None = PUBLIC_URL
) -> BridgeDesk:
    """Return a desk for bridges between these two, with everything else in memory."""
    secrets = MemorySecretStore()
    return BridgeDesk(
        integrations=bridges(MemoryIntegrationStore()),
        secrets=secrets,
        logs=MemoryLogStore(),
        config=MemoryConfigStore(),
        leases=MemoryLeaseStore(),
        mappings=MemoryEntityMappingStore(),
        links=MemoryLinkStore(),
        organizations=dynamics,
        accounts=oneflow,
        clock=clock,
        ids=CountingIds(),
        pause=clock.pass_by,
        listening=listening_of(clock, secrets, public_url),
    )


@dataclass
class Ears:
    """A bridge between toys, and what hears of its contracts."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    oneflow: ToyOneflow = field(default_factory=ToyOneflow)
    dynamics: ToyDynamics = field(default_factory=ToyDynamics)
    public_url: str | None = PUBLIC_URL
    desk: BridgeDesk = field(init=False)
    bridge_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.desk = memory_bridge_desk(self.clock, self.dynamics, self.oneflow, public_url=self.public_url)
        self.desk.secrets.set("secret-1", TOKEN)
        self.bridge_id = self.bridged().id

    def bridged(self) -> Bridge:
        """Store another bridge."""
        dynamics = DynamicsAccess("https://contoso.crm4.dynamics.com", "tenant", "client", "secret-1")
        connection, now = BridgeConnection(dynamics, OneflowAccess("jim@contoso.example", "secret-1")), self.clock.now()
        name = self.desk.ids.new("int")
        return self.desk.integrations.create(Integration(name, ALICE, "Deals", Kind.ONEFLOW, connection, now, now))

    @property
    def bridge(self) -> Bridge:
        """The bridge as it is stored."""
        found = self.desk.integrations.find(self.bridge_id)
        assert found is not None
        return found

    def change(self, **changes: Any) -> None:
        """Change the bridge."""
        self.desk.integrations.save(replace(self.bridge, **changes))

    def ensure(self) -> None:
        """Register the webhook."""
        ensure_hook(self.desk, self.bridge)

    @property
    def listener(self) -> Listener:
        """What is stored of the webhook."""
        found = self.desk.listening.listeners.get(self.bridge_id)
        assert found is not None
        return found

    @property
    def words(self) -> tuple[str, str]:
        """Token and sign key."""
        found = self.desk.secrets.get(self.listener.secret_name)
        assert found is not None
        return words_of(found)

    def notice(self, callback_id: str = "a" * 40, contract: Any = 101, **changes: Any) -> dict[str, Any]:
        """Return a genuine notice; `changes` replace its members."""
        told = {"contract": {"id": contract}, "callback_id": callback_id, "events": []}
        return {**told, "signature": signature_of(callback_id, self.words[1]), **changes}

    def waiting(self, **later: float) -> list[Errand]:
        """Return the errands that are due, soon or so much later."""
        moment = self.clock.now() + (timedelta(**later) if later else SOON)
        return sorted(self.desk.listening.inbox.due(moment, limit=999), key=lambda each: each.contract_id)

    def ask_for(self, contract: int = 101, integration_id: str | None = None, **changes: Any) -> None:
        """Let an errand wait."""
        now = self.clock.now()
        errand = Errand(integration_id or self.bridge_id, contract, now, now)
        self.desk.listening.inbox.ask(replace(errand, **changes))
