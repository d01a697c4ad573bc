"""What EntityDefinitions answers: tables, columns, keys and relations as JSON."""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.dataverse.columns import CHOICES, REFERENCES, Column, Kind, Option, Source
from sandbox.dataverse.schema import Table, stable_id

type Json = dict[str, Any]

CRM = "Microsoft.Dynamics.CRM."
_ENGLISH = 1033
_TYPE_NAMES = {Kind.MULTISELECT: "MultiSelectPicklistType"}
_VIRTUAL = frozenset({Kind.MULTISELECT, Kind.FILE, Kind.IMAGE, Kind.VIRTUAL})
_WITH_FORMULA = frozenset(
    {Kind.BOOLEAN, Kind.DATETIME, Kind.DECIMAL, Kind.INTEGER, Kind.MONEY, Kind.PICKLIST, Kind.STRING}
)
_METADATA: dict[Kind, str] = {
    Kind.CUSTOMER: "LookupAttributeMetadata",
    Kind.OWNER: "LookupAttributeMetadata",
    Kind.GUID: "UniqueIdentifierAttributeMetadata",
    Kind.VIRTUAL: "AttributeMetadata",
}
_MASKS = {Source.SIMPLE: 0, Source.CALCULATED: 8, Source.ROLLUP: 16, Source.FORMULA: 8}


def metadata_type(column: Column) -> str:
    """Return the derived type of a column's metadata, without its namespace."""
    return _METADATA.get(column.kind, f"{column.kind}AttributeMetadata")


def label(text: str, *names: str) -> Json:
    """Return a label in one language."""
    if not text:
        return {"LocalizedLabels": [], "UserLocalizedLabel": None}
    one = {
        "Label": text,
        "LanguageCode": _ENGLISH,
        "IsManaged": True,
        "MetadataId": stable_id("label", *names, text),
        "HasChanged": None,
    }
    return {"LocalizedLabels": [one], "UserLocalizedLabel": dict(one)}


def managed(value: Any, name: str) -> Json:
    """Return a managed property."""
    return {"Value": value, "CanBeChanged": True, "ManagedPropertyLogicalName": name}


def entity(table: Table) -> Json:
    """Return the definition of a table, without what hangs below it."""
    return {
        "MetadataId": stable_id("entity", table.name),
        "LogicalName": table.name,
        "SchemaName": table.schema_name,
        "EntitySetName": table.set_name,
        "LogicalCollectionName": table.set_name,
        "CollectionSchemaName": table.set_name.capitalize(),
        "PrimaryIdAttribute": table.key,
        "PrimaryNameAttribute": table.title,
        "PrimaryImageAttribute": None,
        "ObjectTypeCode": table.code,
        "OwnershipType": table.ownership,
        "TableType": "Standard",
        "IsOptimisticConcurrencyEnabled": table.guarded,
        "ChangeTrackingEnabled": table.tracked,
        "CanChangeTrackingBeEnabled": managed(value=True, name="canchangetrackingbeenabled"),
        "CanCreateAttributes": managed(value=True, name="cancreateattributes"),
        "IsCustomizable": managed(value=True, name="iscustomizable"),
        "IsCustomEntity": table.name.startswith(("new_", "of_")),
        "IsManaged": not table.name.startswith("new_"),
        "IsActivity": False,
        "IsIntersect": False,
        "IsPrivate": False,
        "IsLogicalEntity": False,
        "IsValidForAdvancedFind": True,
        "DataProviderId": None,
        "DisplayName": label(table.label, table.name),
        "DisplayCollectionName": label(f"{table.label}s", table.name, "all"),
        "Description": label("", table.name),
        "HasChanged": None,
        "Privileges": [_privilege(table, verb) for verb in ("Create", "Read", "Write", "Delete")],
    }


def privilege_id(name: str) -> str:
    """Return the id of a privilege."""
    return stable_id("privilege", name)


def base(table: Table, column: Column) -> Json:
    """Return what every column's metadata has."""
    return {
        "LogicalName": column.name,
        "SchemaName": column.schema_name,
        "AttributeType": "Virtual" if column.kind in _VIRTUAL else str(column.kind),
        "AttributeTypeName": {"Value": _TYPE_NAMES.get(column.kind, f"{column.kind}Type")},
        "AttributeOf": column.attribute_of or None,
        "SourceType": int(column.source) if column.kind in _WITH_FORMULA else None,
        "IsValidForRead": column.readable,
        "IsValidForCreate": column.creatable,
        "IsValidForUpdate": column.updatable,
        "IsValidForForm": not column.attribute_of,
        "IsValidForGrid": not column.attribute_of,
        "IsLogical": bool(column.attribute_of),
        "IsPrimaryId": column.name == table.key,
        "IsPrimaryName": column.name == table.title,
        "IsCustomAttribute": column.is_custom,
        "IsManaged": not column.is_custom,
        "IsSecured": column.secured,
        "IsFilterable": True,
        "IsRetrievable": True,
        "CanBeSecuredForRead": True,
        "CanBeSecuredForUpdate": column.updatable,
        "CanBeSecuredForCreate": column.creatable,
        "IsCustomizable": managed(value=True, name="iscustomizable"),
        "RequiredLevel": managed(column.required, "canmodifyrequirementlevelsettings"),
        "ColumnNumber": list(table.by_name).index(column.name) + 1,
        "EntityLogicalName": table.name,
        "DisplayName": label(
            "" if column.attribute_of else column.label or column.schema_name, table.name, column.name
        ),
        "Description": label("", table.name, column.name),
        "MetadataId": stable_id("attribute", table.name, column.name),
        "HasChanged": None,
    }


def special(column: Column) -> Json:
    """Return what only the metadata of this type has, without option sets."""
    found: Json = {}
    if column.kind in _WITH_FORMULA:
        simple = column.source is Source.SIMPLE
        found = {
            "FormulaDefinition": None if simple else f"<formula of {column.name}>",
            "SourceTypeMask": _MASKS[column.source],
        }
    make = _SPECIAL.get(column.kind)
    return {**(make(column) if make else {}), **found}


def option_set(table: Table, column: Column) -> Json | None:
    """Return the option set of a choice or of a yes and no."""
    name = column.global_set or f"{table.name}_{column.name}"
    head: Json = {
        "MetadataId": stable_id("optionset", name),
        "Name": name,
        "DisplayName": label(column.label or column.schema_name, name),
        "IsGlobal": bool(column.global_set),
        "IsCustomOptionSet": column.is_custom,
        "IsManaged": not column.is_custom,
        "HasChanged": None,
    }
    if column.kind is Kind.BOOLEAN:
        true, false = column.options
        return {
            **head,
            "OptionSetType": "Boolean",
            "TrueOption": _option(true, name),
            "FalseOption": _option(false, name),
        }
    if column.kind not in CHOICES:
        return None
    kind = "Picklist" if column.kind in {Kind.PICKLIST, Kind.MULTISELECT} else str(column.kind)
    options = [_option(each, name) for each in column.options]
    return {**head, "OptionSetType": kind, "ParentOptionSetName": None, "Options": options}


def global_option_sets(tables: Iterable[Table]) -> list[Json]:
    """Return the option sets that several columns may share."""
    found = (option_set(table, column) for table in tables for column in table.columns if column.global_set)
    return [each for each in found if each]


def _privilege(table: Table, verb: str) -> Json:
    name = f"prv{verb}{table.schema_name}"
    return {"PrivilegeId": privilege_id(name), "Name": name, "PrivilegeType": verb, "CanBeBasic": True,
            "CanBeLocal": True, "CanBeDeep": True, "CanBeGlobal": True}  # fmt: skip


def _option(option: Option, name: str) -> Json:
    found: Json = {
        "Value": option.value,
        "Color": None,
        "IsManaged": True,
        "ExternalValue": None,
        "ParentValues": [],
        "Tag": None,
        "IsHidden": False,
        "MetadataId": None,
        "HasChanged": None,
    }
    if option.default_status is not None:
        kind = {"@odata.type": f"#{CRM}StateOptionMetadata"}
        found = {**kind, **found, "DefaultStatus": option.default_status, "InvariantName": option.label}
    if option.state is not None:
        kind = {"@odata.type": f"#{CRM}StatusOptionMetadata"}
        found = {**kind, **found, "State": option.state, "TransitionData": None}
    return {**found, "Label": label(option.label, name, str(option.value)), "Description": label("")}


def _text(column: Column) -> Json:
    found: Json = {"MaxLength": column.length, "Format": column.format or None, "IsLocalizable": False}
    if column.kind is Kind.STRING:
        known = {"Url", "Email", "Text", "TickerSymbol", "TextArea"}
        found |= {"FormatName": {"Value": column.format or "Text"}, "DatabaseLength": column.length * 2,
                  "AutoNumberFormat": "AGR-{SEQNUM:5}" if column.name == "new_number" else "",
                  "Format": column.format if column.format in known else None}  # fmt: skip
    return found


def _bounds(column: Column, convert: type[int] | type[float]) -> Json:
    return {"MinValue": convert(column.low), "MaxValue": convert(column.high)}


def _whole(column: Column) -> Json:
    return {**_bounds(column, int), **({"Format": column.format} if column.kind is Kind.INTEGER else {})}


def _decimal(column: Column) -> Json:
    return {**_bounds(column, float), "Precision": column.precision}


def _money(column: Column) -> Json:
    return {
        **_decimal(column),
        "PrecisionSource": column.precision_source,
        "IsBaseCurrency": bool(column.calculation_of),
        "CalculationOf": column.calculation_of or None,
    }


def _when(column: Column) -> Json:
    return {
        "Format": column.format,
        "DateTimeBehavior": {"Value": column.behavior},
        "MinSupportedValue": "1753-01-01T00:00:00Z",
        "MaxSupportedValue": "9999-12-30T23:59:59Z",
        "CanChangeDateTimeBehavior": managed(column.is_custom, "canchangedatetimebehavior"),
    }


def _choice(column: Column) -> Json:
    default = -1 if column.default is None else column.default
    return {"DefaultFormValue": default, "ParentPicklistLogicalName": None, "ChildPicklistLogicalNames": []}


_SPECIAL: dict[Kind, Callable[[Column], Json]] = {
    **dict.fromkeys((Kind.STRING, Kind.MEMO), _text),
    **dict.fromkeys((Kind.INTEGER, Kind.BIGINT), _whole),
    **dict.fromkeys((Kind.DECIMAL, Kind.DOUBLE), _decimal),
    **dict.fromkeys((Kind.PICKLIST, Kind.MULTISELECT, Kind.STATE, Kind.STATUS), _choice),
    **dict.fromkeys(REFERENCES, lambda column: {"Targets": list(column.targets), "Format": "None"}),
    Kind.MONEY: _money,
    Kind.DATETIME: _when,
    Kind.BOOLEAN: lambda column: {"DefaultValue": bool(column.default)},
    Kind.FILE: lambda _column: {"MaxSizeInKB": 32_768},
    Kind.IMAGE: lambda _column: {"MaxSizeInKB": 10_240, "CanStoreFullImage": True, "IsPrimaryImage": False},
    Kind.MANAGED: lambda _column: {"ValueAttributeTypeCode": "Boolean"},
}
