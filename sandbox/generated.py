"""Seeded vendors and items made from their index, so that a million of them need no memory."""

from array import array

from sandbox.clock import MICROS, sql_rounded, wire_time
from sandbox.filters import Row
from sandbox.schema import ZERO_GUID

_START = 1_704_067_200
_STEP = 7.013
_SPAN = 1 << 32
_ODD = 0x9E3779B1
_BACK = pow(_ODD, -1, _SPAN)
_PLACES = (
    ("Riga", "LV", "LV-1010"),
    ("Göteborg", "SE", "411 06"),
    ("Hamburg", "DE", "20095"),
    ("São Paulo", "BR", "01310-100"),
    ("Abidjan", "CI", ""),
    ("Kuala Lumpur", "MY", "50088"),
    ("Łódź", "PL", "90-001"),
    ("Đà Nẵng", "VN", "550000"),
    ("Leeds", "", "LS1 4AP"),
)
_TRADES = ("Timber", "Cocoa Trading", "Coffee Import", "Palm Oil", "Rubber", "Soya", "Cattle & Hides", "Supplies")
_ODDITIES = (
    "O'Hara",
    "50% off #1",
    'A "quoted" name',
    "a/b\\c + d",
    "名前 株式会社",
    "🌲 Forest",
    "x" * 90,
    " led by a space",
)
_GOODS = (
    ("WOOD", "Sawn timber", "4407 11 20", "M3"),
    ("COCOA", "Cocoa beans", "1801.00.00", "KG"),
    ("COFFEE", "Green coffee", "09011100", "KG"),
    ("PALM", "Palm oil", "1511 10", "L"),
    ("RUBBER", "Rubber sheet", "4001 21", "KG"),
    ("SOYA", "Soya beans", "1201.90", "KG"),
    ("CATTLE", "Bovine leather", "4107 11", "PCS"),
    ("MISC", "Office chair", "", "PCS"),
)
CATEGORIES = tuple((code, text) for code, text, _, _ in _GOODS)
UNITS = (("KG", "Kilogram", "KGM"), ("L", "Litre", "LTR"), ("M3", "Cubic metre", "MTQ"), ("PCS", "Piece", "EA"))


def reference(kind: str, number: int) -> str:
    """Return the id of a small table's row."""
    return f"{number + 1:08x}-44e3-ea11-{_GROUPS[kind]}-000d3a2feca1"


_GROUPS = {"vendors": "bb43", "items": "bb44", "itemCategories": "bb45", "unitsOfMeasure": "bb46", "terms": "bb47"}


class Generated:
    """Vendors or items of a seed; number order is index order, id order is another one."""

    def __init__(self, table: str, count: int, seed: int) -> None:
        self.count = count
        self._salt = (seed * 0x85EBCA6B + len(table)) % _SPAN
        self._tail = f"-44e3-ea11-{_GROUPS[table]}-000d3a2feca1"
        self._letter = table[0].upper()
        self._make = _vendor if table == "vendors" else _item
        self._seed = seed
        self.latest = self.modified_of(count - 1) if count else 0

    def row(self, slot: int) -> Row:
        """Return the row of an index."""
        made = self._make(slot, (slot * _ODD ^ self._seed * 7919) % _SPAN)
        return {
            "id": self.id_of(slot),
            "number": self.key_of(slot),
            **made,
            "lastModifiedDateTime": wire_time(self.modified_of(slot)),
        }

    def id_of(self, slot: int) -> str:
        """Return the id of an index."""
        return f"{(slot * _ODD + self._salt) % _SPAN:08x}{self._tail}"

    def key_of(self, slot: int) -> str:
        """Return the number of an index."""
        return f"{self._letter}{slot:07d}"

    def modified_of(self, slot: int) -> int:
        """Return the modification of an index in microseconds."""
        return sql_rounded(round((_START + slot * _STEP) * MICROS))

    def find(self, row_id: str) -> int | None:
        """Return the index of an id."""
        head = row_id[:8]
        if row_id[8:] != self._tail:
            return None
        slot = (int(head, 16) - self._salt) * _BACK % _SPAN
        return slot if slot < self.count else None

    def slots_by_id(self) -> "array[int]":
        """Return all indexes in order of id."""
        return array("I", sorted(range(self.count), key=lambda slot: (slot * _ODD + self._salt) % _SPAN))

    def slots_by_key(self) -> "array[int]":
        """Return all indexes in order of number."""
        return array("I", range(self.count))


def _name(slot: int, chance: int, plain: str) -> str:
    return plain if chance % 89 else f"{_ODDITIES[slot % len(_ODDITIES)]} {slot}"


def _vendor(slot: int, chance: int) -> Row:
    city, country, post = _PLACES[chance % len(_PLACES)]
    trade = _TRADES[chance // 16 % len(_TRADES)]
    return {
        **_VENDOR,
        "displayName": _name(slot, chance, f"{city} {trade} {slot}"),
        "addressLine1": f"{chance % 300 + 1} Harbour Street",
        "addressLine2": "" if chance % 3 else f"Building {chance % 9}",
        "city": city,
        "country": country,
        "postalCode": post,
        "phoneNumber": f"+371 2{chance % 10_000_000:07d}",
        "email": f"sales{slot}@supplier{chance % 997}.example",
        "website": "" if chance % 5 == 0 else f"www.supplier{chance % 997}.example",
        "taxRegistrationNumber": f"{country}{4_000_000_000 + slot}" if country else "",
        "currencyCode": "EUR" if chance % 4 else "USD",
        "paymentTermsId": _TERMS[chance % len(_TERMS)],
        "taxLiable": bool(chance % 2),
        "blocked": "_x0020_" if chance % 50 else ("All", "Payment")[slot % 2],
        "balance": chance % 5_000_000 / 100,
        "contact": f"Contact {slot}",
        "eoriNumber": f"{country}{slot:012d}" if country else "",
        "isoCountryCode": country or "GB",
    }


def _item(slot: int, chance: int) -> Row:
    kind = chance % len(_GOODS)
    return {
        **_ITEMS[kind],
        "displayName": _name(slot, chance, f"{_GOODS[kind][1]} {slot}, grade {chance % 7}"),
        "type": "Inventory" if chance % 30 else ("Service", "Non_x002D_Inventory")[slot % 2],
        "blocked": chance % 40 == 0,
        "gtin": "" if chance % 3 else f"{4_000_000_000_000 + slot}",
        "inventory": chance % 5000 - 10,
        "unitPrice": chance % 90_000 / 100,
        "unitCost": chance % 70_000 / 100,
        "countryOfOrigin": _PLACES[chance // 8 % len(_PLACES)][1],
        "vendorNumber": f"V{chance % 20_000:07d}",
        "netWeight": chance % 5000 / 100,
        "grossWeight": chance % 5500 / 100,
    }


_TERMS = tuple(reference("terms", number) for number in range(5))
_VENDOR: Row = {
    "state": "",
    "currencyId": ZERO_GUID,
    "irs1099Code": "",
    "paymentMethodId": ZERO_GUID,
    "gln": "",
}


def _item_of(kind: int) -> Row:
    category, _, tariff, unit = _GOODS[kind]
    place = next(index for index, each in enumerate(UNITS) if each[0] == unit)
    return {
        "displayName2": "",
        "itemCategoryId": reference("itemCategories", kind),
        "itemCategoryCode": category,
        "priceIncludesTax": False,
        "taxGroupId": ZERO_GUID,
        "taxGroupCode": "",
        "baseUnitOfMeasureId": reference("unitsOfMeasure", place),
        "baseUnitOfMeasureCode": unit,
        "generalProductPostingGroupId": ZERO_GUID,
        "generalProductPostingGroupCode": "RETAIL",
        "inventoryPostingGroupId": ZERO_GUID,
        "inventoryPostingGroupCode": "RESALE",
        "tariffNumber": tariff,
        "vendorItemNumber": "",
        "unitVolume": 0,
    }


_ITEMS = tuple(_item_of(kind) for kind in range(len(_GOODS)))
