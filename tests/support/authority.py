"""A toy of the place where people sign in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sync.model.errors import ConsentError, SyncError
from sync.model.integration import Connection
from sync.model.secret import Secret
from sync.ports import Proof


@dataclass(slots=True)
class ToyAuthority:
    """The Authority port: every code is good, unless a trouble is planned."""

    troubles: list[Exception] = field(default_factory=list)
    """What the next exchanges of a code raise, in turn."""
    proofs: list[Proof] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    """What happens while a code is exchanged."""
    riddles: int = 0

    def riddle(self) -> str:
        """Return the next riddle: 64 digits."""
        self.riddles += 1
        return f"{self.riddles:064d}"

    def sign_in_address(self, connection: Connection, *, redirect_uri: str, state: str, verifier: Secret) -> str:
        asked = {"client": connection.client_id, "back": redirect_uri, "state": state}
        return f"https://entra.example/{connection.tenant_id}?{urlencode(asked)}"

    def refusal(self, error: str, description: str) -> SyncError:
        return ConsentError(f"Not granted: {error}", code="CONSENT_DECLINED")

    def redeem(self, connection: Connection, secret: Secret | None, proof: Proof) -> None:
        self.proofs.append(proof)
        self.connections.append(connection)
        self.meanwhile()
        if self.troubles:
            raise self.troubles.pop(0)
