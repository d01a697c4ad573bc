"""Composes what Oneflow is asked to make: place, name, texts, counterparties and products."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sync.model.contract_link import Birth
from sync.model.contract_order import ContractOrder, Participant, Party, PartyKind
from sync.model.entity_mapping import EntityMapping
from sync.model.errors import InvalidError, Problem
from sync.ports import DataFieldDefinition, Dynamics, Oneflow, Template
from sync.services.contract_lines import Products, products_of
from sync.services.contract_values import (
    READ_ONLY,
    FieldProblem,
    Reason,
    Wanted,
    sent,
    wanted,
    withheld,
)
from sync.services.field_sides import Reading, plan_of, read

LONGEST_NAME = 130
"""Characters that the name of a contract has at most (Create a contract)."""

_FIELD_AT = re.compile(r"data_fields\W{0,2}(\d{1,4})")
_NO_PRODUCTS = "The template has no product table: the lines of the record were left out."


@dataclass(frozen=True, slots=True)
class Draft:
    """A contract before it is made; `texts` are by custom id, `kept_back` says by key what is not sent."""

    birth: Birth
    fields: tuple[Wanted, ...]
    texts: dict[str, str]
    kept_back: dict[str, Reason]
    problems: tuple[FieldProblem, ...]
    """What did not travel beside mapped fields."""
    parties: tuple[dict[str, Any], ...]
    products: tuple[dict[str, Any], ...]

    @property
    def body(self) -> dict[str, Any]:
        """The body of a create."""
        body: dict[str, Any] = {
            "workspace_id": self.birth.workspace_id,
            "template_id": self.birth.template_id,
            "name": self.birth.name,
            "data_fields": [{"custom_id": name, "value": value} for name, value in self.texts.items()],
        }
        if self.parties:
            body["parties"] = [*self.parties]
        if self.products:
            body["product_groups"] = [{"products": [*self.products]}]
        return body

    def without(self, refused: Collection[str]) -> "Draft":
        """Return the draft without the data fields of these custom ids, and without its key if that is one of them."""
        birth = replace(self.birth, key_field=None) if self.birth.key_field in refused else self.birth
        texts = {name: value for name, value in self.texts.items() if name not in refused}
        return replace(self, birth=birth, texts=texts)

    def blamed(self, parameters: Iterable[str]) -> frozenset[str]:
        """Return the custom ids of the data fields that a refusal names, by their place or by their id."""
        names, found = list(self.texts), set[str]()
        for told in parameters:
            at = _FIELD_AT.search(told)
            if at is not None:
                found.update(names[int(at[1]) : int(at[1]) + 1])
            elif "data_field" in told:
                found.update(name for name in names if re.search(rf"\b{re.escape(name)}\b", told))
        return frozenset(found)


def read_record(dynamics: Dynamics, mapping: EntityMapping, record_id: str) -> Reading:
    """Return a record with all mapped columns and its name (raises as Dynamics does; RECORD_GONE)."""
    plan = plan_of(dynamics, mapping)
    if plan.table.name_column is not None:
        select = tuple(dict.fromkeys((*plan.query.select, plan.table.name_column)))
        plan = replace(plan, query=replace(plan.query, select=select))
    return read(dynamics, plan, record_id)


def name_of(order: ContractOrder, reading: Reading) -> str:
    """Return the name of the contract: as ordered, else the record's primary name, else what its table is called."""
    if order.name is not None:
        return order.name
    column = reading.table.name_column
    told = "" if column is None else " ".join(str(reading.row.values.get(column) or "").split())
    return (told or reading.table.label)[:LONGEST_NAME]


def place_of(order: ContractOrder, mapping: EntityMapping) -> tuple[int, int]:
    """Return workspace and template: as ordered, else the mapping's.

    Raises:
        InvalidError: Neither says it.
    """
    workspace, template = order.workspace_id or mapping.workspace_id, order.template_id or mapping.template_id
    if workspace is not None and template is not None:
        return workspace, template
    told = {"/workspaceId": workspace, "/templateId": template}
    detail = "Name it here, or in the mapping of the table."
    missing = [Problem(pointer, "MISSING", detail) for pointer, value in told.items() if value is None]
    raise InvalidError("It is not said where and from what the contract is to be made", *missing)


def template_of(oneflow: Oneflow, workspace_id: int, template_id: int) -> Template:
    """Return the template (raises as Oneflow does).

    Raises:
        InvalidError: There is no such workspace, or it has no such active template.
    """
    for each in oneflow.templates(workspace_id):
        if each.id == template_id:
            return each
    if workspace_id not in {each.id for each in oneflow.workspaces()}:
        problem = Problem("/workspaceId", "UNKNOWN_VALUE", "The Oneflow user sees no such workspace.")
    else:
        problem = Problem("/templateId", "UNKNOWN_VALUE", "The workspace has no active template of this id.")
    raise InvalidError("The contract cannot be made there", problem)


def compose(
    dynamics: Dynamics,
    oneflow: Oneflow,
    *,
    order: ContractOrder,
    mapping: EntityMapping,
    reading: Reading,
    birth: Birth,
) -> Draft:
    """Return what Oneflow is to be asked for (raises as both systems do; InvalidError as template_of)."""
    template = template_of(oneflow, birth.workspace_id, birth.template_id)
    definitions = () if template.type_id is None else oneflow.definitions(template.type_id)
    fields = wanted(reading, order.people)
    kept_back = withheld(fields, definitions)
    products = products_of(dynamics, order.entity, order.record_id) if mapping.products else Products()
    if products.items and not template.takes_products:
        products = Products((), (FieldProblem("products", None, "PRODUCTS_NOT_TAKEN", _NO_PRODUCTS),))
    key_field, key_problems = _key(mapping, reading, definitions)
    texts = sent(fields, definitions, kept_back)
    return Draft(
        birth=replace(birth, key_field=key_field),
        fields=fields,
        texts=texts if key_field is None else {**texts, key_field: order.record_id},
        kept_back=kept_back,
        problems=(*key_problems, *products.problems),
        parties=tuple(map(_party, order.parties)),
        products=products.items,
    )


def _key(
    mapping: EntityMapping, reading: Reading, definitions: Iterable[DataFieldDefinition]
) -> tuple[str | None, tuple[FieldProblem, ...]]:
    """Return the data field that gets the record's id, if the template has it."""
    if mapping.key_field is None:
        return None, ()
    found = next((each for each in definitions if each.active and each.custom_id == mapping.key_field), None)
    if found is not None and not found.system:
        return mapping.key_field, ()
    code, reason = "FIELD_MISSING", "The template has no such data field to write: the contract has no key."
    if found is not None:
        code = READ_ONLY
    return None, (FieldProblem(reading.table.id_column, mapping.key_field, code, reason),)


def _party(party: Party) -> dict[str, Any]:
    people = [_participant(each) for each in party.participants]
    body: dict[str, Any] = {"type": party.kind.value, "country_code": party.country_code}
    if party.identification_number:
        body["identification_number"] = party.identification_number
    if party.kind is PartyKind.INDIVIDUAL:
        return {**body, "participant": people[0]}
    return {**body, "name": party.name, "participants": people}


def _participant(person: Participant) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": person.name,
        "email": person.email,
        "signatory": person.signatory,
        "delivery_channel": "email",
        "_permissions": {"contract:update": True},
    }
    return body if person.phone is None else {**body, "phone_number": person.phone}
