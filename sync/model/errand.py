"""What notices and walks leave behind: a contract to compare, until that is done."""

from dataclasses import dataclass
from datetime import datetime

from sync.model.run import RunTrigger


@dataclass(frozen=True, slots=True)
class Errand:
    """A contract that notices named, or that a walk came upon; it waits until both sides were compared since."""

    integration_id: str
    contract_id: int
    heard_at: datetime
    due_at: datetime
    trigger: RunTrigger = RunTrigger.WEBHOOK
    attempts: int = 0
    trouble: str | None = None
    """The code of the error that the last attempt ended in."""
    occasion: str = ""
    """Tells errands of one contract apart: notices of different moments have their own, all others share one."""
    version: str = ""
    """The store's ETag; empty before the first save."""


@dataclass(frozen=True, slots=True)
class Listener:
    """An integration's webhook at Oneflow or in Dataverse, and how its notices are known to be genuine.

    Neither the token of the address nor the sign key is here: both are in the SecretStore.
    """

    integration_id: str
    look_at: datetime
    """When the webhook is to be looked after next."""
    place: str = ""
    """What the webhook is about: the hub's own address and the account."""
    secret_name: str = ""
    token_digest: str = ""
    hook_id: int | None = None
    failures: int = 0
    """How often in a row looking after it has failed."""
    version: str = ""
    """The store's ETag; empty before the first save."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The last walk over the contracts of an integration, and the bucket whose turn it is next."""

    integration_id: str
    walked_at: datetime
    bucket: int = 0
