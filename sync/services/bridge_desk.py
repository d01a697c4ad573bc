"""What bridges are worked on with: their store, their secrets, and both remote systems."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sync.model.integration import Bridge
from sync.ports import (
    Accounts,
    Clock,
    ConfigStore,
    Dynamics,
    EntityMappingStore,
    Ids,
    IntegrationStore,
    LeaseStore,
    LinkStore,
    LogStore,
    Oneflow,
    Organizations,
    SecretStore,
)
from sync.services.listening import Listening
from sync.services.outbox import Outbox, Silence


@dataclass(frozen=True, slots=True)
class BridgeDesk:
    """Everything that a request about a bridge needs."""

    integrations: IntegrationStore[Bridge]
    secrets: SecretStore
    logs: LogStore
    config: ConfigStore
    """The trail of changes of configuration."""
    leases: LeaseStore
    mappings: EntityMappingStore
    links: LinkStore
    organizations: Organizations
    accounts: Accounts
    clock: Clock
    ids: Ids
    listening: Listening
    pause: Callable[[float], None]
    """Lets so many seconds pass."""
    outbox: Outbox = field(default_factory=Silence)
    """Where events are left for webhook endpoints."""

    def dynamics(self, bridge: Bridge) -> Dynamics:
        """Return the bridge's Dataverse organization (SetupError when its address is not allowed)."""
        access = bridge.connection.dynamics
        return self.organizations.open(access, self.secrets.get(access.secret_name))

    def oneflow(self, bridge: Bridge) -> Oneflow:
        """Return the bridge's Oneflow account (SetupError when there is no token)."""
        access = bridge.connection.oneflow
        return self.accounts.open(access, self.secrets.get(access.secret_name))
