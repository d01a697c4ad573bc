"""Who calls: verifies bearer tokens, and says which owner they stand for."""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from threading import Lock
from typing import Any

import jwt
from jwt import PyJWKClient, PyJWKSet

from sync.model.errors import CallerError, RetryLaterError, SyncError
from sync.model.integration import Owner
from sync.ports import Clock

LEEWAY = timedelta(seconds=30)
"""How far the issuer's clock may be off."""
REMEMBERED = timedelta(seconds=60)
"""How long a verified token is believed without verifying it again."""

_CLAIMS = ["exp", "nbf", "iss", "aud", "tid", "oid"]
_ALGORITHM = "RS256"
_MOST_REMEMBERED = 1_000
_PAUSE = timedelta(seconds=2)
_COOLDOWN = 5.0
_ID = re.compile(r"[^\s:\x00-\x1f\x7f]{1,128}")


class UnauthorizedError(CallerError):
    """The caller has not shown who they are; another token may help."""

    code = "TOKEN_INVALID"


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose tokens are believed, and how the issuer's key set is fetched (as parsed JSON)."""

    issuer: str
    audience: str
    jwks_url: str
    fetch: Callable[[], Any]


class Verifier:
    """Turns an Authorization header into the owner it stands for; safe for threads."""

    def __init__(self, trust: Trust, clock: Clock) -> None:
        self._trust = trust
        self._clock = clock
        self._keys = _Keys(trust, clock)
        self._remembered: OrderedDict[bytes, tuple[Owner, datetime]] = OrderedDict()
        self._lock = Lock()

    def owner_of(self, authorization: str | None) -> Owner:
        """Return the user that a bearer token names.

        Raises:
            UnauthorizedError: There is no token (TOKEN_MISSING), it has expired (TOKEN_EXPIRED), or it is no good.
            RetryLaterError: The issuer's keys cannot be fetched (SIGNING_KEYS_UNAVAILABLE).
        """
        scheme, _, token = (authorization or "").strip().partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise UnauthorizedError("Send a bearer token in the Authorization header", code="TOKEN_MISSING")
        digest = blake2b(token.encode(), digest_size=32).digest()
        now = self._clock.now()
        known = self._remembered.get(digest)
        if known is not None and now < known[1]:
            return known[0]
        owner, expires = self._verified(token.strip())
        with self._lock:
            self._remembered[digest] = (owner, min(now + REMEMBERED, expires))
            while len(self._remembered) > _MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        return owner

    def _verified(self, token: str) -> tuple[Owner, datetime]:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != _ALGORITHM:
                raise UnauthorizedError(f"The token must be signed with {_ALGORITHM}")
            claims = jwt.decode(
                token,
                self._keys.get_signing_key(str(header.get("kid"))),
                algorithms=[_ALGORITHM],
                audience=self._trust.audience,
                issuer=self._trust.issuer,
                leeway=LEEWAY,
                options={"require": _CLAIMS},
            )
        except jwt.ExpiredSignatureError as error:
            raise UnauthorizedError("The token has expired: get a new one", code="TOKEN_EXPIRED") from error
        except jwt.PyJWTError as error:
            raise UnauthorizedError(f"The token is not accepted ({type(error).__name__})") from error
        return _owner(claims), datetime.fromtimestamp(int(claims["exp"]), UTC)


class _Keys(PyJWKClient):
    """The issuer's keys: kept for minutes, asked for again when a token names a new one."""

    def __init__(self, trust: Trust, clock: Clock) -> None:
        super().__init__(trust.jwks_url, cooldown_duration=_COOLDOWN)
        self._trust = trust
        self._clock = clock
        self._silent_until: datetime | None = None

    def fetch_data(self) -> PyJWKSet:
        """Return the key set; after a failure nothing is asked for some seconds."""
        now = self._clock.now()
        if self._silent_until is not None and now < self._silent_until:
            raise _unavailable()
        try:
            return PyJWKSet.from_dict(self._trust.fetch())
        except (SyncError, jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
            self._silent_until = now + _PAUSE
            raise _unavailable() from error


def _unavailable() -> RetryLaterError:
    message = "The token cannot be verified now: the keys of its issuer cannot be fetched"
    return RetryLaterError(message, delay=_PAUSE.total_seconds(), code="SIGNING_KEYS_UNAVAILABLE")


def _owner(claims: dict[str, Any]) -> Owner:
    ids = [claims["tid"], claims["oid"]]
    if not all(isinstance(each, str) and _ID.fullmatch(each) for each in ids):
        raise UnauthorizedError("The token's tid and oid must be ids")
    return Owner(*ids)
