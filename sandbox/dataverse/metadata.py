"""Requests about metadata: which definition, cast to which type, with which of its properties."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.dataverse import definitions, relations
from sandbox.dataverse.definitions import CRM, Json
from sandbox.dataverse.filters import parse_filter
from sandbox.dataverse.home import Home
from sandbox.dataverse.options import Options
from sandbox.dataverse.refusals import (
    bad_query,
    unknown_column,
    unknown_property,
    unknown_segment,
    unknown_table,
)
from sandbox.dataverse.schema import Table, stable_id
from sandbox.dataverse.values import GUID

_NAMED = re.compile(r"^(?:LogicalName|Name)\s*=\s*'([^']*)'$", re.IGNORECASE)
_RELATIONS = frozenset({"ManyToOneRelationships", "OneToManyRelationships", "ManyToManyRelationships"})
_CASTS = frozenset(
    f"{kind}AttributeMetadata"
    for kind in (
        "String", "Memo", "Integer", "BigInt", "Decimal", "Double", "Money", "Boolean", "DateTime", "Lookup",
        "Picklist", "MultiSelectPicklist", "State", "Status", "UniqueIdentifier", "EntityName", "File", "Image",
        "ManagedProperty",
    )
)  # fmt: skip
_NEVER_CAST = "EnumAttributeMetadata"


class Metadata:
    """Answers what lies below EntityDefinitions and GlobalOptionSetDefinitions."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def tables(self, options: Options, root: str) -> Json:
        """Return all definitions that a filter lets through."""
        found = [definitions.entity(table) for table in self._home.catalog.tables.values()]
        rows = [self._entity_shown(each, options) for each in _filtered(found, options, "EntityMetadata")]
        return {"@odata.context": f"{root}/$metadata#EntityDefinitions{options.names}", "value": rows}

    def table(self, key: str, rest: list[str], options: Options, root: str) -> Json:
        """Return one definition, or what its further path names.

        Raises:
            DataverseError: There is no such thing.
        """
        table = self._named(key)
        if not rest:
            context = f"{root}/$metadata#EntityDefinitions{options.names}"
            shown = self._entity_shown(definitions.entity(table), options)
            if self._home.switches().one_definition == "value":
                return {"@odata.context": context, "value": [shown]}
            return {"@odata.context": f"{context}/$entity", **shown}
        context = f"{root}/$metadata#EntityDefinitions('{table.name}')/"
        head, key, cut = _cut(rest[0])
        if head == "Attributes":
            return self._attributes(table, key if cut else None, rest[1:], options, context)
        rows = self._below(table, head)
        return {"@odata.context": f"{context}{head}{options.names}", "value": _projected(rows, options, head)}

    def option_sets(self, key: str | None, options: Options, root: str) -> Json:
        """Return the global option sets, or one of them by name or id."""
        found = definitions.global_option_sets(self._home.catalog.tables.values())
        context = f"{root}/$metadata#GlobalOptionSetDefinitions"
        if key is None:
            return {"@odata.context": context, "value": _projected(found, options, "OptionSetMetadata")}
        named = _NAMED.match(key)
        for each in found:
            if key == each["MetadataId"] or (named and named[1] == each["Name"]):
                return {"@odata.context": f"{context}/$entity", **each}
        raise unknown_column(key, "optionset")

    def _named(self, key: str) -> Table:
        named = _NAMED.match(key)
        name = named[1] if named else key
        for table in self._home.catalog.tables.values():
            if name in {table.name, stable_id("entity", table.name)}:
                return table
        raise unknown_table(name)

    def _below(self, table: Table, name: str) -> list[Json]:
        if name in _RELATIONS:
            return relations.relations(self._home.catalog, table, name)
        if name == "Keys":
            return relations.alternate_keys(table)
        if name == "Attributes":
            return [_attribute(table, each, "") for each in table.by_name]
        raise unknown_segment(name, self._home.switches().unknown_segment_code)

    def _entity_shown(self, found: Json, options: Options) -> Json:
        table = self._home.catalog.tables[found["LogicalName"]]
        shown = _shown(found, options, "EntityMetadata")
        for each in options.expand:
            rows = self._below(table, each.name)
            shown[each.name] = _projected(rows, each.options, _type_of(each.name))
        return shown

    def _attributes(self, table: Table, key: str | None, rest: list[str], options: Options, context: str) -> Json:
        cast = rest[0].removeprefix(CRM) if rest else ""
        if (cast and cast not in _CASTS) or cast == _NEVER_CAST or rest[1:]:
            raise unknown_segment(rest[-1], self._home.switches().unknown_segment_code)
        path = "/".join(["Attributes", *rest])
        if key is not None:
            found = _attribute(table, self._column(table, key), cast)
            shown = _with_sets(found, table, options, cast or "AttributeMetadata")
            return {"@odata.context": f"{context}{path}{options.names}/$entity", **shown}
        names = [name for name, column in table.by_name.items() if cast in {"", definitions.metadata_type(column)}]
        rows = _filtered([_attribute(table, name, cast) for name in names], options, cast or "AttributeMetadata")
        shown_rows = [_with_sets(row, table, options, cast or "AttributeMetadata") for row in rows]
        return {"@odata.context": f"{context}{path}{options.names}", "value": shown_rows}

    @staticmethod
    def _column(table: Table, key: str) -> str:
        named = _NAMED.match(key)
        for name, column in table.by_name.items():
            known = {name, definitions.base(table, column)["MetadataId"]} if GUID.fullmatch(key) else {name}
            if (named[1] if named else key) in known:
                return name
        raise unknown_column(named[1] if named else key, table.name)


def _attribute(table: Table, name: str, cast: str) -> Json:
    column = table.by_name[name]
    head = {} if cast else {"@odata.type": f"#{CRM}{definitions.metadata_type(column)}"}
    return {**head, **definitions.base(table, column), **definitions.special(column)}


def _with_sets(row: Json, table: Table, options: Options, type_name: str) -> Json:
    column = table.by_name[row["LogicalName"]]
    known = definitions.base(table, column) if type_name == "AttributeMetadata" else row
    for name in options.select:
        if name not in known:
            raise unknown_property(name, f"{CRM}{type_name}")
    shown = _shown(row, options, type_name)
    found = definitions.option_set(table, column)
    for each in options.expand:
        if each.name not in {"OptionSet", "GlobalOptionSet"} or type_name == "AttributeMetadata" or found is None:
            raise unknown_property(each.name, f"{CRM}{type_name}")
        mine = found if (each.name == "GlobalOptionSet") == found["IsGlobal"] or each.name == "OptionSet" else None
        shown[each.name] = _shown(mine, each.options, "OptionSetMetadata") if mine else None
    return shown


def _shown(row: Json, options: Options, type_name: str) -> Json:
    if not options.select:
        return dict(row)
    for name in options.select:
        if name not in row:
            raise unknown_property(name, f"{CRM}{type_name}")
    kept = {"@odata.type", *options.select}
    return {name: value for name, value in row.items() if name in kept} | {"MetadataId": row["MetadataId"]}


def _projected(rows: Iterable[Json], options: Options, type_name: str) -> list[Json]:
    return [_shown(row, options, type_name) for row in _filtered(rows, options, type_name)]


def _filtered(rows: Iterable[Json], options: Options, type_name: str) -> list[Json]:
    if options.order or options.top is not None or options.skip_token:
        raise bad_query("The query options $orderby, $top and $skiptoken are not supported on metadata.")
    found = list(rows)
    if not options.filter:
        return found
    test = parse_filter(options.filter, lambda path: _getter(path, type_name, found))
    return [row for row in found if test(row)]


def _getter(path: str, type_name: str, rows: list[Json]) -> Callable[[Any], Any]:
    names = path.split("/")
    if rows and all(names[0] not in row for row in rows):
        raise unknown_property(names[0], f"{CRM}{type_name}")

    def read(row: Any) -> Any:
        for name in names:
            row = row.get(name) if isinstance(row, dict) else None
        return row

    return read


def _type_of(name: str) -> str:
    return "AttributeMetadata" if name == "Attributes" else name


def _cut(segment: str) -> tuple[str, str, bool]:
    head, opened, rest = segment.partition("(")
    return head, rest.removesuffix(")"), bool(opened)
