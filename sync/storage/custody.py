"""Which secrets are kept where by a hub that has a Key Vault."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.model.secret import Secret
from sync.ports import Clock, SecretStore

ONCE = "secret-"
"""Names that begin so are given one value only: what was read cannot grow old."""
PASSING = ("token-", "signin-")
"""Names that begin so hold what can be asked for again at any time: access tokens, and a sign-in that is expected."""
FRESH = timedelta(seconds=60)
"""How long this process trusts that a secret of one value has not been deleted."""


@dataclass(frozen=True, slots=True)
class _Known:
    value: Secret
    until: datetime


class CustodySecretStore:
    """Secrets in a vault, except those that pass: these rest in another store.

    Names that are given one value only are read from the vault once a minute.
    """

    def __init__(self, vault: SecretStore, passing: SecretStore, clock: Clock) -> None:
        self._vault = vault
        self._passing = passing
        self._clock = clock
        self._known: dict[str, _Known] = {}

    def get(self, name: str) -> Secret | None:
        """Return the newest value of the secret, or None."""
        known, now = self._known.get(name), self._clock.now()
        if known is not None and now < known.until:
            return known.value
        found = self._keeper(name).get(name)
        if found is not None:
            self._remember(name, found, now)
        return found

    def set(self, name: str, value: Secret) -> None:
        """Store a new value of the secret.

        Raises:
            RecordError: The value is longer than a vault takes (SECRET_TOO_LARGE).
        """
        self._keeper(name).set(name, value)
        self._remember(name, value, self._clock.now())

    def delete(self, name: str) -> None:
        """Remove the secret; nothing happens when there is none."""
        self._known.pop(name, None)
        self._keeper(name).delete(name)

    def _keeper(self, name: str) -> SecretStore:
        return self._passing if name.startswith(PASSING) else self._vault

    def _remember(self, name: str, value: Secret, now: datetime) -> None:
        if name.startswith(ONCE):
            self._known = {key: known for key, known in self._known.copy().items() if now < known.until}
            self._known[name] = _Known(value, now + FRESH)
