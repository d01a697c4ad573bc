"""What the triggers call: everything that wiring builds once for a process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from sync.model.integration import AnyIntegration
from sync.ports import IntegrationStore, ReplyStore
from sync.services.bridge_desk import BridgeDesk
from sync.services.consents import Consents
from sync.services.desk import Desk
from sync.services.endpoints import Webhooks
from sync.services.integrations import Integrations
from sync.services.realtime import Realtime
from sync.triggers.auth import Verifier
from sync.triggers.bridge_bodies import Allowed


@dataclass(frozen=True, slots=True)
class Hub:
    """The services, and who may use them; `probes` ask each dependency for a sign of life."""

    desk: Desk
    bridges: BridgeDesk
    directory: IntegrationStore[AnyIntegration]
    """The integrations of both kinds; the desk sees those with Business Central only."""
    integrations: Integrations
    consents: Consents
    replies: ReplyStore
    verifier: Verifier
    realtime: Realtime
    webhooks: Webhooks
    probes: Mapping[str, Callable[[], object]]
    allowed: Allowed = field(default_factory=Allowed)
    public_url: str | None = None
    console: str | None = None
    """Where the console is, when there is one; a finished sign-in leads there."""


type Hubs = Callable[[], Hub]
"""Returns the process's hub, built at the first call."""


def lazy(build: Callable[[], Hub]) -> Hubs:
    """Return what gives the process's hub: built at the first call, and anew if that did not work."""
    lock = Lock()
    built: list[Hub] = []

    def hub() -> Hub:
        with lock:
            if not built:
                built.append(build())
        return built[0]

    return hub
