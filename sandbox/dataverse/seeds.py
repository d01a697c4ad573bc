"""Demo rows, the same in every run, hostile values among them; and any number of generated deals."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import product
from random import Random
from typing import Any

from sandbox.dataverse.home import BASE_CURRENCY, HUMAN, ROOT_UNIT, Values
from sandbox.dataverse.schema import Catalog, stable_id
from sandbox.dataverse.store import Ref, Row, Store

type Named = tuple[str, str | int, Values]

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_ACCOUNTS = (
    ("Litware, Inc. (sample)", "Seattle", "US"), ("Adventure Works (sample)", "Dallas", "US"),
    ("Fabrikam, Inc. (sample)", "Lynnwood", "US"), ("Coho Winery (sample)", "Phoenix", "US"),
    ("Söderberg & Åkesson AB", "Göteborg", "SE"), ("O'Hara \"Timber\" Ltd.", "Leeds", "GB"),
    ("名前 株式会社", "東京", "JP"), ("Łódź Meble Sp. z o.o.", "Łódź", "PL"), ("a/b\\c #1 + 50% <i>", "", ""),
    ("🌲 Forest Collective", "Oslo", "NO"), ("x" * 160, "Riga", "LV"), (" led by a space", "Riga", "LV"),
)  # fmt: skip
_PEOPLE = (
    ("Heriberto", "Nathan"), ("Dwayne", "Elijah"), ("Ana", "Bowman"), ("José", "Núñez"), ("Zoë", "d'Arc"),
    ("李", "小龍"), (None, "Cher"), ("Anne-Marie", "von und zu Österreich"),
)  # fmt: skip
_CURRENCIES = (("USD", "US Dollar", "$", 2, "1"), ("EUR", "Euro", "€", 2, "0.92"), ("JPY", "Yen", "¥", 0, "149.5"))
_GOODS = (("Sawn timber", "WOOD-1", "410.5"), ("Green coffee", "COF-1", "7.25"), ("Rubber sheet", "RUB-1", "2.4"))
_TOPICS = (
    "Deal {0}", '50% off, "quoted" {0}', "Zürich + straße {0}", "Line one\nline two {0}", "=SUM(A1:A{0})",
    "<script>alert({0})</script>", "  spaced {0}  ", "名前 {0} 🌲", "{0}", "{{0}} {0}",
)  # fmt: skip
_LINES_EACH, _WITH_LINES = 3, 2
_DEALS, _QUOTES, _AGREEMENTS = 40, 24, 6


def seeded(catalog: Catalog, deals: int, seed: int) -> Store:
    """Return a fresh store with the demo rows, and so many generated opportunities."""
    store = Store()
    for table, key, values in _demo(len(catalog.tables)):
        store.table(table)[key] = Row(key, store.next_version(), dict(values))
    for table, key, values in _messages(tuple(catalog.tables)):
        store.table(table)[key] = Row(key, store.next_version(), dict(values))
    for key, values in _generated(deals, seed):
        store.table("opportunity")[key] = Row(key, store.next_version(), dict(values))
    return store


def stamp(number: int, user: str = HUMAN) -> Values:
    """Return who made a row, and when: a minute later for each number."""
    at, who = START + timedelta(minutes=number), Ref("systemuser", user)
    return {"createdon": at, "modifiedon": at, "createdby": who, "modifiedby": who}


def _owned(number: int) -> Values:
    owner = Ref("systemuser", HUMAN)
    unit = Ref("businessunit", ROOT_UNIT)
    return {**stamp(number), "ownerid": owner, "owninguser": owner, "owningbusinessunit": unit}


def _ref(table: str, *names: Any) -> Ref:
    return Ref(table, stable_id(table, *(str(name) for name in names)))


@cache
def _demo(_shape: int) -> list[tuple[str, str, Values]]:
    """Return table, key and values of every demo row."""
    named = [*_foundations(), *_trade(), *_parties(), *_business()]
    return [(table, stable_id(table, str(name)), values) for table, name, values in named]


def _foundations() -> Iterator[Named]:
    unit = {"businessunitid": Ref("businessunit", ROOT_UNIT)}
    base = Ref("transactioncurrency", BASE_CURRENCY)
    yield "businessunit", "root", {"name": "org", **stamp(0)}
    yield "team", "deals", {"name": "Deal desk", **unit, **stamp(0)}
    yield "systemuser", "human", {
        "firstname": "Ida", "lastname": "Seller", "fullname": "Ida Seller", "isdisabled": False,
        "domainname": "ida@contoso.example", **unit, **stamp(0)}  # fmt: skip
    yield "organization", "one", {
        "name": "org", "pricingdecimalprecision": 2, "expirechangetrackingindays": 7, "languagecode": 1033,
        "basecurrencyid": base, "schemanameprefix": "new", **stamp(0)}  # fmt: skip


def _trade() -> Iterator[Named]:
    active = {"statecode": 0, "statuscode": 1}
    for code, name, symbol, places, rate in _CURRENCIES:
        yield "transactioncurrency", code, {
            "currencyname": name, "currencysymbol": symbol, "isocurrencycode": code, "currencyprecision": places,
            "exchangerate": Decimal(rate), **active, **stamp(1)}  # fmt: skip
        yield "pricelevel", code, {"name": f"Standard {code}", **_in(code), **active, **stamp(1)}
    yield "uom", "unit", {"name": "Primary Unit", "quantity": Decimal(1), **stamp(1)}
    for number, (name, code, price) in enumerate(_GOODS):
        yield "product", code, {
            "name": name, "productnumber": code, "price": Decimal(price), "defaultuomid": _ref("uom", "unit"),
            "producttypecode": 1, "quantitydecimal": 2, **active, **_in("USD"), **stamp(2 + number)}  # fmt: skip


def _parties() -> Iterator[Named]:
    active = {"statecode": 0, "statuscode": 1}
    for number, (name, city, country) in enumerate(_ACCOUNTS):
        yield "account", number, {
            "name": name, "accountnumber": f"A-{number:03d}", "address1_city": city or None,
            "address1_country": country or None, "address1_composite": f"{city}\r\n{country}".strip() or None,
            "creditonhold": False, "donotemail": False, **active, **_in("USD"), **_owned(10 + number),
            "primarycontactid": _ref("contact", number) if number < len(_PEOPLE) else None}  # fmt: skip
    for number, (first, last) in enumerate(_PEOPLE):
        yield "contact", number, {
            "firstname": first, "lastname": last, "fullname": " ".join(part for part in (first, last) if part),
            "emailaddress1": f"person{number}@contoso.example", "familystatuscode": 1, **active,
            "parentcustomerid": _ref("account", number), **_in("USD"), **_owned(30 + number)}  # fmt: skip


def _business() -> Iterator[Named]:
    yield from (("opportunity", number, _deal(number)) for number in range(_DEALS))
    yield from (("quote", number, _quote(number)) for number in range(_QUOTES))
    yield from (("new_agreement", number, _agreement(number)) for number in range(_AGREEMENTS))
    for child, parent in (("opportunityproduct", "opportunity"), ("quotedetail", "quote")):
        for deal, line in product(range(_WITH_LINES), range(_LINES_EACH)):
            yield child, f"{deal}.{line}", _line(parent, deal, line)
    unguarded: Values = {"new_name": "Unguarded", "statecode": 0, "statuscode": 1, **_owned(400)}
    yield "new_unguarded", 0, unguarded


def _in(code: str) -> Values:
    rate = next(Decimal(each[-1]) for each in _CURRENCIES if each[0] == code)
    return {"transactioncurrencyid": _ref("transactioncurrency", code), "exchangerate": rate}


def _party(number: int) -> Ref:
    if number % 5 == 1:
        return _ref("contact", number % len(_PEOPLE))
    return _ref("account", number % len(_ACCOUNTS))


def _deal(number: int) -> Values:
    code = _CURRENCIES[number % len(_CURRENCIES)][0]
    state = {7: 1, 8: 2}.get(number, 0)
    zeros = dict.fromkeys(("totalamount", "totallineitemamount", "totaltax", "totalamountlessfreight"), Decimal(0))
    lines = _sums(_LINES_EACH) if number < _WITH_LINES else zeros
    return {
        "name": _TOPICS[number % len(_TOPICS)].format(number), "estimatedvalue": Decimal(1000 * number + 500) / 2,
        "estimatedclosedate": date(2026, 12, 1) + timedelta(days=number), "customerid": _party(number),
        "budgetamount": Decimal(number * 100) if number % 4 else None, "closeprobability": number * 2 % 101,
        "description": None if number % 3 else f"First line\r\nsecond line {number}",
        "captureproposalfeedback": False, "confirminterest": bool(number % 2), "completefinalproposal": False,
        "isrevenuesystemcalculated": False, "opportunityratingcode": 1 + number % 3, "salesstage": number % 4,
        "schedulefollowup_prospect": datetime(2026, 11, 30, 8, tzinfo=UTC), "prioritycode": 1,
        "parentcontactid": _ref("contact", number % len(_PEOPLE)), "pricelevelid": _ref("pricelevel", code),
        "statecode": state, "statuscode": {0: 1, 1: 3, 2: 4}[state], "skippricecalculation": 0,
        "new_flags": (1, 9) if number % 2 else None, "new_score": number % 800 / 8, "new_weight": Decimal(number) / 8,
        "new_plannedstart": datetime(2027, 1, 4, 9, 30, tzinfo=UTC), "new_counter": 2**53 + number,
        "new_externalkey": f"EXT-{number:04d}" if number < _QUOTES else None, **lines, **_in(code),
        **_owned(100 + number),
    }  # fmt: skip


def _quote(number: int) -> Values:
    code = _CURRENCIES[number % len(_CURRENCIES)][0]
    state = {20: 1, 21: 2, 22: 3}.get(number, 0)
    return {
        "name": f"Quote {_TOPICS[number % len(_TOPICS)].format(number)}", "quotenumber": f"QUO-{number + 1:05d}-S4ND8X",
        "opportunityid": _ref("opportunity", number), "customerid": _party(number), "revisionnumber": 0,
        "billto_name": "Litware, Inc.", "billto_line1": f"{number} The Ring", "billto_city": "London",
        "billto_composite": f"{number} The Ring\r\nLondon", "effectivefrom": datetime(2026, 11, 1, 7, tzinfo=UTC),
        "effectiveto": datetime(2026, 12, 31, 8, tzinfo=UTC), "paymenttermscode": 1 + number % 4, "willcall": False,
        "pricelevelid": _ref("pricelevel", code), "statecode": state, "statuscode": {0: 1, 1: 2, 2: 4, 3: 5}[state],
        **_sums(_LINES_EACH if number < _WITH_LINES else 0), **_in(code), **_owned(200 + number),
    }  # fmt: skip


def _line(table: str, parent: int, number: int) -> Values:
    name, code, price = _GOODS[number % len(_GOODS)]
    column = f"{table}id"
    amount = Decimal(price) * (number + 1)
    title = "opportunityproductname" if table == "opportunity" else "quotedetailname"
    return {
        title: name, "productid": _ref("product", code), "uomid": _ref("uom", "unit"), "quantity": Decimal(number + 1),
        "priceperunit": Decimal(price), "baseamount": amount, "extendedamount": amount, "isproductoverridden": False,
        "ispriceoverridden": False, "lineitemnumber": number + 1, column: _ref(table, parent),
        **_in(_CURRENCIES[parent][0]), **stamp(300 + number),
    }  # fmt: skip


def _sums(lines: int) -> Values:
    amount = sum((Decimal(_GOODS[number][2]) * (number + 1) for number in range(lines)), Decimal(0))
    names = ("totalamount", "totallineitemamount", "totalamountlessfreight")
    return {**dict.fromkeys(names, amount), "totaltax": Decimal(0), "totaldiscountamount": Decimal(0)}


def _agreement(number: int) -> Values:
    return {
        "new_name": f"Agreement {number}", "new_code": f"C{number}", "new_number": f"AGR-{number + 1:05d}",
        "new_serial": number, "new_region": 1 + number % 2, "new_topics": (1, 3), "new_count": number % 5,
        "new_rate": Decimal("1.25"), "new_fee": Decimal("12.345"), "new_isopen": bool(number % 2), "new_active": False,
        "new_signedday": date(2026, 2, 28), "new_signedat": START, "new_opportunityid": _ref("opportunity", number),
        "new_partnerid": _ref("account", number), "new_buyerid": _party(number + 1), "new_big": 2**60 + number,
        "statecode": 0, "statuscode": 1, "new_external": stable_id("external", str(number)), **_in("USD"),
        **_owned(350 + number),
    }  # fmt: skip


MESSAGES = (
    "Create", "Update", "Delete", "Retrieve", "RetrieveMultiple", "CreateMultiple", "UpdateMultiple", "UpsertMultiple",
)  # fmt: skip


@cache
def _messages(tables: tuple[str, ...]) -> list[tuple[str, str, Values]]:
    rows: list[tuple[str, str, Values]] = []
    for message in MESSAGES:
        rows.append(("sdkmessage", stable_id("sdkmessage", message), {"name": message, **stamp(0)}))
        for table in tables:
            values = {"sdkmessageid": _ref("sdkmessage", message), "primaryobjecttypecode": table, "name": None}
            key = stable_id("sdkmessagefilter", message, table)
            rows.append(("sdkmessagefilter", key, {**values, "secondaryobjecttypecode": "none", **stamp(0)}))
    return rows


@cache
def _generated(deals: int, seed: int) -> list[tuple[str, Values]]:
    chance = Random(seed)
    rows = []
    for number in range(deals):
        values = _deal(1000 + number)
        values |= {"name": f"Generated deal {number} {_ACCOUNTS[chance.randrange(8)][0]}", "new_externalkey": None}
        values |= {
            "estimatedvalue": Decimal(chance.randrange(1, 10**9)) / 100,
            "closeprobability": chance.randrange(101),
        }
        rows.append((stable_id("opportunity", "generated", str(seed), str(number)), values))
    return rows
