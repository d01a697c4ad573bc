"""Signed tokens: for Business Central, and for callers of the product's own API."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from sandbox.clock import Clock
from sandbox.world import App, User

BC_AUDIENCE = "https://api.businesscentral.dynamics.com"
HUB_AUDIENCE = "api://dynamics-sync-hub"
HUB_ISSUER = "https://sts.sandbox.example/hub/v2.0"
_KEY_ID = "sandbox-key-1"
_LEEWAY = 5


@dataclass(frozen=True, slots=True)
class Issued:
    """What Business Central knows of a token that Entra issued."""

    app: App
    audience: str
    expires: float
    user: User | None = None
    """Who it acts for; None for an application's own token."""

    @property
    def principal(self) -> str:
        """The identity that Business Central's limits count by: the user, or the application itself."""
        return f"{self.app.tenant_id}/{self.user.id if self.user else self.app.client_id}"


class TokenMint:
    """One signing key and the tokens that it made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0
        self.issued: dict[str, Issued] = {}

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @cached_property
    def _stranger(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def keys(self) -> dict[str, Any]:
        """Return the JWKS."""
        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": _KEY_ID, "use": "sig", "alg": "RS256"}]}

    def app_token(self, app: App, audience: str, seconds: int) -> str:
        """Issue an access token for an application, by the simulators' clock."""
        claims = {"idtyp": "app", "oid": app.client_id, "sub": app.client_id, "roles": list(app.roles)}
        return self._access_token(Issued(app, audience, self._clock.now() + seconds), seconds, claims)

    def delegated_token(self, app: App, user: User, audience: str, seconds: int) -> str:
        """Issue an access token with which an application acts for a user."""
        claims = {
            "idtyp": "user",
            "oid": user.id,
            "sub": user.id,
            "upn": f"{user.name}@example.com",
            "scp": "Financials.ReadWrite.All user_impersonation",
        }
        return self._access_token(Issued(app, audience, self._clock.now() + seconds, user), seconds, claims)

    def _access_token(self, issued: Issued, seconds: int, facts: Mapping[str, Any]) -> str:
        self._count += 1
        claims = {
            "aud": issued.audience,
            "iss": f"https://sts.windows.net/{issued.app.tenant_id}/",
            "iat": int(issued.expires - seconds),
            "nbf": int(issued.expires - seconds),
            "exp": int(issued.expires),
            "appid": issued.app.client_id,
            "tid": issued.app.tenant_id,
            "uti": str(self._count),
            "ver": "1.0",
            **facts,
        }
        token = jwt.encode(claims, self._key, "RS256", {"kid": _KEY_ID})
        self.issued[token] = issued
        return token

    def user_token(self, user: User, now: float, lifetime: float, twist: Mapping[str, Any]) -> str:
        """Issue a token of the product's own API, by real time.

        `twist` makes it a bad one: `claims` to replace, `without` to leave out, `alg` none or HS256,
        `kid` another, `key` "stranger" for a signature by an unpublished key.

        Raises:
            ValueError: The algorithm is not known.
        """
        claims: dict[str, Any] = {
            "aud": HUB_AUDIENCE,
            "iss": HUB_ISSUER,
            "iat": int(now) - _LEEWAY,
            "nbf": int(now) - _LEEWAY,
            "exp": int(now + lifetime),
            "oid": user.id,
            "sub": user.id,
            "tid": user.tenant_id,
            "name": user.name,
            "preferred_username": f"{user.name}@example.com",
            "scp": "access_as_user",
            "ver": "2.0",
        }
        claims |= twist.get("claims", {})
        kept = {name: value for name, value in claims.items() if name not in twist.get("without", ())}
        return self._signed(kept, twist)

    def _signed(self, claims: dict[str, Any], twist: Mapping[str, Any]) -> str:
        headers = {"kid": str(twist.get("kid", _KEY_ID))}
        algorithm = twist.get("alg", "RS256")
        if algorithm == "none":
            return jwt.encode(claims, "", "none", headers)
        if algorithm == "HS256":
            return jwt.encode(claims, "a shared key of thirty-two bytes or more", "HS256", headers)
        if algorithm != "RS256":
            raise ValueError(f"alg is RS256, HS256 or none, not {algorithm}")
        key = self._stranger if twist.get("key") == "stranger" else self._key
        return jwt.encode(claims, key, "RS256", headers)
