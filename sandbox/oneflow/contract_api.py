"""What the API answers about contracts."""

from typing import Any

from sandbox.oneflow import contracts, fields, parties, products, searching
from sandbox.oneflow.asked import Asked, Redirect, contract_of, list_of, route
from sandbox.oneflow.bodies import as_object
from sandbox.oneflow.paging import page, read_query
from sandbox.oneflow.refusals import bad_request, not_found


def _contracts(asked: Asked) -> Any:
    seen = searching.visible(asked.account, asked.email)
    rows = searching.contracts(seen, read_query(asked.query), asked.doing.switches)
    return list_of(asked, rows, asked.write.listed, searching.CONTRACT_KEYS)


def _create(asked: Asked) -> Any:
    return asked.write.contract(contracts.create(as_object(asked.body), asked.email, asked.doing))


def _update(asked: Asked) -> Any:
    return asked.write.contract(contracts.change(contract_of(asked), as_object(asked.body), asked.doing))


def _publish(asked: Asked) -> Any:
    return asked.write.contract(contracts.publish(contract_of(asked), as_object(asked.body), asked.doing))


def _delete(asked: Asked) -> Any:
    contracts.delete(contract_of(asked), asked.doing)
    return {}


def _fields(asked: Asked) -> Any:
    return list_of(asked, contract_of(asked).fields, asked.write.data_field, searching.NAME_KEYS)


def _write_field(asked: Asked) -> Any:
    field = fields.write_one(contract_of(asked), asked.keys[1], as_object(asked.body), asked.doing)
    return asked.write.data_field(field)


def _write_fields(asked: Asked) -> Any:
    wrapped = asked.doing.switches.bulk_request == "wrapped"
    items = as_object(asked.body).get("data_fields") if wrapped else asked.body
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise bad_request("data_fields", "Must be a list of objects.")
    written = fields.write_many(contract_of(asked), items, asked.doing)
    shown = [asked.write.data_field(each) for each in written]
    return shown if asked.doing.switches.bulk_reply == "list" else {"data_fields": shown}


def _parties(asked: Asked) -> Any:
    return list_of(asked, contract_of(asked).parties, asked.write.party, searching.NAME_KEYS)


def _add_party(asked: Asked) -> Any:
    return asked.write.party(parties.add_party(contract_of(asked), as_object(asked.body), asked.doing))


def _party(asked: Asked) -> Any:
    return asked.write.party(parties.party_of(contract_of(asked), asked.number(1)))


def _change_party(asked: Asked) -> Any:
    contract = contract_of(asked)
    party = parties.party_of(contract, asked.number(1))
    return asked.write.party(parties.change_party(contract, party, as_object(asked.body), asked.doing))


def _remove_party(asked: Asked) -> Any:
    contract = contract_of(asked)
    parties.remove_party(contract, parties.party_of(contract, asked.number(1)), asked.doing)
    return {}


def _add_participant(asked: Asked) -> Any:
    contract = contract_of(asked)
    party = parties.party_of(contract, asked.number(1))
    return asked.write.participant(parties.add_participant(contract, party, as_object(asked.body), asked.doing))


def _change_participant(asked: Asked) -> Any:
    contract = contract_of(asked)
    person = parties.participant_of(parties.party_of(contract, asked.number(1)), asked.number(2))
    return asked.write.participant(parties.change_participant(contract, person, as_object(asked.body), asked.doing))


def _remove_participant(asked: Asked) -> Any:
    contract = contract_of(asked)
    party = parties.party_of(contract, asked.number(1))
    parties.remove_participant(contract, party, parties.participant_of(party, asked.number(2)), asked.doing)
    return {}


def _access_link(asked: Asked) -> Any:
    contract, wanted = contract_of(asked), asked.number(1)
    if all(each.id != wanted for each in contract.participants):
        raise not_found()
    return {"access_link": f"{asked.write.base}/_access/{contract.id}/{wanted}"}


def _groups(asked: Asked) -> Any:
    return list_of(asked, contract_of(asked).groups, asked.write.group, {})


def _group(asked: Asked) -> Any:
    return asked.write.group(products.group_of(contract_of(asked), asked.number(1)))


def _change_group(asked: Asked) -> Any:
    contract = contract_of(asked)
    group = products.group_of(contract, asked.number(1))
    return asked.write.group(products.change_group(contract, group, as_object(asked.body), asked.doing))


def _add_product(asked: Asked) -> Any:
    contract = contract_of(asked)
    group = products.group_of(contract, asked.number(1))
    return asked.write.product(products.add_product(contract, group, as_object(asked.body), asked.doing))


def _events(asked: Asked) -> Any:
    return list_of(asked, contract_of(asked).events, asked.write.event, searching.EVENT_KEYS)


def _event(asked: Asked) -> Any:
    wanted = asked.number(1)
    for each in contract_of(asked).events:
        if each.id == wanted:
            return asked.write.event(each)
    raise not_found()


def _pdf(asked: Asked) -> list[dict[str, Any]]:
    contract = contract_of(asked)
    ready = asked.doing.now >= contract.created + asked.doing.switches.pdf_seconds
    return [{"id": 1, "name": contract.name, "extension": "pdf", "type": "contract"}] if ready else []


def _files(asked: Asked) -> Any:
    rows = _pdf(asked)
    return {**page(rows, read_query(asked.query), asked.address, asked.query), "data": rows}


def _file(asked: Asked) -> Any:
    wanted = asked.number(1)
    for each in _pdf(asked):
        if each["id"] == wanted:
            download = read_query(asked.query).plain.get("download") == "true"
            return Redirect(f"/_files/{asked.number(0)}/{wanted}") if download else each
    raise not_found()


ROUTES = (
    route("GET", "/contracts", _contracts),
    route("POST", "/contracts/create", _create, named=True),
    route("GET", "/contracts/ID", lambda asked: asked.write.contract(contract_of(asked))),
    route("PUT", "/contracts/ID", _update, named=True),
    route("DELETE", "/contracts/ID", _delete),
    route("POST", "/contracts/ID/publish", _publish),
    route(
        "POST",
        "/contracts/ID/decline",
        lambda asked: asked.write.contract(contracts.decline(contract_of(asked), asked.doing)),
    ),
    route(
        "POST",
        "/contracts/ID/mark_as_signed",
        lambda asked: asked.write.contract(contracts.mark_signed(contract_of(asked), asked.doing)),
    ),
    route("GET", "/contracts/ID/data_fields", _fields),
    route("PUT", "/contracts/ID/data_fields", _write_fields, named=True),
    route("PUT", "/contracts/ID/data_fields/ID", _write_field, named=True),
    route("GET", "/contracts/ID/parties", _parties),
    route("POST", "/contracts/ID/parties", _add_party),
    route("GET", "/contracts/ID/parties/ID", _party),
    route("PUT", "/contracts/ID/parties/ID", _change_party, named=True),
    route("DELETE", "/contracts/ID/parties/ID", _remove_party),
    route("POST", "/contracts/ID/parties/ID/participants", _add_participant),
    route("PUT", "/contracts/ID/parties/ID/participants/ID", _change_participant),
    route("DELETE", "/contracts/ID/parties/ID/participants/ID", _remove_participant),
    route("POST", "/contracts/ID/participants/ID/access_link", _access_link),
    route("GET", "/contracts/ID/product_groups", _groups),
    route("GET", "/contracts/ID/product_groups/ID", _group),
    route("PUT", "/contracts/ID/product_groups/ID", _change_group),
    route("POST", "/contracts/ID/product_groups/ID/products", _add_product),
    route("GET", "/contracts/ID/events", _events),
    route("GET", "/contracts/ID/events/ID", _event),
    route("GET", "/contracts/ID/files", _files),
    route("GET", "/contracts/ID/files/ID", _file),
)
