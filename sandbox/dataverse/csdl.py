"""$metadata: the tables as CSDL."""

from xml.sax.saxutils import quoteattr

from sandbox.dataverse.schema import Catalog, Table
from sandbox.dataverse.values import edm_of

_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/'
    'edmx"><edmx:DataServices><Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" '
    'xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="crmbaseentity" Abstract="true" />'
)
_TAIL = "</Schema></edmx:DataServices></edmx:Edmx>"


def csdl(catalog: Catalog) -> bytes:
    """Return the whole document."""
    types = "".join(_entity_type(catalog, table) for table in catalog.tables.values())
    sets = "".join(_entity_set(catalog, table) for table in catalog.tables.values())
    return f'{_HEAD}{types}<EntityContainer Name="System">{sets}</EntityContainer>{_TAIL}'.encode()


def _entity_type(catalog: Catalog, table: Table) -> str:
    properties = "".join(
        f"<Property Name={quoteattr(name)} Type={quoteattr(edm_of(column))} />"
        for name, column in table.by_property.items()
    )
    up = "".join(
        f'<NavigationProperty Name={quoteattr(name)} Type="mscrm.{each.parent.name}" Nullable="true">'
        f"<ReferentialConstraint Property={quoteattr(each.column.property_name)} "
        f"ReferencedProperty={quoteattr(each.parent.key)} /></NavigationProperty>"
        for name, each in catalog.up[table.name].items()
    )
    down = "".join(
        f'<NavigationProperty Name={quoteattr(name)} Type="Collection(mscrm.{each.child.name})" />'
        for name, each in catalog.down[table.name].items()
    )
    key = f"<Key><PropertyRef Name={quoteattr(table.key)} /></Key>"
    return f'<EntityType Name="{table.name}" BaseType="mscrm.crmbaseentity">{key}{properties}{up}{down}</EntityType>'


def _entity_set(catalog: Catalog, table: Table) -> str:
    bindings = "".join(
        f'<NavigationPropertyBinding Path={quoteattr(name)} Target="{each.parent.set_name}" />'
        for name, each in catalog.up[table.name].items()
    )
    return f'<EntitySet Name="{table.set_name}" EntityType="Microsoft.Dynamics.CRM.{table.name}">{bindings}</EntitySet>'
