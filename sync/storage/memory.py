"""Integrations, secrets, leases, watermarks and answers in memory."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import count
from threading import Lock

from sync.cursors import cut_page, read_cursor
from sync.model.entity import EntityType
from sync.model.errors import KeyTakenError, StaleRecordError
from sync.model.integration import AnyIntegration, Owner
from sync.model.mapping import PRESET_VERSION
from sync.model.secret import Secret
from sync.ports import Lease, Page, Reply
from sync.storage.keys import check_secret, check_secret_name
from sync.storage.rules import Reservation, kept_reply, may_take


class MemoryIntegrationStore:
    """Integrations by owner."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions = count(1)
        self._rows: dict[str, AnyIntegration] = {}

    def create[I: AnyIntegration](self, integration: I) -> I:
        """Store a new integration.

        Raises:
            KeyTakenError: There is one with this id.
        """
        with self._lock:
            if integration.id in self._rows:
                raise KeyTakenError(f"Integration {integration.id} exists already.")
            return self._store(integration)

    def get(self, owner: Owner, integration_id: str) -> AnyIntegration | None:
        """Return the owner's integration, or None."""
        found = self._rows.get(integration_id)
        return found if found is not None and found.owner == owner else None

    def save[I: AnyIntegration](self, integration: I) -> I:
        """Replace an integration if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        with self._lock:
            found = self._rows.get(integration.id)
            if found is None or found.version != integration.version or found.owner != integration.owner:
                raise StaleRecordError(f"Integration {integration.id} was changed or removed.")
            return self._store(integration)

    def delete(self, integration: AnyIntegration) -> None:
        """Remove an integration; nothing happens when it is gone."""
        with self._lock:
            self._rows.pop(integration.id, None)

    def list(self, owner: Owner, *, cursor: str | None, limit: int) -> Page[AnyIntegration]:
        """Return the owner's integrations, newest first."""
        (after,) = read_cursor(cursor, ("",), owner)
        with self._lock:
            rows = sorted((key, row) for key, row in self._rows.items() if row.owner == owner and key > after)
        return cut_page(rows, limit, owner)

    def find(self, integration_id: str) -> AnyIntegration | None:
        """Return an integration whoever owns it."""
        return self._rows.get(integration_id)

    def due(self, moment: datetime, *, limit: int) -> tuple[AnyIntegration, ...]:
        """Return integrations whose next_run_at is at or before the moment, earliest first."""
        with self._lock:
            planned = [(row.next_run_at, row.id) for row in self._rows.values() if row.next_run_at is not None]
        first = sorted((at, key) for at, key in planned if at <= moment)[:limit]
        return tuple(self._rows[key] for _, key in first)

    def everyone(self) -> Iterator[AnyIntegration]:
        """Yield the integrations of all owners."""
        return iter(list(self._rows.values()))

    def _store[I: AnyIntegration](self, integration: I) -> I:
        stored = replace(integration, version=str(next(self._versions)))
        self._rows[stored.id] = stored
        return stored


class MemorySecretStore:
    """Secrets by name."""

    def __init__(self) -> None:
        self._rows: dict[str, Secret] = {}

    def get(self, name: str) -> Secret | None:
        """Return the newest value of the secret, or None."""
        return self._rows.get(check_secret_name(name))

    def set(self, name: str, value: Secret) -> None:
        """Store a new value of the secret.

        Raises:
            RecordError: The value is longer than a vault takes (SECRET_TOO_LARGE).
        """
        check_secret(name, value)
        self._rows[name] = value

    def delete(self, name: str) -> None:
        """Remove the secret; nothing happens when there is none."""
        self._rows.pop(check_secret_name(name), None)


class MemoryLeaseStore:
    """Leases by key."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[str, Lease] = {}

    def acquire(self, key: str, holder: str, *, until: datetime, now: datetime, facts: dict[str, str]) -> Lease | None:
        """Take or extend the lease when it is free, expired or the holder's own; None when another holds it."""
        with self._lock:
            if not may_take(self._rows.get(key), holder, now=now):
                return None
            self._rows[key] = Lease(key, holder, until, dict(facts))
            return self._rows[key]

    def renew(self, key: str, holder: str, *, until: datetime) -> bool:
        """Extend a lease that the holder still has, expired or not; False when it is lost."""
        with self._lock:
            found = self._rows.get(key)
            if found is None or found.holder != holder:
                return False
            self._rows[key] = replace(found, expires_at=until)
            return True

    def release(self, key: str, holder: str) -> None:
        """Give the lease up; nothing happens when the holder does not have it."""
        with self._lock:
            found = self._rows.get(key)
            if found is not None and found.holder == holder:
                del self._rows[key]

    def get(self, key: str) -> Lease | None:
        """Return the lease, expired or not."""
        return self._rows.get(key)

    def list(self, prefix: str) -> tuple[Lease, ...]:
        """Return all leases whose key begins so."""
        with self._lock:
            return tuple(row for key, row in sorted(self._rows.items()) if key.startswith(prefix))


class MemoryWatermarkStore:
    """One watermark for each integration, source, entity type and version of its mapping."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[str, dict[tuple[str, EntityType, int], datetime]] = {}

    def get(
        self, integration_id: str, source: str, entity: EntityType, *, mapping: int = PRESET_VERSION
    ) -> datetime | None:
        """Return the stored watermark."""
        return self._rows.get(integration_id, {}).get((source, entity, mapping))

    def advance(
        self,
        integration_id: str,
        source: str,
        entity: EntityType,
        instant: datetime,
        *,
        mapping: int = PRESET_VERSION,
    ) -> datetime:
        """Move the watermark forward, never back; return what is stored then."""
        with self._lock:
            marks = self._rows.setdefault(integration_id, {})
            place = (source, entity, mapping)
            marks[place] = max(instant, marks.get(place, instant))
            return marks[place]

    def clear(self, integration_id: str) -> None:
        """Forget the integration's watermarks."""
        with self._lock:
            self._rows.pop(integration_id, None)


class MemoryReplyStore:
    """Answers by caller and Idempotency-Key."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[tuple[Owner, str], Reservation] = {}

    def begin(self, owner: Owner, key: str, *, digest: str, now: datetime) -> Reply | None:
        """Reserve the key for a request, or return the answer that it had.

        Raises:
            StateError: The first request is still running (IDEMPOTENCY_IN_PROGRESS).
            InvalidError: The key was used for another request (IDEMPOTENCY_KEY_REUSED).
        """
        with self._lock:
            reply = kept_reply(self._rows.get((owner, key)), digest, now=now)
            if reply is None:
                self._rows[owner, key] = Reservation(digest, now)
            return reply

    def finish(self, owner: Owner, key: str, reply: Reply) -> None:
        """Keep the answer; nothing happens when the key is not reserved."""
        with self._lock:
            found = self._rows.get((owner, key))
            if found is not None:
                self._rows[owner, key] = replace(found, reply=reply)

    def abandon(self, owner: Owner, key: str) -> None:
        """Give the key free."""
        with self._lock:
            self._rows.pop((owner, key), None)
