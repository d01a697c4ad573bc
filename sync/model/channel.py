"""How Business Central tells the hub of changes: subscriptions, and the hints that notices leave."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sync.model.entity import EntityType


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription at Business Central; `granted_at` is on the hub's clock, `expires_at` on the source's."""

    id: str
    etag: str
    expires_at: datetime
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """The subscriptions of one integration, and how its notices are known to be genuine.

    Neither the token of the address nor the client state is here: both are in the SecretStore, and only their
    hashes are beside the subscriptions.
    """

    integration_id: str
    look_at: datetime
    """When the channel is to be looked after next."""
    place: str = ""
    """What the subscriptions are about: the hub's own address and the source."""
    secret_name: str = ""
    token_digest: str = ""
    state_digest: str = ""
    subscriptions: dict[EntityType, Subscription] = field(default_factory=dict)
    probed_at: datetime | None = None
    failures: int = 0
    """How often in a row looking after it has failed."""
    version: str = ""
    """The store's ETag; empty before the first save."""


class HintKind(StrEnum):
    """What a notice says."""

    CHANGES = "changes"
    """Records were created or changed."""
    GONE = "gone"
    """One record was deleted."""
    EVERYTHING = "everything"
    """So much happened, deletions among it, that only a full listing shows it."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a notice said, until a run has seen for itself; `noticed_at` is on the hub's clock."""

    integration_id: str
    entity: EntityType
    kind: HintKind
    noticed_at: datetime
    external_id: str = ""
    """The record, when the notice is about the end of a single one."""
    version: str = ""
