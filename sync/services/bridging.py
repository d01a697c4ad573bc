"""Makes the connection of a bridge from what its owner says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sync.model.bridge import BridgeConnection, DynamicsAccess, OneflowAccess
from sync.model.secret import Secret

type Keep = Callable[[Secret | None, str | None], str]
"""Keeps a new secret, and returns its name; without a new one, the known name."""


@dataclass(frozen=True, slots=True)
class BridgeOrder:
    """A bridge's connection as a caller describes it; no secret means: keep the one there is."""

    org_url: str
    tenant_id: str
    client_id: str
    client_secret: Secret | None
    user_email: str
    api_token: Secret | None
    client_secret_expires_at: datetime | None = None


def bridged(order: BridgeOrder, current: BridgeConnection | None, *, keep: Keep) -> BridgeConnection:
    """Return the connection that is ordered; secrets that are not sent stay those of the current one."""
    known = (None, None) if current is None else (current.dynamics.secret_name, current.oneflow.secret_name)
    return BridgeConnection(
        DynamicsAccess(
            org_url=order.org_url,
            tenant_id=order.tenant_id,
            client_id=order.client_id,
            secret_name=keep(order.client_secret, known[0]),
            client_secret_expires_at=order.client_secret_expires_at,
        ),
        OneflowAccess(order.user_email, keep(order.api_token, known[1])),
    )
