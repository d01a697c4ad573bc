"""Shows what can be chosen for a mapping: tables and columns of Dataverse, workspaces and templates of Oneflow."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sync.engine.directions import is_shown, reason_against_two_way
from sync.model.integration import Bridge
from sync.model.table import Column, Requirement, Table
from sync.ports import DataFieldDefinition, Dynamics, Template, Workspace
from sync.services.bridge_desk import BridgeDesk

_AT_ONCE = 4
_OUTWARD = "Participant and Party fields travel from Dynamics to Oneflow only"


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A column as a mapping may name it; `reason` says why it cannot be two-way, None when it can."""

    column: Column
    reason: str | None


@dataclass(frozen=True, slots=True)
class RelatedChoice:
    """A table that a lookup leads to (N:1), `via` its column, and the fields there."""

    entity: str
    via: str
    label: str
    fields: tuple[FieldChoice, ...]


@dataclass(frozen=True, slots=True)
class TemplateChoice:
    """A template with its data fields."""

    template: Template
    fields: tuple[DataFieldDefinition, ...]


def _virtual(label: str, *names: tuple[str, str, Requirement]) -> tuple[Table, tuple[FieldChoice, ...]]:
    columns = (Column(name, "String", text, required) for name, text, required in names)
    logical = label.lower()
    return Table(logical, "", "", None, label, guarded=False), tuple(FieldChoice(each, _OUTWARD) for each in columns)


VIRTUAL = {
    table.name: (table, fields)
    for table, fields in (
        _virtual(
            "Participant",
            ("name", "Name", Requirement.REQUIRED),
            ("email", "E-mail", Requirement.RECOMMENDED),
            ("phone", "Phone", Requirement.NONE),
        ),
        _virtual(
            "Party",
            ("name", "Name", Requirement.REQUIRED),
            ("countryCode", "Country", Requirement.RECOMMENDED),
            ("identificationNumber", "Identification number", Requirement.NONE),
        ),
    )
}
"""What a contract has beside its data fields, shown as tables: outward only."""


def entities(desk: BridgeDesk, bridge: Bridge) -> tuple[Table, ...]:
    """Return the tables that a mapping can be made for, and the virtual ones (raises as Dynamics does)."""
    return (*desk.dynamics(bridge).tables(), *(table for table, _ in VIRTUAL.values()))


def fields(desk: BridgeDesk, bridge: Bridge, name: str) -> tuple[FieldChoice, ...]:
    """Return the fields of a table (raises as Dynamics does; ENTITY_NOT_FOUND when there is no such table)."""
    if name in VIRTUAL:
        return VIRTUAL[name][1]
    return fields_of(desk.dynamics(bridge), name)


def related(desk: BridgeDesk, bridge: Bridge, name: str) -> tuple[RelatedChoice, ...]:
    """Return the tables that lookups of a table lead to, with their fields (raises as Dynamics does)."""
    if name in VIRTUAL:
        return ()
    dynamics = desk.dynamics(bridge)
    labels = {table.name: table.label for table in dynamics.tables()}
    shown = {column.name for column in dynamics.columns(name) if is_shown(column)}
    found = [each for each in dynamics.references(name) if each.column in shown and each.table in labels]
    targets = sorted({each.table for each in found})
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        known = dict(zip(targets, pool.map(lambda table: fields_of(dynamics, table), targets), strict=True))
    return tuple(RelatedChoice(each.table, each.column, labels[each.table], known[each.table]) for each in found)


def workspaces(desk: BridgeDesk, bridge: Bridge) -> tuple[Workspace, ...]:
    """Return the workspaces that the Oneflow user sees (raises as Oneflow does)."""
    return desk.oneflow(bridge).workspaces()


def templates(desk: BridgeDesk, bridge: Bridge, workspace_id: int) -> tuple[TemplateChoice, ...]:
    """Return the active templates of a workspace, each with its data fields (raises as Oneflow does)."""
    oneflow = desk.oneflow(bridge)
    found = oneflow.templates(workspace_id)
    types = {each.type_id for each in found if each.type_id is not None}
    known: dict[int | None, tuple[DataFieldDefinition, ...]] = {each: oneflow.definitions(each) for each in types}
    return tuple(TemplateChoice(each, known.get(each.type_id, ())) for each in found)


def fields_of(dynamics: Dynamics, name: str) -> tuple[FieldChoice, ...]:
    """Return the fields of a table of Dataverse (raises as Dynamics does; ENTITY_NOT_FOUND when there is none)."""
    dynamics.table(name)
    return tuple(FieldChoice(each, reason_against_two_way(each)) for each in dynamics.columns(name) if is_shown(each))
