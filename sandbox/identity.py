"""Simulated identity endpoint of the Functions host: gives the app's managed identity its tokens."""

from dataclasses import dataclass
from http import HTTPStatus

from sandbox.clock import Clock
from sandbox.replies import Reply, correlation, json_reply

VAULT_AUDIENCE = "https://vault.azure.net"
_API_VERSION = "2019-08-01"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token is good for, and until when."""

    audience: str
    ends_at: float


class Identity:
    """Answers as the host does at IDENTITY_ENDPOINT, and knows the tokens that it gave."""

    def __init__(self, clock: Clock, *, header: str = "identity-header", token_seconds: int = 86_400) -> None:
        self.header = header
        self.requests = 0
        self._clock = clock
        self._seconds = token_seconds
        self._grants: dict[str, Grant] = {}

    def answer(self, query: dict[str, str], headers: dict[str, str]) -> Reply:
        """Answer one request for a token."""
        self.requests += 1
        if headers.get("x-identity-header") != self.header:
            return json_reply({"statusCode": 401, "message": "The identity header is wrong."}, HTTPStatus.UNAUTHORIZED)
        resource = query.get("resource", "")
        if query.get("api-version") != _API_VERSION or not resource:
            return json_reply({"statusCode": 400, "message": "The request is not valid."}, HTTPStatus.BAD_REQUEST)
        token = self.issue(resource)
        return json_reply(
            {
                "access_token": token,
                "expires_on": str(int(self._grants[token].ends_at)),
                "resource": resource,
                "token_type": "Bearer",
                "client_id": correlation(0),
            }
        )

    def issue(self, audience: str = VAULT_AUDIENCE) -> str:
        """Return a new token for an audience."""
        token = f"identity-token-{correlation(1000 + len(self._grants))}"
        self._grants[token] = Grant(audience.removesuffix("/"), self._clock.now() + self._seconds)
        return token

    def accepts(self, token: str) -> bool:
        """Return whether a vault should let the bearer of this token in."""
        grant = self._grants.get(token)
        return grant is not None and grant.audience == VAULT_AUDIENCE and self._clock.now() < grant.ends_at

    def revoke(self) -> None:
        """Forget every token given so far."""
        self._grants.clear()
