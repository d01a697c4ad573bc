"""Mappings of tables, and contracts with their records, in memory."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from threading import Lock

from sync.cursors import cut_page, read_cursor
from sync.model.contract_link import Birth, ContractLink, conflict_id
from sync.model.entity_mapping import EntityMapping
from sync.model.errors import KeyTakenError, StaleRecordError
from sync.ports import LINK_BUCKETS, ContestedField, Page
from sync.storage.keys import latest_first


class MemoryEntityMappingStore:
    """Mappings by integration and table."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions = count(1)
        self._rows: dict[tuple[str, str], EntityMapping] = {}

    def get(self, integration_id: str, entity: str) -> EntityMapping | None:
        """Return the mapping of a table, or None."""
        return self._rows.get((integration_id, entity))

    def create(self, mapping: EntityMapping) -> EntityMapping:
        """Store the first mapping of a table (KeyTakenError when it has one)."""
        with self._lock:
            if (mapping.integration_id, mapping.entity) in self._rows:
                raise KeyTakenError("The table has a mapping.")
            return self._store(mapping)

    def save(self, mapping: EntityMapping) -> EntityMapping:
        """Replace a mapping if its version is still current (StaleRecordError otherwise)."""
        with self._lock:
            found = self.get(mapping.integration_id, mapping.entity)
            if found is None or found.version != mapping.version:
                raise StaleRecordError("The mapping was changed or removed.")
            return self._store(mapping)

    def list(self, integration_id: str) -> tuple[EntityMapping, ...]:
        """Return all mappings of an integration, by table."""
        with self._lock:
            found = [each for each in self._rows.values() if each.integration_id == integration_id]
        return tuple(sorted(found, key=lambda each: each.entity))

    def clear(self, integration_id: str) -> None:
        """Forget all mappings of an integration."""
        with self._lock:
            self._rows = {key: each for key, each in self._rows.items() if key[0] != integration_id}

    def _store(self, mapping: EntityMapping) -> EntityMapping:
        stored = replace(mapping, version=str(next(self._versions)))
        self._rows[mapping.integration_id, mapping.entity] = stored
        return stored


class MemoryLinkStore:
    """Contracts by integration, and those that are being made."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions = count(1)
        self._rows: dict[tuple[str, int], ContractLink] = {}
        self._births: dict[tuple[str, str, str], Birth] = {}

    def create(self, link: ContractLink) -> ContractLink:
        """Store a new link (KeyTakenError when the contract has one)."""
        with self._lock:
            if (link.integration_id, link.contract_id) in self._rows:
                raise KeyTakenError("The contract has a link.")
            return self._store(link)

    def get(self, integration_id: str, contract_id: int) -> ContractLink | None:
        """Return the link of a contract, or None."""
        return self._rows.get((integration_id, contract_id))

    def save(self, link: ContractLink) -> ContractLink:
        """Replace a link if its version is still current (StaleRecordError otherwise)."""
        with self._lock:
            found = self.get(link.integration_id, link.contract_id)
            if found is None or found.version != link.version:
                raise StaleRecordError("The link was changed or removed.")
            return self._store(link)

    def of_record(self, integration_id: str, entity: str, record_id: str) -> tuple[ContractLink, ...]:
        """Return the contracts of a record, the newest first."""
        found = (each for each in self._mine(integration_id) if (each.entity, each.record_id) == (entity, record_id))
        return tuple(sorted(found, key=_place))

    def list(self, integration_id: str, *, cursor: str | None, limit: int) -> Page[ContractLink]:
        """Return links, the newest first."""
        (after,) = read_cursor(cursor, ("",), integration_id)
        rows = sorted((_place(each), each) for each in self._mine(integration_id))
        return cut_page(((place, each) for place, each in rows if place > after), limit, integration_id)

    def every(self, integration_id: str) -> Iterator[ContractLink]:
        """Yield every link once, bucket after bucket."""
        mine = self._mine(integration_id)
        return iter(sorted(mine, key=lambda each: each.contract_id % LINK_BUCKETS))

    def contested(self, integration_id: str, *, cursor: str | None, limit: int) -> Page[ContestedField]:
        """Return fields with an open conflict, the latest detected first."""
        (after,) = read_cursor(cursor, ("",), integration_id, "contested")
        rows = sorted(
            (latest_first(conflict.detected_at, conflict_id(link.contract_id, key)), ContestedField(link, key))
            for link in self._mine(integration_id)
            for key, conflict in link.conflicts.items()
        )
        found = ((place, field) for place, field in rows if place > after)
        return cut_page(found, limit, integration_id, "contested")

    def expect(self, birth: Birth) -> None:
        """Remember that a contract is being made."""
        self._births[birth.integration_id, birth.entity, birth.record_id] = birth

    def expected(self, integration_id: str, entity: str, record_id: str) -> Birth | None:
        """Return the contract that is being made for a record, or None."""
        return self._births.get((integration_id, entity, record_id))

    def settle(self, birth: Birth) -> None:
        """Forget that a contract is being made."""
        self._births.pop((birth.integration_id, birth.entity, birth.record_id), None)

    def clear(self, integration_id: str) -> None:
        """Forget everything of an integration."""
        with self._lock:
            self._rows = {key: each for key, each in self._rows.items() if key[0] != integration_id}
            self._births = {key: each for key, each in self._births.items() if key[0] != integration_id}

    def _mine(self, integration_id: str) -> tuple[ContractLink, ...]:
        with self._lock:
            return tuple(each for each in self._rows.values() if each.integration_id == integration_id)

    def _store(self, link: ContractLink) -> ContractLink:
        stored = replace(link, version=str(next(self._versions)))
        self._rows[link.integration_id, link.contract_id] = stored
        return stored


def _place(link: ContractLink) -> str:
    return latest_first(link.created_at, str(link.contract_id))
