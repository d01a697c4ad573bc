"""From JSON to stored values: every type checked as its column says."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from sandbox.dataverse.columns import Column, Kind
from sandbox.dataverse.refusals import (
    DataverseError,
    bad_date,
    bad_literal,
    bad_option,
    decimal_out_of_range,
    integer_out_of_range,
    missing,
    quoted_decimal,
    secured,
    too_long,
)
from sandbox.dataverse.schema import Table
from sandbox.dataverse.switches import DataverseSwitches

EDM: dict[Kind, str] = {
    Kind.STRING: "Edm.String",
    Kind.MEMO: "Edm.String",
    Kind.INTEGER: "Edm.Int32",
    Kind.BIGINT: "Edm.Int64",
    Kind.DECIMAL: "Edm.Decimal",
    Kind.DOUBLE: "Edm.Double",
    Kind.MONEY: "Edm.Decimal",
    Kind.BOOLEAN: "Edm.Boolean",
    Kind.DATETIME: "Edm.DateTimeOffset",
    Kind.PICKLIST: "Edm.Int32",
    Kind.STATE: "Edm.Int32",
    Kind.STATUS: "Edm.Int32",
    Kind.MULTISELECT: "Edm.String",
    Kind.GUID: "Edm.Guid",
    Kind.LOOKUP: "Edm.Guid",
    Kind.CUSTOMER: "Edm.Guid",
    Kind.OWNER: "Edm.Guid",
    Kind.FILE: "Edm.Guid",
    Kind.IMAGE: "Edm.Binary",
}
"""The type of each property."""

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WHOLE = re.compile(r"\s*[+-]?\d+\s*")
_FIRST_DAY = date(1753, 1, 1)
_MOST_FLAGS = 150
_BITS = {Kind.INTEGER: 31, Kind.BIGINT: 63, Kind.PICKLIST: 31, Kind.STATE: 31, Kind.STATUS: 31}


def edm_of(column: Column) -> str:
    """Return the type of a column's property."""
    if column.kind is Kind.DATETIME and column.behavior == "DateOnly":
        return "Edm.Date"
    return EDM[column.kind]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the values of one write; `places` says how many decimals a money column has for this row."""

    table: Table
    switches: DataverseSwitches
    places: Callable[[Column], int]
    user: str = ""
    verb: str = "update"
    denied: frozenset[str] = frozenset()

    def value(self, column: Column, raw: Any) -> Any:
        """Return what is stored.

        Raises:
            DataverseError: The value does not fit.
        """
        if column.secured and f"{self.table.name}.{column.name}" in self.denied:
            raise secured(self.verb, self.user, self.table.name, column.name)
        if raw is None:
            if column.required == "SystemRequired":
                raise missing(column.name)
            return None
        return _READERS[column.kind](self, column, raw)

    def refused(self, column: Column, raw: Any) -> DataverseError:
        """Return the refusal of a literal of the wrong type."""
        return bad_literal(self.table.set_name, raw, edm_of(column))

    def text(self, column: Column, raw: Any) -> str:
        """Return a text, its length counted as UTF-16."""
        if not isinstance(raw, str):
            raise self.refused(column, raw)
        if len(raw.encode("utf-16-le", "surrogatepass")) // 2 > column.length:
            raise too_long(self.table.name, column.name, column.length)
        return raw

    def whole(self, column: Column, raw: Any) -> int:
        """Return a whole number; digits in a text are read, too."""
        number = self._integer(column, raw)
        if not column.low <= number <= column.high:
            raise integer_out_of_range()
        return number

    def amount(self, column: Column, raw: Any) -> Decimal:
        """Return a decimal with the places that it has here."""
        if isinstance(raw, str):
            raise quoted_decimal(self.table.set_name)
        if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
            raise self.refused(column, raw)
        return self._rounded(column, Decimal(raw))

    def floating(self, column: Column, raw: Any) -> float:
        """Return a floating point number; a text is read, too."""
        try:
            number = Decimal(raw) if isinstance(raw, str | int | Decimal) and not isinstance(raw, bool) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            raise self.refused(column, raw)
        return float(self._rounded(column, number))

    def truth(self, column: Column, raw: Any) -> bool:
        """Return a yes or no; the words are read, too."""
        if isinstance(raw, str) and raw.lower() in {"true", "false"}:
            return raw.lower() == "true"
        if not isinstance(raw, bool):
            raise self.refused(column, raw)
        return raw

    def moment(self, column: Column, raw: Any) -> date | datetime:
        """Return a date, an instant, or a time without a zone, as the behavior of the column is."""
        if not isinstance(raw, str):
            raise self.refused(column, raw)
        try:
            found = _instant(column, raw)
        except (ValueError, OverflowError) as error:
            raise bad_date(int(self.switches.bad_date_status)) from error
        if (found.date() if isinstance(found, datetime) else found) < _FIRST_DAY:
            raise bad_date(int(self.switches.bad_date_status))
        return found

    def option(self, column: Column, raw: Any) -> int:
        """Return the number of an option that there is."""
        number = self._integer(column, raw)
        if column.option(number) is None:
            raise bad_option(column.name, number)
        return number

    def several(self, column: Column, raw: Any) -> tuple[int, ...]:
        """Return the numbers of options, in the order of their numbers."""
        parts = [part.strip() for part in raw.split(",")] if isinstance(raw, str) else [""]
        if not all(_WHOLE.fullmatch(part) for part in parts):
            raise self.refused(column, raw)
        numbers = tuple(sorted({int(part) for part in parts}))
        wrong = [number for number in numbers if column.option(number) is None]
        if wrong or len(numbers) > _MOST_FLAGS:
            raise bad_option(column.name, raw)
        return numbers

    def guid(self, column: Column, raw: Any) -> str:
        """Return an identifier in lower case."""
        if not isinstance(raw, str) or not GUID.fullmatch(raw):
            raise self.refused(column, raw)
        return raw.lower()

    def _integer(self, column: Column, raw: Any) -> int:
        readable = isinstance(raw, str) and _WHOLE.fullmatch(raw)
        if isinstance(raw, bool) or not (isinstance(raw, int) or readable):
            raise self.refused(column, raw)
        number = int(raw)
        if number.bit_length() > _BITS[column.kind] and number != -(1 << _BITS[column.kind]):
            raise self.refused(column, raw)
        return number

    def _rounded(self, column: Column, number: Decimal) -> Decimal:
        if not column.low <= number <= column.high:
            raise decimal_out_of_range()
        step = Decimal(1).scaleb(-self.places(column))
        rounded = number.quantize(step, ROUND_HALF_EVEN)
        if rounded != number and self.switches.excess_precision == "refused":
            raise decimal_out_of_range()
        return rounded


def _instant(column: Column, raw: str) -> date | datetime:
    if column.behavior == "DateOnly":
        return date.fromisoformat(raw)
    if "T" not in raw:
        raise ValueError(raw)
    found = datetime.fromisoformat(raw).replace(microsecond=0)
    if column.behavior == "TimeZoneIndependent":
        return found.replace(tzinfo=UTC)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


_READERS: dict[Kind, Callable[[Reader, Column, Any], Any]] = {
    Kind.STRING: Reader.text,
    Kind.MEMO: Reader.text,
    Kind.INTEGER: Reader.whole,
    Kind.BIGINT: Reader.whole,
    Kind.DECIMAL: Reader.amount,
    Kind.MONEY: Reader.amount,
    Kind.DOUBLE: Reader.floating,
    Kind.BOOLEAN: Reader.truth,
    Kind.DATETIME: Reader.moment,
    Kind.PICKLIST: Reader.option,
    Kind.STATE: Reader.option,
    Kind.STATUS: Reader.option,
    Kind.MULTISELECT: Reader.several,
    Kind.GUID: Reader.guid,
    Kind.FILE: Reader.guid,
    Kind.IMAGE: Reader.guid,
}
