"""Finds contracts of an integration by their id, or by the record that they were made from."""

from dataclasses import replace

from sync.model.contract_link import DELETED, ContractLink
from sync.model.errors import InvalidError, NotFoundError, Problem
from sync.model.integration import Bridge
from sync.ports import Contract, Page
from sync.services.bridge_desk import BridgeDesk


def require_link(desk: BridgeDesk, bridge: Bridge, contract_id: int) -> ContractLink:
    """Return the link of a contract.

    Raises:
        NotFoundError: The integration has no such contract.
    """
    found = desk.links.get(bridge.id, contract_id)
    if found is None:
        raise NotFoundError("There is no such contract")
    return found


def as_told(link: ContractLink, contract: Contract | None) -> ContractLink:
    """Return the link with what Oneflow tells of the contract; None: that it is not there any more."""
    if contract is None:
        return replace(link, state=DELETED)
    name = contract.name or link.name
    return replace(link, name=name, state=contract.state, lifecycle_state=contract.lifecycle_state)


def listed(desk: BridgeDesk, bridge: Bridge, *, cursor: str | None, limit: int) -> Page[ContractLink]:
    """Return contracts, the newest first; no remote system is asked."""
    return desk.links.list(bridge.id, cursor=cursor, limit=limit)


def of_record(
    desk: BridgeDesk, bridge: Bridge, record: tuple[str, str], *, cursor: str | None, limit: int
) -> Page[ContractLink]:
    """Return the contracts of a record (table and id), the newest first; no remote system is asked.

    Raises:
        InvalidError: The cursor is not one of this listing (INVALID_CURSOR).
    """
    found = desk.links.of_record(bridge.id, *record)
    ids = [str(each.contract_id) for each in found]
    if cursor is not None and cursor not in ids:
        problem = Problem("/cursor", "INVALID_CURSOR", "Begin again with the first page.")
        raise InvalidError("The cursor does not belong to this listing", problem, code="INVALID_CURSOR")
    start = 0 if cursor is None else ids.index(cursor) + 1
    more = start + limit < len(found)
    return Page(found[start : start + limit], ids[start + limit - 1] if more else None)
