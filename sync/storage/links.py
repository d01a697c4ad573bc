"""Contracts and their records in a table: spread over buckets, with small rows that put them in order."""

from collections.abc import Iterator
from hashlib import blake2b

from azure.data.tables import TableEntity

from sync.cursors import cut_page, read_cursor
from sync.model.contract_link import Birth, ContractLink, OpenConflict, conflict_id
from sync.model.errors import StaleRecordError
from sync.ports import LINK_BUCKETS, ContestedField, Page
from sync.storage.documents import read_document, versioned, write_document
from sync.storage.keys import BEYOND, escape, latest_first
from sync.storage.tables import Entity, Tables, etag_of

_TABLE = "Links"
_LINK = "link_"
_BIRTH = "!birth"
_LATEST = "x"
_CONTESTED = "c"
_IN_BUCKETS = "PartitionKey ge @first and PartitionKey le @last"
_LISTED = "PartitionKey eq @part and RowKey gt @after and RowKey lt @beyond"


# Parts of a key are joined by what no escaped part has: ids, tables and records that begin alike stay apart.
_JOINT = "!"


class TableLinkStore:
    """Contracts by integration, and those that are being made.

    What puts a link in order is written before the link and removed after it: a row too many leads nowhere, and is
    passed over.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def create(self, link: ContractLink) -> ContractLink:
        """Store a new link (KeyTakenError when the contract has one)."""
        number = str(link.contract_id)
        for part, place in ((_part(link, _LATEST), _place(link)), (_record_part(link), _record_place(link))):
            self._tables.put(_TABLE, {"PartitionKey": part, "RowKey": place, "of": number})
        self._note(link)
        return versioned(link, self._tables.insert(_TABLE, _row(link)))

    def get(self, integration_id: str, contract_id: int) -> ContractLink | None:
        """Return the link of a contract, or None."""
        row = self._tables.find(_TABLE, _bucket_part(integration_id, contract_id), f"{_LINK}{contract_id}")
        return None if row is None else _link(row)

    def save(self, link: ContractLink) -> ContractLink:
        """Replace a link if its version is still current (StaleRecordError otherwise)."""
        before = self.get(link.integration_id, link.contract_id)
        if before is None or before.version != link.version:
            raise StaleRecordError("The link was changed or removed.")
        self._note(link)
        saved = versioned(link, self._tables.replace(_TABLE, _row(link), etag=link.version))
        part, kept = _part(link, _CONTESTED), _conflict_rows(link).keys()
        self._tables.remove_all(_TABLE, ((part, place) for place in _conflict_rows(before).keys() - kept))
        return saved

    def of_record(self, integration_id: str, entity: str, record_id: str) -> tuple[ContractLink, ...]:
        """Return the contracts of a record, the newest first."""
        part, start = _record_key(integration_id, entity, record_id), _joined(_record(entity, record_id), "")
        rows = self._walk(integration_id, part, start, f"{start}{BEYOND}")
        return tuple(link for place, link in rows if place == _record_place(link))

    def list(self, integration_id: str, *, cursor: str | None, limit: int) -> Page[ContractLink]:
        """Return links, the newest first."""
        (after,) = read_cursor(cursor, ("",), integration_id)
        rows = self._walk(integration_id, _part_of(integration_id, _LATEST), after, BEYOND)
        return cut_page(((place, link) for place, link in rows if place == _place(link)), limit, integration_id)

    def every(self, integration_id: str) -> Iterator[ContractLink]:
        """Yield every link once, bucket after bucket."""
        values = {"first": _bucket_part(integration_id, 0), "last": _bucket_part(integration_id, LINK_BUCKETS - 1)}
        return map(_link, self._tables.query(_TABLE, _IN_BUCKETS, values))

    def contested(self, integration_id: str, *, cursor: str | None, limit: int) -> Page[ContestedField]:
        """Return fields with an open conflict, the latest detected first."""
        (after,) = read_cursor(cursor, ("",), integration_id, _CONTESTED)
        rows = self._walk(integration_id, _part_of(integration_id, _CONTESTED), after, BEYOND)
        found = ((place, link, _conflict_rows(link).get(place)) for place, link in rows)
        open_ones = ((place, ContestedField(link, key)) for place, link, key in found if key is not None)
        return cut_page(open_ones, limit, integration_id, _CONTESTED)

    def expect(self, birth: Birth) -> None:
        """Remember that a contract is being made, in place of what was remembered for the record."""
        self._tables.put(_TABLE, {**_birth_key(birth), **write_document(birth)})

    def expected(self, integration_id: str, entity: str, record_id: str) -> Birth | None:
        """Return the contract that is being made for a record, or None."""
        part = _record_key(integration_id, entity, record_id)
        row = self._tables.find(_TABLE, part, _joined(_BIRTH, _record(entity, record_id)))
        return None if row is None else read_document(Birth, row)

    def settle(self, birth: Birth) -> None:
        """Forget that a contract is being made; nothing happens when that is forgotten already."""
        key = _birth_key(birth)
        self._tables.remove(_TABLE, key["PartitionKey"], key["RowKey"])

    def clear(self, integration_id: str) -> None:
        """Forget everything of an integration."""
        start = _part_of(integration_id, "")
        values = {"start": start, "beyond": f"{start}{BEYOND}"}
        mine = "PartitionKey gt @start and PartitionKey lt @beyond"
        self._tables.remove_where(_TABLE, mine, values)

    def _note(self, link: ContractLink) -> None:
        part = _part(link, _CONTESTED)
        for place in _conflict_rows(link):
            self._tables.put(_TABLE, {"PartitionKey": part, "RowKey": place, "of": str(link.contract_id)})

    def _walk(self, integration_id: str, part: str, after: str, beyond: str) -> Iterator[tuple[str, ContractLink]]:
        """Yield places in order, each with the link that it leads to."""
        values = {"part": part, "after": after, "beyond": beyond}
        for row in self._tables.query(_TABLE, _LISTED, values):
            found = self.get(integration_id, int(row["of"]))
            if found is not None:
                yield row["RowKey"], found


def _row(link: ContractLink) -> Entity:
    part = _bucket_part(link.integration_id, link.contract_id)
    return {"PartitionKey": part, "RowKey": f"{_LINK}{link.contract_id}", **write_document(link)}


def _link(row: TableEntity) -> ContractLink:
    found: ContractLink = versioned(read_document(ContractLink, row), etag_of(row))
    return found


def _joined(*parts: str) -> str:
    return _JOINT.join(parts)


def _part(link: ContractLink, name: str) -> str:
    return _part_of(link.integration_id, name)


def _part_of(integration_id: str, name: str) -> str:
    return _joined(escape(integration_id), name)


def _bucket_part(integration_id: str, contract_id: int) -> str:
    return _part_of(integration_id, f"{contract_id % LINK_BUCKETS:03d}")


def _place(link: ContractLink) -> str:
    return latest_first(link.created_at, str(link.contract_id))


def _conflict_rows(link: ContractLink) -> dict[str, str]:
    """Return keys of pairs by the places of their open conflicts."""

    def place(key: str, conflict: OpenConflict) -> str:
        return latest_first(conflict.detected_at, conflict_id(link.contract_id, key))

    return {place(key, conflict): key for key, conflict in link.conflicts.items()}


def _record(entity: str, record_id: str) -> str:
    return _joined(escape(entity), escape(record_id))


def _record_key(integration_id: str, entity: str, record_id: str) -> str:
    """Return the partition of what is known of a record: its contracts, and the one that is being made."""
    number = blake2b(f"{entity}/{record_id}".encode(), digest_size=1).digest()[0]
    return _part_of(integration_id, f"r{number:03d}")


def _record_part(link: ContractLink) -> str:
    return _record_key(link.integration_id, link.entity, link.record_id)


def _record_place(link: ContractLink) -> str:
    return _joined(_record(link.entity, link.record_id), _place(link))


def _birth_key(birth: Birth) -> dict[str, str]:
    part = _record_key(birth.integration_id, birth.entity, birth.record_id)
    return {"PartitionKey": part, "RowKey": _joined(_BIRTH, _record(birth.entity, birth.record_id))}
