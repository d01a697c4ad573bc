"""Tables, their keys, and how lookups connect them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import NAMESPACE_OID, uuid5

from sandbox.dataverse.columns import REFERENCES, Column, completed


def stable_id(*names: str) -> str:
    """Return the same identifier for the same names, in every run."""
    return str(uuid5(NAMESPACE_OID, "/".join(("dataverse", *names))))


@dataclass(frozen=True)
class Table:
    """One table as declared, its columns completed."""

    name: str
    set_name: str
    label: str
    columns: tuple[Column, ...]
    schema: str = ""
    title: str = "name"
    code: int = 0
    ownership: str = "UserOwned"
    tracked: bool = True
    guarded: bool = True
    """Whether optimistic concurrency is enabled."""
    alternates: tuple[tuple[str, ...], ...] = ()
    key: str = ""
    by_name: dict[str, Column] = field(default_factory=dict)
    by_property: dict[str, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        whole = tuple(completed(self.columns))
        object.__setattr__(self, "columns", whole)
        object.__setattr__(self, "key", self.key or f"{self.name}id")
        self.by_name.update({each.name: each for each in whole})
        self.by_property.update({each.property_name: each for each in whole if each.shown})

    @property
    def schema_name(self) -> str:
        """Its name in the schema, such as Opportunity."""
        return self.schema or self.name.capitalize()

    @property
    def type_name(self) -> str:
        """Its qualified entity type."""
        return f"Microsoft.Dynamics.CRM.{self.name}"


@dataclass(frozen=True, slots=True)
class Relation:
    """One lookup to one target, seen from both ends."""

    child: Table
    column: Column
    parent: Table
    navigation: str
    collection: str


class Catalog:
    """All tables, and their relations by navigation property."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self.tables = {each.name: each for each in tables}
        self.sets = {each.set_name: each for each in self.tables.values()}
        self.up: dict[str, dict[str, Relation]] = {name: {} for name in self.tables}
        self.down: dict[str, dict[str, Relation]] = {name: {} for name in self.tables}
        for table in self.tables.values():
            for column in table.columns:
                if column.kind in REFERENCES:
                    self._relate(table, column)

    def _relate(self, table: Table, column: Column) -> None:
        for target in column.targets:
            parent = self.tables[target]
            name = column.relationship or f"{target}_{table.set_name}_{column.name}"
            relation = Relation(table, column, parent, column.navigation(target), name)
            self.up[table.name].setdefault(relation.navigation, relation)
            self.down[target][name] = relation

    def relations(self, table: str) -> list[Relation]:
        """Return the N:1 relations of a table, one per lookup and target."""
        mine = self.tables[table]
        return [
            Relation(mine, column, self.tables[target], column.navigation(target), f"{table}_{column.name}_{target}")
            for column in mine.columns
            if column.kind in REFERENCES
            for target in column.targets
        ]
