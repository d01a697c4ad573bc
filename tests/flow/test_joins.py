"""Items whose HS code, origin and vendor come from a partner's page: joined by id, also when only that page changes."""

from typing import Any

import pytest

from tests.flow.kit import Connector, Site, pointers

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

ROUTE = "contoso/eudr/v1.0"


def fields(prefix: str) -> list[dict[str, Any]]:
    """Return fields from the item itself and from a joined page."""
    return [
        {"source": "displayName", "target": "name", "transform": "trim"},
        {"source": f"{prefix}.tariffNumber", "target": "hsCode", "transform": "hsCode"},
        {"source": f"{prefix}.countryOfOrigin", "target": "countryOfOrigin", "transform": "countryIso"},
        {"source": f"{prefix}.vendorNumber", "target": "custom.vendor"},
    ]


def mapping(entity_set: str, prefix: str | None = None) -> dict[str, Any]:
    """Return a mapping of items with this page joined."""
    named = {} if prefix is None else {"prefix": prefix}
    join = {"route": ROUTE, "entitySet": entity_set, **named}
    source = {"route": "v2.0", "entitySet": "items", "joins": [join]}
    return {"source": source, "fields": fields(prefix or entity_set)}


def put(site: Site, body: dict[str, Any]) -> Any:
    """Replace the products' mapping, which must work, and return it."""
    return site.call("PUT", "/mappings/products", body, If_Match=site.call("GET", "/mappings/products").etag).data


def expected(rows: list[dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
    """Return HS code and vendor by id, as the platform holds them."""
    return {
        row["id"]: (row["tariffNumber"].replace(" ", "").replace(".", "") or None, row["vendorNumber"] or None)
        for row in rows
    }


def held(site: Site) -> dict[str, tuple[Any, Any]]:
    """Return HS code and vendor of what is stored."""
    return {each["externalId"]: (each["hsCode"], each["custom"].get("vendor")) for each in site.records("products")}


@pytest.fixture
def cronus(connector: Connector) -> Site:
    return connector.connect(connector.caller("alice"), "cronus")


@pytest.mark.parametrize(("entity_set", "prefix"), [("itemsEudr", "eudr"), ("itemOrigins", None)])
def test_items_take_hs_code_and_vendor_from_the_joined_page(cronus: Site, entity_set: str, prefix: str | None) -> None:
    shown = put(cronus, mapping(entity_set, prefix))
    assert shown["source"]["joins"] == mapping(entity_set, prefix)["source"]["joins"]
    totals = cronus.sync(entities=["products"])["products"]
    assert (totals["created"], totals["errors"]) == (149, 0)
    assert held(cronus) == expected(cronus.rows(entity_set))
    assert len([code for code, _ in held(cronus).values() if code]) == 50


def test_a_mapping_that_joins_a_page_later_writes_only_records_with_values_there(cronus: Site) -> None:
    cronus.sync(entities=["products"])
    before = cronus.get("/mappings/products")
    vendor = {"source": "itemOrigins.vendorNumber", "target": "custom.vendor"}
    source = {**before["source"], "joins": [{"route": ROUTE, "entitySet": "itemOrigins"}]}
    put(cronus, {"source": source, "fields": [*before["fields"], vendor]})
    totals = cronus.sync(mode="delta", entities=["products"])["products"]
    with_vendor = [row for row in cronus.rows("itemOrigins") if row["vendorNumber"]]
    assert (totals["read"], totals["updated"]) == (149, len(with_vendor))


def test_a_change_on_the_joined_page_alone_arrives_with_the_next_delta(cronus: Site) -> None:
    put(cronus, mapping("itemOrigins"))
    cronus.sync()
    row = cronus.rows("itemOrigins")[7]
    modified = cronus.record("products", row["id"]).data["sourceModifiedAt"]
    changed = {"tariffNumber": "1801.00.00", "countryOfOrigin": "CI"}
    cronus.change("itemOrigins", changed, id=row["id"])
    assert cronus.sync(mode="delta")["products"]["updated"] == 1
    record = cronus.record("products", row["id"]).data
    assert (record["hsCode"], record["countryOfOrigin"]) == ("18010000", "CI")
    assert record["sourceModifiedAt"] == modified
    assert cronus.sync(mode="delta")["products"]["updated"] == 0


def test_a_change_of_the_item_alone_keeps_what_the_joined_page_gave(cronus: Site) -> None:
    put(cronus, mapping("itemOrigins"))
    cronus.sync()
    row = next(row for row in cronus.rows("itemOrigins") if row["tariffNumber"])
    before = held(cronus)
    cronus.change("items", {"displayName": "Renamed"}, id=row["id"])
    assert cronus.sync(mode="delta")["products"]["updated"] == 1
    assert (cronus.record("products", row["id"]).data["name"], held(cronus)) == ("Renamed", before)


def test_a_preview_shows_joined_values(cronus: Site) -> None:
    body = {"sample": 100, "mapping": mapping("itemsEudr", "eudr")}
    records = cronus.call("POST", "/mappings/products/preview", body).data["records"]
    truth = expected(cronus.rows("itemsEudr"))
    assert len(records) == 100
    assert all(each["after"]["hsCode"] == truth[each["externalId"]][0] for each in records)


def test_a_join_that_cannot_be_used_is_refused_with_its_place(cronus: Site) -> None:
    body = mapping("itemOrigins", "displayName")
    answer = cronus.call("PUT", "/mappings/products", body, If_Match="*")
    assert pointers(answer) == {"/source/joins/0/prefix"}
