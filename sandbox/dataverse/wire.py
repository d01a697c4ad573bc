"""From stored values to JSON, with the annotations that were asked for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.dataverse.columns import LABELLED, REFERENCES, Column, Kind
from sandbox.dataverse.computed import value_of
from sandbox.dataverse.preferences import FORMATTED, NAVIGATION, TARGET, Preferences
from sandbox.dataverse.schema import Catalog, Table
from sandbox.dataverse.store import Ref, Row, Store
from sandbox.dataverse.switches import DataverseSwitches

type Json = dict[str, Any]

_MONEY = Decimal("0.0001")
_TEN = Decimal("0.0000000001")
_CURRENCY = "transactioncurrencyid"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes rows of one organization for one caller."""

    catalog: Catalog
    store: Store
    switches: DataverseSwitches
    preferences: Preferences
    denied: frozenset[str] = frozenset()

    def row(self, table: Table, row: Row, select: Iterable[Column], extra: Json | None = None) -> Json:
        """Return a row with its tag, the selected columns, its key, and what is expanded."""
        columns = tuple(select)
        written: Json = {"@odata.etag": row.tag}
        for column in columns:
            self._write(written, table, column, row)
        if any(column.kind is Kind.MONEY for column in columns):
            currency = table.by_name[_CURRENCY]
            if currency not in columns:
                written[currency.property_name] = raw(row.values.get(_CURRENCY))
        written.setdefault(table.key, row.id)
        return {**written, **(extra or {})}

    def formatted(self, column: Column, row: Row, value: Any) -> str | None:
        """Return what a person reads, or None for a type that has no such form."""
        if column.kind in LABELLED:
            return _labels(column, value)
        if column.kind in REFERENCES:
            return self.title(value)
        form = _FORMS.get(column.kind)
        if form is None:
            return None
        return form(value, column, self._symbol(row) if column.kind is Kind.MONEY else self.switches.user_zone)

    def title(self, ref: Ref) -> str | None:
        """Return the primary name of a row."""
        table, row = self.catalog.tables[ref.table], self.store.get(ref.table, ref.id)
        return row.values.get(table.title) if row else None

    def _write(self, written: Json, table: Table, column: Column, row: Row) -> None:
        readable = column.readable and not (column.secured and f"{table.name}.{column.name}" in self.denied)
        value = value_of(table, column, row) if readable else None
        name = column.property_name
        if value is not None and self.preferences.annotations:
            for annotation, text in self._annotations(column, row, value):
                if text is not None and self.preferences.wants(annotation):
                    written[f"{name}@{annotation}"] = text
        written[name] = raw(value, column, self.switches.decimal_places)

    def _annotations(self, column: Column, row: Row, value: Any) -> Iterable[tuple[str, str | None]]:
        yield FORMATTED, self.formatted(column, row, value)
        if isinstance(value, Ref):
            yield NAVIGATION, column.navigation(value.table) if self._bound(column) else None
            yield TARGET, value.table

    @staticmethod
    def _bound(column: Column) -> bool:
        return column.updatable or column.creatable

    def _symbol(self, row: Row) -> str:
        found = row.values.get(_CURRENCY)
        currency = self.store.get(found.table, found.id) if isinstance(found, Ref) else None
        return str(currency.values.get("currencysymbol") or "") if currency else ""


def raw(value: Any, column: Column | None = None, places: str = "ten") -> Any:
    """Return the JSON of a stored value."""
    if isinstance(value, Decimal):
        return _number(value, column, places)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value.year > 999 else value.isoformat()  # noqa: PLR2004  years of four digits
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, tuple):
        return ",".join(str(number) for number in value)
    return value


def _number(value: Decimal, column: Column | None, places: str) -> Decimal:
    if column is None or column.kind is Kind.MONEY:
        return value.quantize(_MONEY)
    return value.quantize(_TEN) if places == "ten" and value.adjusted() < 15 else value  # noqa: PLR2004  28 digits in all


def _labels(column: Column, value: Any) -> str | None:
    if isinstance(value, tuple):
        found = [option.label for number in value if (option := column.option(number))]
        return "; ".join(found)
    option = column.option(int(value))
    return option.label if option else None


def _when(value: date, column: Column, zone: str) -> str:
    if not isinstance(value, datetime):
        return f"{value.month}/{value.day}/{value.year}"
    local = value if column.behavior == "TimeZoneIndependent" else value.astimezone(ZoneInfo(zone))
    day = f"{local.month}/{local.day}/{local.year}"
    if column.format == "DateOnly":
        return day
    return f"{day} {local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"  # noqa: PLR2004  noon


def _amount(value: Decimal, column: Column, symbol: str) -> str:
    places = column.precision if column.precision_source == 0 else 2
    text = f"{symbol}{abs(value):,.{places}f}"
    return f"-{text}" if value < 0 else text


_FORMS: dict[Kind, Callable[[Any, Column, str], str]] = {
    Kind.MONEY: _amount,
    Kind.DATETIME: _when,
}
