"""What is stored of the Oneflow half: mappings of tables, and contracts with the records they were made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sync.model.contract_link import Birth, ContractLink
from sync.model.entity_mapping import EntityMapping
from sync.ports.edges import Page

LINK_BUCKETS = 256
"""Parts in which the links of an integration are kept and walked; a contract's number modulo this is its bucket."""


class EntityMappingStore(Protocol):
    """Mappings by integration and table."""

    def get(self, integration_id: str, entity: str) -> EntityMapping | None:
        """Return the mapping of a table, or None."""
        ...

    def create(self, mapping: EntityMapping) -> EntityMapping:
        """Store the first mapping of a table.

        Raises:
            KeyTakenError: The table has one.
        """
        ...

    def save(self, mapping: EntityMapping) -> EntityMapping:
        """Replace a mapping if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        ...

    def list(self, integration_id: str) -> tuple[EntityMapping, ...]:
        """Return all mappings of an integration, by table."""
        ...

    def clear(self, integration_id: str) -> None:
        """Forget all mappings of an integration."""
        ...


@dataclass(frozen=True, slots=True)
class ContestedField:
    """A field with an open conflict: the link, and the key of the pair."""

    link: ContractLink
    key: str


class LinkStore(Protocol):
    """Contracts of an integration, and those that are being made."""

    def create(self, link: ContractLink) -> ContractLink:
        """Store a new link.

        Raises:
            KeyTakenError: The contract has one.
        """
        ...

    def get(self, integration_id: str, contract_id: int) -> ContractLink | None:
        """Return the link of a contract, or None."""
        ...

    def save(self, link: ContractLink) -> ContractLink:
        """Replace a link if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        ...

    def of_record(self, integration_id: str, entity: str, record_id: str) -> tuple[ContractLink, ...]:
        """Return the contracts of a record, the newest first."""
        ...

    def list(self, integration_id: str, *, cursor: str | None, limit: int) -> Page[ContractLink]:
        """Return links, the newest first."""
        ...

    def every(self, integration_id: str) -> Iterator[ContractLink]:
        """Yield every link once, bucket after bucket; no more than a page of them is held at a time."""
        ...

    def contested(self, integration_id: str, *, cursor: str | None, limit: int) -> Page[ContestedField]:
        """Return fields with an open conflict, the latest detected first."""
        ...

    def expect(self, birth: Birth) -> None:
        """Remember that a contract is being made, in place of what was remembered for the record."""
        ...

    def expected(self, integration_id: str, entity: str, record_id: str) -> Birth | None:
        """Return the contract that is being made for a record, or None."""
        ...

    def settle(self, birth: Birth) -> None:
        """Forget that a contract is being made; nothing happens when that is forgotten already."""
        ...

    def clear(self, integration_id: str) -> None:
        """Forget everything of an integration."""
        ...
