"""What the simulated Key Vault holds, what it is asked, and how it may be set up."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal


@dataclass(slots=True)
class VaultSwitches:
    """How the vault is set up, and what is not confirmed about the real one."""

    purge_protection: bool = False
    recovery_days: int = 90
    longest_value: int = 25_600
    """Bytes; the documentation says 25 KB, which may also mean 25,000."""
    settle_seconds: float = 0.0
    """How long a secret is being deleted, or being recovered, on the simulators' clock."""
    role: Literal["officer", "user", "none"] = "officer"
    """The role of the caller's identity: all, only reading, nothing."""


@dataclass(frozen=True, slots=True)
class VaultCall:
    """One request as it came; header names in lower case."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class VaultFault:
    """What the next authorized requests are answered with."""

    status: int
    code: str = "InternalError"
    inner: str = ""
    message: str = "Planned."
    wait: float | None = None
    """Seconds of Retry-After."""
    form: str = "seconds"


@dataclass(frozen=True, slots=True)
class Entry:
    """A request in the journal, without values and tokens."""

    method: str
    path: str
    authorized: bool
    body: int
    status: int


class State(StrEnum):
    """Where a secret is between set and purged; the value is the vault's own word for it."""

    LIVE = "live"
    DELETING = "ObjectIsBeingDeleted"
    DELETED = "ObjectIsDeletedButRecoverable"
    RECOVERING = "ObjectIsBeingRecovered"


@dataclass(slots=True)
class Version:
    """One value of a secret."""

    id: str
    value: str
    attributes: dict[str, Any]
    content_type: str | None
    tags: dict[str, str] | None


@dataclass(slots=True)
class Item:
    """A secret with all its values, oldest first."""

    name: str
    versions: list[Version] = field(default_factory=list)
    deleted_at: float | None = None
    settles_at: float = 0.0

    def state(self, now: float) -> State:
        """Return where the secret is at this instant."""
        if self.deleted_at is None:
            return State.RECOVERING if now < self.settles_at else State.LIVE
        return State.DELETING if now < self.settles_at else State.DELETED
