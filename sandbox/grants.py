"""What people have granted: authorization codes, and refresh tokens with their families."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.switches import Switches
from sandbox.world import App, User

CODE_SECONDS = 600
"""Life of an authorization code."""
INACTIVE_SECONDS = 90 * 86_400
"""A refresh token that is not used for so long is dead."""


class GrantRefusedError(Exception):
    """A code or refresh token is refused; the text is a name of sandbox.entra.PROBLEMS."""


@dataclass(slots=True)
class Family:
    """One consent: every refresh token that came from it."""

    client_id: str
    user: User
    scope: str
    revoked: bool = False


@dataclass(slots=True)
class Code:
    """An authorization code, and what it may be exchanged with; no challenge means that none was sent."""

    family: Family
    redirect_uri: str
    challenge: str
    issued: float
    used: bool = False


@dataclass(slots=True)
class _Refresh:
    family: Family
    issued: float
    used: bool = False


class Grants:
    """All codes and refresh tokens of one simulation."""

    def __init__(self, clock: Clock, switches: Callable[[], Switches]) -> None:
        self._clock = clock
        self._switches = switches
        self._codes: dict[str, Code] = {}
        self._refreshes: dict[str, _Refresh] = {}
        self.disabled: set[str] = set()
        """Names of users whose account is disabled."""

    def grant(self, family: Family, redirect_uri: str, challenge: str) -> str:
        """Return a code for what a person has just granted."""
        code = f"1.A{secrets.token_urlsafe(48)}"
        self._codes[code] = Code(family, redirect_uri, challenge, self._clock.now())
        return code

    def redeem(self, app: App, form: Mapping[str, str]) -> Family:
        """Take a code once.

        Raises:
            GrantRefusedError: It is unknown, used, too old, another client's, or the proof does not fit.
        """
        code = self._codes.get(form["code"])
        if code is None or code.family.client_id != app.client_id:
            raise GrantRefusedError("bad_code")
        if code.used:
            code.family.revoked = True
            raise GrantRefusedError("code_used")
        code.used = True
        checks = (
            (self._clock.now() >= code.issued + CODE_SECONDS, "code_expired"),
            (form.get("redirect_uri") != code.redirect_uri, "bad_redirect"),
            (code.challenge and challenge_of(form.get("code_verifier", "")) != code.challenge, "bad_verifier"),
            (code.family.user.name in self.disabled, "user_disabled"),
        )
        self._check(checks)
        return code.family

    def renew(self, app: App, form: Mapping[str, str]) -> Family:
        """Take a refresh token: any number of times, or once where rotation is strict.

        Raises:
            GrantRefusedError: It is unknown, revoked, inactive for too long, or was used before.
        """
        token = self._refreshes.get(form["refresh_token"])
        if token is None or token.family.client_id != app.client_id:
            raise GrantRefusedError("bad_refresh")
        if token.used and self._switches().refresh_rotation == "strict":
            token.family.revoked = True
            raise GrantRefusedError("refresh_used")
        checks = (
            (token.family.revoked, "grant_revoked"),
            (self._clock.now() >= token.issued + INACTIVE_SECONDS, "refresh_inactive"),
            (token.family.user.name in self.disabled, "user_disabled"),
        )
        self._check(checks)
        token.used = True
        return token.family

    def refresh_token(self, family: Family) -> str:
        """Return a new refresh token of a family."""
        token = f"0.A{secrets.token_urlsafe(48)}"
        self._refreshes[token] = _Refresh(family, self._clock.now())
        return token

    def revoke(self, user: str | None) -> int:
        """Revoke every family, or those of one user; return how many."""
        kept: list[Code | _Refresh] = [*self._codes.values(), *self._refreshes.values()]
        families = {id(each.family): each.family for each in kept}
        found = [each for each in families.values() if not each.revoked and user in {None, each.user.name}]
        for family in found:
            family.revoked = True
        return len(found)

    @staticmethod
    def _check(checks: tuple[tuple[object, str], ...]) -> None:
        for holds, problem in checks:
            if holds:
                raise GrantRefusedError(problem)


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
