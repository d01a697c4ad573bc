"""Records as Business Central sends them, and short ways to map one field."""

from typing import Any

from mapping import FieldRule, JsonValue, Mapped, MappingRules, TransformSpec, compile_rules
from mapping.rules import Source

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
NAME = FieldRule("displayName", "name", (TransformSpec("trim"),), required=True)

VENDOR: dict[str, Any] = {
    "@odata.etag": 'W/"JzE5OzgzMTM5MjY4MTQ1NzY2MDMzNDIxOzAwOyc="',
    "id": "f7a5738a-44e3-ea11-bb43-000d3a2feca1",
    "number": "10000",
    "displayName": "Fabrikam, Inc.",
    "addressLine1": "10 North Lake Avenue",
    "addressLine2": "",
    "city": "Atlanta",
    "state": "GA",
    "country": "US",
    "postalCode": "31772",
    "phoneNumber": "4255550101",
    "email": "krystal.york@contoso.com",
    "website": "www.royalmail.co.uk",
    "taxRegistrationNumber": "",
    "currencyId": ZERO_GUID,
    "currencyCode": "USD",
    "blocked": "_x0020_",
    "balance": 2071.13,
    "lastModifiedDateTime": "2020-08-21T07:38:46.53Z",
}

ITEM: dict[str, Any] = {
    "@odata.etag": 'W/"JzIwOzE1OTY1OTUyNjQ5NTkxMTQzMDg0MTswMDsn"',
    "id": "fca5738a-44e3-ea11-bb43-000d3a2feca1",
    "number": "1896-S",
    "displayName": "ATHENS Desk",
    "type": "Non_x002D_Inventory",
    "itemCategoryCode": "TABLE",
    "blocked": False,
    "gtin": "",
    "unitPrice": 1000.8,
    "baseUnitOfMeasureCode": "PCS",
    "lastModifiedDateTime": "2020-08-21T00:24:19.347Z",
}


def spec(name: str, **options: JsonValue) -> TransformSpec:
    """Return a transform with its options."""
    return TransformSpec(name, options)


def rules_with(*fields: FieldRule, **more: Any) -> MappingRules:
    """Return a usable mapping of vendors with these fields beside the name."""
    return MappingRules(**{"entity_set": "vendors", "route": "v2.0", "fields": (NAME, *fields), **more})


def map_value(value: object, *transforms: TransformSpec, target: str = "custom.x") -> Mapped:
    """Map one value, with a name beside it."""
    rules = rules_with(FieldRule("x", target, transforms))
    return compile_rules(rules).apply({"displayName": "A", "x": value})


def map_values(values: dict[str, object], source: Source, *transforms: TransformSpec) -> Mapped:
    """Map a record by one field of any source, with a name beside it."""
    return compile_rules(rules_with(FieldRule(source, "custom.x", transforms))).apply({"displayName": "A", **values})
