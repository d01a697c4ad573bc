"""Rows that are legal or have been seen, and that careless programs break on."""

from decimal import Decimal
from uuid import UUID, uuid5

from sandbox.filters import Row
from sandbox.schema import BY_TABLE, ZERO_GUID, Edm

_SPACE = UUID("6d0f3b52-7c1e-4f0a-9a55-3b7f1f2e9c01")
_ORDINARY = "2025-03-05T19:19:22.27Z"
_BLANKS: dict[Edm, object] = {
    Edm.STRING: "",
    Edm.GUID: ZERO_GUID,
    Edm.DECIMAL: 0,
    Edm.BOOLEAN: False,
    Edm.DATE: "0001-01-01",
    Edm.TIME: _ORDINARY,
}
_ENUM_BLANKS = {"vendorBlocked": "_x0020_", "itemType": "Inventory"}

_VENDORS: tuple[dict[str, object], ...] = (
    {"number": "H-BLANK-NAME", "displayName": ""},
    {"number": "", "displayName": "A vendor without a number"},
    {"number": "H'QUOTE/SLASH\"&+%#?;", "displayName": "Code of 20 characters with quotes and slashes"},
    {"number": "H-UNKNOWN-ENUM", "displayName": "New enum member", "blocked": "Privacy_x0020_Blocked"},
    {"number": "H-COUNTRY-UK", "displayName": "Not an ISO country", "country": "UK"},
    {"number": "H-COUNTRY-EL", "displayName": "Greece by its tax prefix", "country": "EL"},
    {"number": "H-COUNTRY-OWN", "displayName": "A country code of its own", "country": "NO-SVALB"},
    {"number": "H-YEAR-1", "displayName": "Never modified", "lastModifiedDateTime": "0001-01-01T00:00:00Z"},
    {"number": "H-HUGE", "displayName": "Huge balance", "balance": Decimal("99999999999999999.99")},
    {"number": "H-NEGATIVE", "displayName": "Negative balance", "balance": Decimal("-0.00000000000000000001")},
    {"number": "H-EXTRA", "displayName": "Properties of a later version", "zzNewText": "x", "zzNewList": [1, None]},
    {"number": "H-NULLS", "displayName": None, "country": None, "balance": None, "blocked": None, "email": None},
    {"number": "H-LONG", "displayName": "Ñ" * 100, "addressLine1": "ß" * 100, "website": "w" * 255},
    {"number": "H-EMOJI", "displayName": "👩‍👩‍👧 Family & 🌳 Söhne", "city": "İstanbul"},
    {"number": "H-SPACES", "displayName": "  padded  ", "city": " \u00a0 ", "email": " a@example.com ; b@example.com "},
    {"number": "H-CONTROLS", "displayName": "line\nbreak\ttab\u2028separator\u200bzero width\ufeff"},
    {"number": "H-RTL", "displayName": "שלום \u202eevil\u202c العربية"},
    {"number": "H-COMBINING", "displayName": "e\u0301 is not \u00e9", "city": "Z\u0351\u036balgo"},
    {"number": "H-MARKUP", "displayName": "<script>alert(1)</script>", "addressLine1": "'; DROP TABLE vendors; --"},
    {"number": "H-FORMULA", "displayName": '=HYPERLINK("http://x.example")', "phoneNumber": "+1-1"},
    {"number": "H-MAIL", "displayName": "Not a mail address", "email": "see website", "website": "javascript:1"},
    {"number": "H-SURROGATE", "displayName": "\U0001d518\U0001d52b beyond the first plane \U0010fffd"},
)
_ITEMS: tuple[dict[str, object], ...] = (
    {"number": "H-BLANK-NAME", "displayName": "", "baseUnitOfMeasureCode": ""},
    {"number": "", "displayName": "An item without a number"},
    {"number": "H'QUOTE/SLASH\"&+%#?;", "displayName": "Code of 20 characters with quotes and slashes"},
    {"number": "4407 29 15", "displayName": "Number that looks like a tariff", "tariffNumber": "4407 29 15"},
    {"number": "H-UNKNOWN-ENUM", "displayName": "New enum member", "type": "Digital_x0020_Good"},
    {"number": "H-TARIFF", "displayName": "Tariff that is none", "tariffNumber": "9999 99 99 X"},
    {"number": "H-ORIGIN", "displayName": "Origin that is none", "countryOfOrigin": "EU-OTHER"},
    {"number": "H-HUGE", "displayName": "Huge price", "unitPrice": Decimal("99999999999999999.99999")},
    {"number": "H-NEGATIVE", "displayName": "Negative stock", "inventory": Decimal("-1234567.89012")},
    {"number": "H-YEAR-1", "displayName": "Never modified", "lastModifiedDateTime": "0001-01-01T00:00:00Z"},
    {"number": "H-EXTRA", "displayName": "Properties of a later version", "zzNewObject": {"a": {"b": 1}}},
    {"number": "H-NULLS", "displayName": None, "type": None, "unitPrice": None, "itemCategoryCode": None},
    {"number": "H-DANGLING", "displayName": "References nothing", "baseUnitOfMeasureId": str(uuid5(_SPACE, "none"))},
    {"number": "H-LONG", "displayName": "長" * 100, "displayName2": "長" * 50, "gtin": "0" * 14},
    {"number": "H-EMOJI", "displayName": "🪵 Holz", "itemCategoryCode": "🪑"},
    {"number": "H-SPACES", "displayName": "Top Panel ", "baseUnitOfMeasureCode": " PCS "},
    {"number": "H-CONTROLS", "displayName": "line\nbreak\ttab\u2029separator\u200d"},
    {"number": "H-MARKUP", "displayName": "<img src=x onerror=alert(1)>"},
)


def hostile_rows() -> dict[str, list[Row]]:
    """Return vendors and items."""
    return {"vendors": _rows("vendors", _VENDORS), "items": _rows("items", _ITEMS)}


def _rows(table: str, oddities: tuple[dict[str, object], ...]) -> list[Row]:
    blank = {
        each.name: _ENUM_BLANKS[each.of] if each.edm is Edm.ENUM else _BLANKS[each.edm]
        for each in BY_TABLE[table].properties
    }
    return [{**blank, **odd, "id": str(uuid5(_SPACE, f"{table}/{odd['number']}"))} for odd in oddities]
