"""Relations and alternate keys, as the metadata shows them."""

from sandbox.dataverse.definitions import Json, label
from sandbox.dataverse.schema import Catalog, Relation, Table, stable_id


def many_to_one(relation: Relation) -> Json:
    """Return a relation as the referencing table shows it."""
    return {
        "MetadataId": stable_id("relation", relation.collection, relation.parent.name),
        "SchemaName": relation.collection,
        "RelationshipType": "OneToManyRelationship",
        "IsCustomRelationship": relation.column.is_custom,
        "ReferencedAttribute": relation.parent.key,
        "ReferencedEntity": relation.parent.name,
        "ReferencedEntityNavigationPropertyName": relation.collection,
        "ReferencingAttribute": relation.column.name,
        "ReferencingEntity": relation.child.name,
        "ReferencingEntityNavigationPropertyName": relation.navigation,
        "HasChanged": None,
    }


def relations(catalog: Catalog, table: Table, kind: str) -> list[Json]:
    """Return the relations of a table of one kind."""
    if kind == "ManyToOneRelationships":
        return [many_to_one(each) for each in catalog.relations(table.name)]
    if kind == "OneToManyRelationships":
        return [many_to_one(each) for each in catalog.down[table.name].values()]
    return []


def alternate_keys(table: Table) -> list[Json]:
    """Return the alternate keys of a table."""
    return [
        {
            "MetadataId": stable_id("key", table.name, *columns),
            "LogicalName": f"{table.name}_{'_'.join(columns)}",
            "SchemaName": f"{table.schema_name}_{'_'.join(columns)}",
            "EntityLogicalName": table.name,
            "KeyAttributes": list(columns),
            "EntityKeyIndexStatus": "Active",
            "DisplayName": label("Key", table.name, *columns),
        }
        for columns in table.alternates
    ]
