"""What Dataverse's metadata tells about tables and columns."""

from typing import Any

import pytest

from sync.model.errors import RefusedError
from sync.model.table import Column, Details, Origin, Reference, Requirement, Table
from tests.connectors.bridge_kit import Routed, listing, organization, told
from tests.connectors.kit import Place, document, place

DEFINITION = {
    "LogicalName": "quote",
    "EntitySetName": "quotes",
    "PrimaryIdAttribute": "quoteid",
    "PrimaryNameAttribute": "name",
    "DisplayName": {"UserLocalizedLabel": {"Label": "Quote"}},
    "IsOptimisticConcurrencyEnabled": False,
    "ChangeTrackingEnabled": True,
}
QUOTE = Table("quote", "quotes", "quoteid", "name", "Quote", guarded=False, tracked=True)


def attribute(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"LogicalName": name, "AttributeTypeName": {"Value": f"{kind}Type"}, "IsValidForUpdate": True, **more}


def label(text: str) -> dict[str, Any]:
    return {"Label": {"LocalizedLabels": [{"Label": text}], "UserLocalizedLabel": None}}


def columns_of(base: list[dict[str, Any]], special: dict[str, dict[str, Any]] | None = None) -> tuple[Column, ...]:
    casts = {f"/Attributes/Microsoft.Dynamics.CRM.{kind}A": listing(row) for kind, row in (special or {}).items()}
    here = Place(Routed({**casts, "/Attributes/": listing(), "/Attributes?": listing(*base)}))
    return organization(here).columns("opportunity")


@pytest.mark.parametrize("reply", [DEFINITION, {"value": [DEFINITION]}])
def test_a_table_is_told_in_either_of_two_shapes(reply: dict[str, Any]) -> None:
    here = place(document(reply))
    assert organization(here).table("quote") == QUOTE
    assert "/EntityDefinitions(LogicalName=%27quote%27)?" in here.net.urls[0]


def test_a_name_cannot_change_what_is_asked_for() -> None:
    here = place(document({"value": []}))
    with pytest.raises(RefusedError) as caught:
        organization(here).table("x')/Attributes")
    assert caught.value.code == "ENTITY_NOT_FOUND"
    assert "(LogicalName=%27x%27%27%29%2FAttributes%27)?" in here.net.urls[0]


def test_tables_without_rows_of_their_own_are_left_out() -> None:
    here = place(listing({"LogicalName": "virtual", "EntitySetName": None}, DEFINITION))
    assert organization(here).tables() == (QUOTE,)


def test_a_table_without_a_label_is_called_by_its_name() -> None:
    here = place(document({**DEFINITION, "DisplayName": {"LocalizedLabels": [], "UserLocalizedLabel": None}}))
    assert organization(here).table("quote").label == "quote"


def test_columns_as_the_real_system_tells_them_are_understood() -> None:
    here = Place(Routed({"/Attributes/": listing(), "/Attributes?": told("dataverse-attributes.json")}))
    found = {column.name: column for column in organization(here).columns("contact")}
    assert (found["annualincome"].type, found["annualincome"].label) == ("Money", "Annual Income")
    assert (found["versionnumber"].updatable, found["importsequencenumber"].creatable) == (False, True)


@pytest.mark.parametrize(
    ("level", "demand"),
    [
        ("None", (Requirement.NONE, False)),
        ("Recommended", (Requirement.RECOMMENDED, False)),
        ("ApplicationRequired", (Requirement.REQUIRED, False)),
        ("SystemRequired", (Requirement.REQUIRED, True)),
    ],
)
def test_a_column_tells_whether_it_must_have_a_value(level: str, demand: tuple[Requirement, bool]) -> None:
    (found,) = columns_of([attribute("name", "String", RequiredLevel={"Value": level})])
    assert (found.required, found.system_required) == demand


@pytest.mark.parametrize(("told_as", "origin"), [(None, 0), (0, 0), (1, 1), (2, 2), (3, 3), (9, Origin.FORMULA)])
def test_a_column_tells_where_its_value_comes_from(told_as: int | None, origin: int) -> None:
    (found,) = columns_of([attribute("total", "Money", SourceType=told_as)])
    assert found.origin == origin


@pytest.mark.parametrize(
    ("kind", "special", "details"),
    [
        ("String", {"MaxLength": 300}, Details(max_length=300)),
        ("Memo", {"MaxLength": 2000}, Details(max_length=2000)),
        ("Integer", {"MinValue": 0, "MaxValue": 100}, Details(minimum="0", maximum="100")),
        (
            "Money",
            {"MinValue": -1.5, "MaxValue": 1e12, "Precision": 2, "PrecisionSource": 2},
            Details(precision=2, precision_source=2, minimum="-1.5", maximum="1000000000000.0"),
        ),
        (
            "DateTime",
            {"Format": "DateOnly", "DateTimeBehavior": {"Value": "UserLocal"}},
            Details(format="DateOnly", behavior="UserLocal"),
        ),
        (
            "Boolean",
            {"OptionSet": {"TrueOption": label("No"), "FalseOption": label("Yes")}},
            Details(true_label="No", false_label="Yes"),
        ),
        ("Lookup", {"Targets": ["account"]}, Details(targets=("account",))),
    ],
)
def test_what_only_some_types_have_is_asked_for(kind: str, special: dict[str, Any], details: Details) -> None:
    (found,) = columns_of([attribute("x", kind)], {kind: {"LogicalName": "x", **special}})
    assert (found.type, found.details) == (kind, details)


def test_a_customer_has_targets_as_a_lookup_has() -> None:
    found = columns_of(
        [attribute("customerid", "Customer")], {"Lookup": {"LogicalName": "customerid", "Targets": ["a"]}}
    )
    assert found[0].details.targets == ("a",)


def test_types_that_a_table_has_not_are_not_asked_about() -> None:
    here = Place(Routed({"/Attributes?": listing(attribute("x", "Uniqueidentifier"))}))
    organization(here).columns("opportunity")
    assert len(here.net.sent) == 1


def test_lookups_to_other_tables_are_told_with_the_name_to_expand_them_by() -> None:
    row = {
        "ReferencingAttribute": "customerid",
        "ReferencedEntity": "account",
        "ReferencingEntityNavigationPropertyName": "customerid_account",
    }
    here = place(listing(row))
    assert organization(here).references("opportunity") == (Reference("customerid", "account", "customerid_account"),)
