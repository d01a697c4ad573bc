from typing import Any

import pytest

from mapping import TARGETS, CompiledMapping, compile_rules, preset
from tests.mapping.samples import ITEM, VENDOR


@pytest.fixture
def suppliers() -> CompiledMapping:
    return compile_rules(preset("suppliers"), TARGETS["suppliers"])


@pytest.fixture
def products() -> CompiledMapping:
    return compile_rules(preset("products"), TARGETS["products"])


def test_a_vendor_becomes_a_supplier(suppliers: CompiledMapping) -> None:
    assert suppliers.apply(VENDOR).fields == {
        "name": "Fabrikam, Inc.",
        "number": "10000",
        "address": "10 North Lake Avenue",
        "city": "Atlanta",
        "state": "GA",
        "country": "US",
        "postalCode": "31772",
        "email": "krystal.york@contoso.com",
        "phone": "4255550101",
        "website": "www.royalmail.co.uk",
        "taxId": None,
        "blocked": None,
    }


def test_an_item_becomes_a_product_without_taking_its_number_for_an_hs_code(products: CompiledMapping) -> None:
    assert products.apply(ITEM).fields == {
        "name": "ATHENS Desk",
        "number": "1896-S",
        "hsCode": None,
        "type": "Non-Inventory",
        "category": "TABLE",
        "unit": "PCS",
        "gtin": None,
        "countryOfOrigin": None,
        "blocked": False,
    }


@pytest.mark.parametrize("name", ["suppliers", "products"])
def test_a_preset_fills_every_field_of_its_entity_type(name: str) -> None:
    assert compile_rules(preset(name)).targets == tuple(TARGETS[name])


def test_the_suppliers_ask_for_just_the_columns_they_need(suppliers: CompiledMapping) -> None:
    assert suppliers.select == (
        "id",
        "number",
        "displayName",
        "addressLine1",
        "city",
        "state",
        "country",
        "postalCode",
        "email",
        "phoneNumber",
        "website",
        "taxRegistrationNumber",
        "blocked",
        "lastModifiedDateTime",
    )


def test_the_products_expand_nothing(products: CompiledMapping) -> None:
    assert products.expand == ()


@pytest.mark.parametrize(
    ("came", "stored"),
    [("_x0020_", None), (" ", None), ("Payment", "Payment"), ("All", "All"), ("On_x0020_Hold", "On Hold")],
)
def test_a_vendors_block_is_unescaped_or_null(suppliers: CompiledMapping, came: str, stored: str | None) -> None:
    assert suppliers.apply({**VENDOR, "blocked": came}).fields["blocked"] == stored


def test_a_trailing_space_goes(products: CompiledMapping) -> None:
    assert products.apply({**ITEM, "displayName": "Top Panel "}).fields["name"] == "Top Panel"


@pytest.mark.parametrize("came", [None, "", "   "])
def test_a_blank_name_is_told_in_the_products_own_words(suppliers: CompiledMapping, came: str | None) -> None:
    mapped = suppliers.apply({**VENDOR, "displayName": came})
    assert (mapped.message, mapped.data) == ("Missing required field: name", {"displayName": came})


def test_an_absent_name_is_missing_too(suppliers: CompiledMapping) -> None:
    mapped = suppliers.apply({"id": "1"})
    assert (mapped.problems[0].code, mapped.data) == ("REQUIRED_FIELD_MISSING", {"displayName": None})


def test_the_other_fields_survive_a_missing_name(suppliers: CompiledMapping) -> None:
    assert suppliers.apply({**VENDOR, "displayName": ""}).fields["city"] == "Atlanta"


@pytest.mark.parametrize(
    ("came", "stored"),
    [("UK", "GB"), ("se", "SE"), ("DEU", "DE"), ("", None), ("NORTH", "NORTH")],
)
def test_a_vendors_country_is_iso_when_known(suppliers: CompiledMapping, came: str, stored: str | None) -> None:
    assert suppliers.apply({**VENDOR, "country": came}).fields["country"] == stored


def test_a_record_of_wrong_types_has_a_problem_per_field(suppliers: CompiledMapping) -> None:
    odd: dict[str, Any] = {"displayName": 5, "city": ["Atlanta"], "country": {"code": "US"}, "state": 0, "email": False}
    mapped = suppliers.apply({**VENDOR, **odd})
    assert mapped.data == odd


def test_unknown_and_missing_properties_do_no_harm(products: CompiledMapping) -> None:
    assert products.apply({"displayName": "A", "newInNextRelease": {"x": [1]}}).problems == ()


def test_there_is_no_preset_for_anything_else() -> None:
    with pytest.raises(KeyError):
        preset("customers")
