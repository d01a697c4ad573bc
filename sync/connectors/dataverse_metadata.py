"""Dataverse's metadata: what is asked for, and what the answers tell about tables and columns."""

from collections.abc import Iterable, Mapping
from typing import Any

from sync.connectors.odata import literal, segment
from sync.model.table import Column, Details, Origin, Reference, Requirement, Table

TABLES = "EntityDefinitions"
_TABLE = (
    "LogicalName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,DisplayName,"
    "IsOptimisticConcurrencyEnabled,ChangeTrackingEnabled"
)
_COLUMN = (
    "LogicalName,AttributeTypeName,AttributeOf,SourceType,IsValidForRead,IsValidForCreate,IsValidForUpdate,"
    "RequiredLevel,DisplayName"
)
_REFERENCE = "ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName"
_RANGE = "MinValue,MaxValue"
_SPECIAL = {
    "String": "MaxLength",
    "Memo": "MaxLength",
    "Integer": _RANGE,
    "BigInt": _RANGE,
    "Decimal": f"{_RANGE},Precision",
    "Double": f"{_RANGE},Precision",
    "Money": f"{_RANGE},Precision,PrecisionSource",
    "DateTime": "Format,DateTimeBehavior",
    "Boolean": "LogicalName",
    "Lookup": "Targets",
}
"""What only columns of a type have; each type is a question of its own (Query table definitions: cast)."""
_CAST_AS = {"Customer": "Lookup", "Owner": "Lookup"}
_EXPANDED = {"Boolean": "&$expand=OptionSet"}
_ORIGINS: dict[Any, Origin] = {None: Origin.SIMPLE, **{origin.value: origin for origin in Origin}}
"""What is not known is not written: it counts as a formula."""
_REQUIRED = {
    "SystemRequired": Requirement.REQUIRED,
    "ApplicationRequired": Requirement.REQUIRED,
    "Recommended": Requirement.RECOMMENDED,
}


def tables_path() -> str:
    """Return where all tables are told."""
    return f"{TABLES}?$select={_TABLE}"


def table_path(name: str) -> str:
    """Return where one table is told."""
    return f"{_named(name)}?$select={_TABLE}"


def columns_path(table: str) -> str:
    """Return where the columns of a table are told, without what only some types have."""
    return f"{_named(table)}/Attributes?$select={_COLUMN}"


def special_paths(table: str, columns: Iterable[Column]) -> tuple[str, ...]:
    """Return where is told what only some types have: one address for each type that the columns need."""
    kinds = {_CAST_AS.get(each.type, each.type) for each in columns}
    return tuple(_cast_path(table, kind) for kind in sorted(kinds & _SPECIAL.keys()))


def references_path(table: str) -> str:
    """Return where the lookups of a table are told."""
    return f"{_named(table)}/ManyToOneRelationships?$select={_REFERENCE}"


def read_table(document: Mapping[str, Any]) -> Table | None:
    """Return a table, None when it has no set of rows that could be asked for."""
    name, entity_set = document.get("LogicalName"), document.get("EntitySetName")
    id_column = document.get("PrimaryIdAttribute")
    if not name or not entity_set or not id_column:
        return None
    return Table(
        name=name,
        entity_set=entity_set,
        id_column=id_column,
        name_column=document.get("PrimaryNameAttribute") or None,
        label=_label(document.get("DisplayName")) or name,
        guarded=document.get("IsOptimisticConcurrencyEnabled") is not False,
        tracked=document.get("ChangeTrackingEnabled") is True,
    )


def read_column(document: Mapping[str, Any]) -> Column:
    """Return a column without what only some types have."""
    name = str(document["LogicalName"])
    level = _value(document.get("RequiredLevel"))
    return Column(
        name=name,
        type=str(_value(document.get("AttributeTypeName")) or "").removesuffix("Type"),
        label=_label(document.get("DisplayName")) or name,
        required=_REQUIRED.get(str(level), Requirement.NONE),
        system_required=level == "SystemRequired",
        readable=document.get("IsValidForRead") is not False,
        creatable=document.get("IsValidForCreate") is not False,
        updatable=document.get("IsValidForUpdate") is True,
        part_of=document.get("AttributeOf"),
        origin=_ORIGINS.get(document.get("SourceType"), Origin.FORMULA),
    )


def read_details(document: Mapping[str, Any]) -> Details:
    """Return what only columns of some types have."""
    options = document.get("OptionSet")
    yes, no = (_option(options, name) for name in ("TrueOption", "FalseOption"))
    return Details(
        max_length=document.get("MaxLength"),
        precision=document.get("Precision"),
        precision_source=document.get("PrecisionSource"),
        minimum=_digits(document.get("MinValue")),
        maximum=_digits(document.get("MaxValue")),
        format=document.get("Format"),
        behavior=_value(document.get("DateTimeBehavior")),
        true_label=yes,
        false_label=no,
        targets=tuple(document.get("Targets") or ()),
    )


def read_reference(document: Mapping[str, Any]) -> Reference:
    """Return a lookup to another table."""
    names = ("ReferencingAttribute", "ReferencedEntity", "ReferencingEntityNavigationPropertyName")
    column, table, navigation = (str(document.get(name) or "") for name in names)
    return Reference(column, table, navigation)


def _named(table: str) -> str:
    return f"{TABLES}(LogicalName={segment(literal(table))})"


def _cast_path(table: str, kind: str) -> str:
    path = f"{_named(table)}/Attributes/Microsoft.Dynamics.CRM.{kind}AttributeMetadata"
    wanted = dict.fromkeys(["LogicalName", *_SPECIAL[kind].split(",")])
    return f"{path}?$select={','.join(wanted)}{_EXPANDED.get(kind, '')}"


def _label(told: Any) -> str:
    """Return a label in the caller's language, else in any; empty when there is none."""
    label = told if isinstance(told, dict) else {}
    mine = label.get("UserLocalizedLabel") or next(iter(label.get("LocalizedLabels") or ()), None) or {}
    return str(mine.get("Label") or "")


def _option(options: Any, name: str) -> str | None:
    found = options.get(name) if isinstance(options, dict) else None
    return (_label(found.get("Label")) or None) if isinstance(found, dict) else None


def _value(told: Any) -> Any:
    return told.get("Value") if isinstance(told, dict) else None


def _digits(number: Any) -> str | None:
    if number is None or isinstance(number, int):
        return None if number is None else str(number)
    return format(number, "f")
