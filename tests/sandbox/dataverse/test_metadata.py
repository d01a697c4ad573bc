"""Definitions of tables, columns, option sets and relations."""

from typing import Any

import pytest

from sandbox.dataverse.control import DataverseControl
from tests.sandbox.dataverse.caller import DataverseCaller, refusal
from tests.sandbox.test_wire import sample

_CRM = "Microsoft.Dynamics.CRM."
_AGREEMENT = "EntityDefinitions(LogicalName='new_agreement')"
_CONTACT = "EntityDefinitions(LogicalName='contact')"


def attributes(dataverse: DataverseCaller, cast: str = "", table: str = "new_agreement", **options: str) -> Any:
    path = f"EntityDefinitions(LogicalName='{table}')/Attributes" + (f"/{_CRM}{cast}AttributeMetadata" if cast else "")
    return {row["LogicalName"]: row for row in dataverse.values(path, **options)}


def test_one_definition_has_the_keys_of_the_sample(dataverse: DataverseCaller) -> None:
    found = dataverse.json(_CONTACT, select="DisplayCollectionName")
    expected = sample("dataverse-entity-definition.json")
    assert set(found) == set(expected)
    assert list(found["DisplayCollectionName"]["LocalizedLabels"][0]) == list(
        expected["DisplayCollectionName"]["LocalizedLabels"][0]
    )


def test_one_definition_inside_value_is_a_switch(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.switch(one_definition="value")
    assert dataverse.values(_CONTACT, select="EntitySetName")[0]["EntitySetName"] == "contacts"


@pytest.mark.parametrize(
    ("cast", "name"),
    [("Picklist", "picklist-options"), ("State", "state-options"), ("Status", "status-options")],
)
def test_option_sets_have_the_keys_of_the_sample(dataverse: DataverseCaller, cast: str, name: str) -> None:
    rows = attributes(dataverse, cast, "contact", select="LogicalName", expand="OptionSet($select=Options)")
    expected = sample(f"dataverse-{name}.json")["value"][0]
    found = rows[expected["LogicalName"] if cast != "Picklist" else "familystatuscode"]
    assert list(found) == list(expected)
    assert set(found["OptionSet"]) == set(expected["OptionSet"])
    assert list(found["OptionSet"]["Options"][0]) == list(expected["OptionSet"]["Options"][0])


@pytest.mark.parametrize(
    ("cast", "column", "facts"),
    [
        ("String", "new_mail", {"MaxLength": 100, "Format": "Email", "FormatName": {"Value": "Email"}}),
        ("Memo", "new_terms", {"MaxLength": 10_000}),
        ("Integer", "new_count", {"MinValue": -5, "MaxValue": 5, "Format": "None"}),
        ("BigInt", "new_big", {"MaxValue": 2**63 - 1}),
        ("Decimal", "new_rate", {"MinValue": -10.0, "MaxValue": 10.0, "Precision": 4}),
        ("Double", "new_factor", {"Precision": 2}),
        ("Money", "new_fee", {"Precision": 3, "PrecisionSource": 0, "IsBaseCurrency": False}),
        ("Money", "new_fee_base", {"CalculationOf": "new_fee", "IsValidForUpdate": False}),
        ("Boolean", "new_isopen", {"DefaultValue": False}),
        ("DateTime", "new_dueday", {"Format": "DateOnly", "DateTimeBehavior": {"Value": "UserLocal"}}),
        ("DateTime", "new_signedday", {"DateTimeBehavior": {"Value": "DateOnly"}}),
        ("Lookup", "new_buyerid", {"Targets": ["account", "contact"], "AttributeType": "Customer"}),
        ("Lookup", "ownerid", {"Targets": ["systemuser", "team"], "AttributeTypeName": {"Value": "OwnerType"}}),
        (
            "MultiSelectPicklist",
            "new_topics",
            {"AttributeType": "Virtual", "AttributeTypeName": {"Value": "MultiSelectPicklistType"}},
        ),
        ("File", "new_document", {"MaxSizeInKB": 32_768, "AttributeType": "Virtual"}),
        ("Image", "new_photo", {"CanStoreFullImage": True}),
        ("ManagedProperty", "new_managed", {"ValueAttributeTypeCode": "Boolean"}),
        ("UniqueIdentifier", "new_agreementid", {"IsPrimaryId": True}),
    ],
)
def test_a_cast_shows_what_its_type_has(
    dataverse: DataverseCaller, cast: str, column: str, facts: dict[str, Any]
) -> None:
    row = attributes(dataverse, cast)[column]
    assert {name: row[name] for name in facts} == facts


@pytest.mark.parametrize(
    ("column", "source"),
    [("new_computed", 1), ("new_rolled", 2), ("new_formula", 3), ("new_rate", 0), ("new_terms", None)],
)
def test_the_source_tells_simple_from_computed(dataverse: DataverseCaller, column: str, source: int | None) -> None:
    assert attributes(dataverse, select="LogicalName,SourceType")[column]["SourceType"] == source


def test_a_rollup_has_its_companions(dataverse: DataverseCaller) -> None:
    assert {"new_rolled_date", "new_rolled_state"} <= set(attributes(dataverse))


def test_the_name_beside_a_lookup_belongs_to_it(dataverse: DataverseCaller) -> None:
    assert attributes(dataverse)["new_partneridname"]["AttributeOf"] == "new_partnerid"


def test_without_a_cast_the_type_stands_in_front(dataverse: DataverseCaller) -> None:
    row = attributes(dataverse, select="LogicalName")["new_isopen"]
    assert row["@odata.type"] == "#Microsoft.Dynamics.CRM.BooleanAttributeMetadata"


def test_without_a_cast_only_base_properties_can_be_selected(dataverse: DataverseCaller) -> None:
    reply = dataverse.get(f"{_AGREEMENT}/Attributes", select="LogicalName,MaxLength")
    assert refusal(reply) == (400, "0x0")


def test_a_boolean_shows_both_labels(dataverse: DataverseCaller) -> None:
    options = attributes(dataverse, "Boolean", expand="OptionSet")["new_isopen"]["OptionSet"]
    labels = [options[name]["Label"]["UserLocalizedLabel"]["Label"] for name in ("TrueOption", "FalseOption")]
    assert labels == ["Closed", "Open"]


def test_a_global_option_set_has_its_name(dataverse: DataverseCaller) -> None:
    row = attributes(dataverse, "Picklist", expand="OptionSet,GlobalOptionSet")["new_region"]
    assert (row["OptionSet"]["IsGlobal"], row["GlobalOptionSet"]["Name"]) == (True, "new_regions")


@pytest.mark.parametrize("path", ["GlobalOptionSetDefinitions", "GlobalOptionSetDefinitions(Name='new_regions')"])
def test_global_option_sets_are_listed_and_named(dataverse: DataverseCaller, path: str) -> None:
    body = dataverse.json(path)
    assert (body["value"][0] if "value" in body else body)["Name"] == "new_regions"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Money'", "new_fee"),
        (
            "RequiredLevel/Value eq Microsoft.Dynamics.CRM.AttributeRequiredLevel'ApplicationRequired'",
            "transactioncurrencyid",
        ),
        ("LogicalName eq 'new_code'", "new_code"),
    ],
)
def test_definitions_are_filtered_by_enums(dataverse: DataverseCaller, condition: str, expected: str) -> None:
    assert expected in attributes(dataverse, select="LogicalName", filter=condition)


def test_a_filter_on_an_unknown_property_is_refused(dataverse: DataverseCaller) -> None:
    assert refusal(dataverse.get("EntityDefinitions", filter="Nome eq 'x'")) == (400, "0x0")


def test_tables_come_with_their_columns(dataverse: DataverseCaller) -> None:
    rows = dataverse.values(
        "EntityDefinitions", select="LogicalName", expand="Attributes($select=LogicalName,AttributeType)"
    )
    quote = next(row for row in rows if row["LogicalName"] == "quote")
    assert {"Integer", "Money", "Owner"} <= {each["AttributeType"] for each in quote["Attributes"]}


def test_navigation_names_are_case_sensitive_facts(dataverse: DataverseCaller) -> None:
    rows = dataverse.values(
        "EntityDefinitions(LogicalName='opportunity')/ManyToOneRelationships",
        select="ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName",
    )
    names = {(row["ReferencingAttribute"], row["ReferencedEntity"]): row for row in rows}
    nav = "ReferencingEntityNavigationPropertyName"
    assert names["customerid", "contact"][nav] == "customerid_contact"
    assert names["new_partnerid", "account"][nav] == "new_PartnerId"


def test_keys_name_their_columns(dataverse: DataverseCaller) -> None:
    rows = dataverse.values(f"{_AGREEMENT}/Keys", select="KeyAttributes")
    assert [row["KeyAttributes"] for row in rows] == [["new_code"], ["new_region", "new_serial"]]


def test_relations_to_many_are_listed(dataverse: DataverseCaller) -> None:
    rows = dataverse.values("EntityDefinitions(LogicalName='opportunity')/OneToManyRelationships")
    assert "opportunity_quotes" in {row["ReferencedEntityNavigationPropertyName"] for row in rows}


def test_one_column_is_found_by_name_and_by_id(dataverse: DataverseCaller) -> None:
    path = f"{_AGREEMENT}/Attributes"
    found = dataverse.json(f"{path}(LogicalName='new_region')/{_CRM}PicklistAttributeMetadata", expand="OptionSet")
    assert dataverse.json(f"{path}({found['MetadataId']})")["LogicalName"] == "new_region"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("EntityDefinitions(LogicalName='nothing')", (400, "0x80041102")),
        (f"{_AGREEMENT}/Attributes(LogicalName='nothing')", (400, "0x80041103")),
        (f"{_AGREEMENT}/Attributes/{_CRM}EnumAttributeMetadata", (404, "0x80060888")),
        (f"{_AGREEMENT}/Nothing", (404, "0x80060888")),
        ("EntityDefinitions?$top=1", (400, "0x80060888")),
        ("GlobalOptionSetDefinitions(Name='nothing')", (400, "0x80041103")),
    ],
)
def test_what_the_metadata_does_not_know_is_refused(
    dataverse: DataverseCaller, path: str, expected: tuple[int, str]
) -> None:
    assert refusal(dataverse.get(path)) == expected


def test_the_document_has_a_type_for_every_property(dataverse: DataverseCaller) -> None:
    text = dataverse.get("$metadata").text
    assert '<Property Name="estimatedclosedate" Type="Edm.Date" />' in text
    assert '<NavigationProperty Name="customerid_account" Type="mscrm.account" Nullable="true">' in text


def test_the_root_lists_the_sets(dataverse: DataverseCaller) -> None:
    assert "opportunities" in {each["name"] for each in dataverse.values("")}


def test_metadata_cannot_be_written(dataverse: DataverseCaller) -> None:
    assert dataverse.post("EntityDefinitions", {}).status_code == 404
