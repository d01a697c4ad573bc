"""Finds everything wrong with the Oneflow end of a mapping: workspace, template, and its data fields."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sync.model.errors import Problem
from sync.model.integration import Bridge
from sync.ports import DataFieldDefinition, Oneflow, Template, Workspace
from sync.services.bridge_desk import BridgeDesk

_NUMBER = re.compile("[0-9]{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TemplateOrder:
    """What contracts are to be made from, as a caller describes it."""

    template_id: str | None = None
    workspace_id: str | None = None
    products: bool = False
    key_field: str | None = None

    @property
    def template_number(self) -> int | None:
        """The template's id as Oneflow knows it (ValueError when it is no number)."""
        return None if self.template_id is None else int(self.template_id)

    @property
    def workspace_number(self) -> int | None:
        """The workspace's id as Oneflow knows it (ValueError when it is no number)."""
        return None if self.workspace_id is None else int(self.workspace_id)


def unfit_template(
    desk: BridgeDesk, bridge: Bridge, order: TemplateOrder, names: tuple[str | None, ...]
) -> list[Problem]:
    """Return every problem of the template, and of the data fields that pairs name; raises as Oneflow does.

    Oneflow is asked only when there is a template.
    """
    found = [*_of_numbers(order), *_of_key(order, names)]
    if order.template_id is None or any(each.pointer != "/keyField" for each in found):
        return found
    return [*found, *_of_oneflow(desk.oneflow(bridge), order, names)]


def _of_numbers(order: TemplateOrder) -> Iterator[Problem]:
    for member, number, other in (
        ("/templateId", order.template_id, order.workspace_id),
        ("/workspaceId", order.workspace_id, order.template_id),
    ):
        if number is not None and not _NUMBER.fullmatch(number):
            yield Problem(member, "INVALID_ID", "The id is a text of digits, or null.")
        elif number is None and other is not None:
            yield Problem(member, "MISSING", "A template and its workspace are named together.")


def _of_key(order: TemplateOrder, names: Iterable[str | None]) -> Iterator[Problem]:
    if order.key_field is not None and not order.key_field.strip():
        yield Problem("/keyField", "ONEFLOW_NAME_MISSING", "The Oneflow field name is missing.")
    elif order.key_field is not None and order.key_field in names:
        yield Problem("/keyField", "ONEFLOW_NAME_NOT_UNIQUE", "The field is mapped, so it cannot hold the record's id.")


def _of_oneflow(oneflow: Oneflow, order: TemplateOrder, names: tuple[str | None, ...]) -> Iterator[Problem]:
    workspace = next((each for each in oneflow.workspaces() if each.id == order.workspace_number), None)
    if workspace is None:
        yield Problem("/workspaceId", "UNKNOWN_WORKSPACE", "The Oneflow user sees no such workspace.")
    elif not workspace.can_create:
        detail = "The Oneflow user may not make contracts in this workspace."
        yield Problem("/workspaceId", "WORKSPACE_NOT_ALLOWED", detail)
    else:
        yield from _of_template(oneflow, workspace, order, names)


def _of_template(
    oneflow: Oneflow, workspace: Workspace, order: TemplateOrder, names: tuple[str | None, ...]
) -> Iterator[Problem]:
    shared = oneflow.templates(workspace.id)
    template = next((each for each in shared if each.id == order.template_number), None)
    if template is None:
        yield Problem("/templateId", "UNKNOWN_TEMPLATE", "The workspace has no such active template.")
        return
    if order.products and not template.takes_products:
        yield Problem("/products", "PRODUCTS_NOT_TAKEN", "The template has no place for products.")
    members = {f"/fields/{index}/oneflowField": name for index, name in enumerate(names)}
    used = {**members, "/keyField": order.key_field}
    yield from _of_fields(oneflow, template, {at: name for at, name in used.items() if name and name.strip()})


def _of_fields(oneflow: Oneflow, template: Template, used: Mapping[str, str]) -> Iterator[Problem]:
    if template.type_id is None:
        if used:
            yield Problem("/templateId", "TEMPLATE_WITHOUT_FIELDS", "The template has no data fields.")
        return
    known = {each.custom_id: each for each in oneflow.definitions(template.type_id)}
    for pointer, name in used.items():
        refused = _refused(known.get(name))
        if refused is not None:
            yield Problem(pointer, *refused)


def _refused(definition: DataFieldDefinition | None) -> tuple[str, str] | None:
    if definition is None:
        return "UNKNOWN_ONEFLOW_FIELD", "The template has no such data field."
    if not definition.active:
        return "INACTIVE_ONEFLOW_FIELD", "The data field is not active."
    if definition.system:
        return "ONEFLOW_FIELD_READ_ONLY", "Oneflow itself fills the data field."
    return None
