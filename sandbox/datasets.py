"""Companies and their tables: Microsoft's demo sets, the hostile set, generated rows."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sandbox.filters import Row
from sandbox.generated import CATEGORIES, UNITS, Generated, reference
from sandbox.hostile import hostile_rows
from sandbox.schema import BY_TABLE, ROUTES, ZERO_GUID
from sandbox.tables import ListSource, Source, Table

_DATA = Path(__file__).parent / "data"
_KEYS = {"vendors": "number", "items": "number", "itemOrigins": "number", "companyInformation": "displayName"}
_EUDR_BLANKS: dict[str, Row] = {
    "vendors": {"contact": "", "gln": "", "eoriNumber": "", "isoCountryCode": ""},
    "items": {
        "tariffNumber": "",
        "countryOfOrigin": "",
        "vendorNumber": "",
        "vendorItemNumber": "",
        "netWeight": 0,
        "grossWeight": 0,
        "unitVolume": 0,
    },
}


@dataclass(frozen=True, slots=True)
class Amounts:
    """Size and seed of the generated company."""

    vendors: int = 1000
    items: int = 1000
    seed: int = 1


@dataclass(slots=True)
class Company:
    """One company of one environment; names may change, the id stays."""

    key: str
    id: str
    name: str
    display_name: str
    tables: dict[str, Table] = field(default_factory=dict)


COMPANY_IDS = {
    "cronus": "9f161c1b-0b0b-ea11-9a3e-000d3a2feca1",
    "contoso": "824820a2-508c-ed11-aada-000d3a298ab3",
    "hostile": "b18aed47-c385-ed11-b954-000d3ad71780",
    "generated": "70c0c603-f4f9-ef11-9344-6045bdc8c234",
}
_NAMES = {
    "cronus": ("CRONUS International Ltd.", "CRONUS International Ltd."),
    "contoso": ("Contoso Coffee", "Contoso Coffee"),
    "hostile": ("Hostile & Söhne 'Ltd.' #1/2", ""),
    "generated": ("Generated", "Generated Trading Ltd."),
}


def company(key: str, amounts: Amounts) -> Company:
    """Make a fresh company: cronus, contoso, hostile or generated."""
    name, display_name = _NAMES[key]
    made = Company(key, COMPANY_IDS[key], name, display_name)
    made.tables = {table: Table(source, _key(table)) for table, source in _sources(key).items()}
    if key == "generated":
        sources: dict[str, Source] = {
            "vendors": Generated("vendors", amounts.vendors, amounts.seed),
            "items": Generated("items", amounts.items, amounts.seed),
        }
        made.tables |= {table: Table(source) for table, source in sources.items()}
    information = _information(made)
    made.tables["companyInformation"] = Table(ListSource([information], "displayName"), "displayName")
    return made


@cache
def _sources(key: str) -> dict[str, ListSource]:
    return {table: ListSource(rows, _key(table)) for table, rows in _ROWS[key]().items()}


def _key(table: str) -> str:
    return _KEYS.get(table, "code")


def _demo(edition: str) -> dict[str, list[Row]]:
    data = json.loads((_DATA / f"{edition}-w1.json").read_text(encoding="utf-8"))
    more: dict[str, list[Row]] = data["notOnStandardApi"]
    iso = {each["code"]: each["isoCode"] for each in more["countriesRegions"]}
    rows = {table: data[table] for table in BY_TABLE if table in data}
    for table, blanks in _EUDR_BLANKS.items():
        known = {each["number"]: each for each in more[table]}
        rows[table] = [{**blanks, **row, **known.get(row["number"], {})} for row in rows[table]]
    for row in rows["vendors"]:
        row["isoCountryCode"] = iso.get(row["country"] or "GB", "")
    names = [each.name for each in ROUTES["contoso/eudr/v1.0"]["itemOrigins"].properties]
    rows["itemOrigins"] = [{name: row[name] for name in names} for row in rows["items"]]
    return rows


def _rekeyed(rows: dict[str, list[Row]], space: str) -> dict[str, list[Row]]:
    """Give every id of a set another value: two companies never share ids, unless one is a copy."""
    ids: dict[str, str] = {ZERO_GUID: ZERO_GUID}

    def moved(value: Any) -> str:
        return ids.setdefault(value, str(uuid5(UUID(space), value)))

    def row_moved(row: Row) -> Row:
        return {name: moved(value) if name.lower().endswith("id") else value for name, value in row.items()}

    return {table: [row_moved(row) for row in each] for table, each in rows.items()}


def _hostile() -> dict[str, list[Row]]:
    rows = _rekeyed(_demo("cronus"), COMPANY_IDS["hostile"])
    odd = hostile_rows()
    whole = {table: [{**_EUDR_BLANKS[table], **row} for row in each] for table, each in odd.items()}
    return rows | whole | {"itemOrigins": []}


def _generated() -> dict[str, list[Row]]:
    instant = "2024-01-01T00:00:00Z"
    rows = _rekeyed(_demo("cronus"), COMPANY_IDS["generated"])
    categories = [
        {"id": reference("itemCategories", place), "code": code, "displayName": text, "lastModifiedDateTime": instant}
        for place, (code, text) in enumerate(CATEGORIES)
    ]
    units = [
        {
            "id": reference("unitsOfMeasure", place),
            "code": code,
            "displayName": text,
            "internationalStandardCode": standard,
            "symbol": "",
            "lastModifiedDateTime": instant,
        }
        for place, (code, text, standard) in enumerate(UNITS)
    ]
    return {
        "itemCategories": categories,
        "unitsOfMeasure": units,
        "countriesRegions": rows["countriesRegions"],
        "itemOrigins": [],
    }


_ROWS: dict[str, Callable[[], dict[str, list[Row]]]] = {
    "cronus": lambda: _demo("cronus"),
    "contoso": lambda: _rekeyed(_demo("contoso"), COMPANY_IDS["contoso"]),
    "hostile": _hostile,
    "generated": _generated,
}


def _information(made: Company) -> Row:
    texts = {each.name: "" for each in BY_TABLE["companyInformation"].properties}
    return {
        **texts,
        "id": str(uuid5(UUID(made.id), "companyInformation")),
        "displayName": made.display_name or made.name,
        "addressLine1": "5 The Ring",
        "addressLine2": "Westminster",
        "city": "London",
        "postalCode": "W2 8HG",
        "country": "GB",
        "currencyCode": "GBP",
        "taxRegistrationNumber": "GB777777777",
        "lastModifiedDateTime": "2026-08-22T06:38:40Z",
    }


def companies(keys: Iterable[str], amounts: Amounts) -> dict[str, Company]:
    """Make fresh companies by id."""
    return {made.id: made for made in (company(key, amounts) for key in keys)}
