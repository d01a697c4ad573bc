"""Where people sign in and let the hub act for them."""

from dataclasses import dataclass
from typing import Protocol

from sync.model.errors import SyncError
from sync.model.integration import Connection
from sync.model.secret import Secret


@dataclass(frozen=True, slots=True)
class Proof:
    """What an authorization code is exchanged with: the code, its verifier, and the address that it came to."""

    code: Secret
    verifier: Secret
    redirect_uri: str


class Authority(Protocol):
    """The system that knows the users (Microsoft Entra)."""

    def sign_in_address(self, connection: Connection, *, redirect_uri: str, state: str, verifier: Secret) -> str:
        """Return where a person signs in and consents; nothing is asked of the remote system."""
        ...

    def refusal(self, error: str, description: str) -> SyncError:
        """Return what an error means that came back instead of a code."""
        ...

    def redeem(self, connection: Connection, secret: Secret | None, proof: Proof) -> None:
        """Exchange a code, and keep the tokens under the name of the connection's consent.

        Raises:
            ConsentError: The code is refused.
            SetupError: Credentials or configuration are refused.
            RetryLaterError: The authority is not available.
        """
        ...
