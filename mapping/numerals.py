"""Whole numbers, decimals and money: exact digits, never a float, never a rounding."""

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from mapping.columns import Column, ColumnType
from mapping.values import Typed, ValueCode, ValueProblem

_WHOLE = frozenset({ColumnType.INTEGER, ColumnType.BIG_INT})
_LIMITS: Mapping[ColumnType, tuple[Decimal, Decimal]] = MappingProxyType(
    {
        ColumnType.INTEGER: (Decimal(-(2**31)), Decimal(2**31 - 1)),
        ColumnType.BIG_INT: (Decimal(-(2**63)), Decimal(2**63 - 1)),
        ColumnType.DECIMAL: (Decimal(-100_000_000_000), Decimal(100_000_000_000)),
        ColumnType.DOUBLE: (Decimal(-100_000_000_000), Decimal(100_000_000_000)),
        ColumnType.MONEY: (Decimal("-922337203685477.5808"), Decimal("922337203685477.5807")),
    },
)
_BLANKS = re.compile("(?<=[0-9])[ \u00a0\u202f](?=[0-9]{3}(?![0-9]))")
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
# One comma may be a decimal comma: 1,000 is not a number to us, but 1,000.00 and 1,000,000 are.
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}((,[0-9]{3}){2,}(\.[0-9]+)?|,[0-9]{3}\.[0-9]+)")
_MINUS = "\u2212"


def read_number(column: Column, raw: object, _: str | None) -> Typed | ValueProblem:
    """Return a number of a record."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, Decimal)):
        return ValueProblem(ValueCode.UNEXPECTED_TYPE, "Dynamics sent something else than a number.")
    number = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    if not number.is_finite():
        return ValueProblem(ValueCode.UNEXPECTED_TYPE, "Dynamics sent something else than a number.")
    return _typed(column, number)


def write(column: Column, value: int | Decimal) -> str | ValueProblem:
    """Return plain digits with a point, with as many decimals as the column has."""
    if isinstance(value, int):
        return str(value)
    if column.precision is None:
        return f"{value:f}"
    if _decimals(value) > column.precision:
        return _excess(column.precision)
    whole, _, rest = f"{value:f}".partition(".")
    return f"{whole}.{rest:0<{column.precision}}" if column.precision else whole


def parse(column: Column, text: str) -> Typed | ValueProblem:
    """Return the number that a text means; what could mean two numbers means none."""
    digits = _BLANKS.sub("", text.replace(_MINUS, "-"))
    if _PLAIN.fullmatch(digits) or _GROUPED.fullmatch(digits):
        return _typed(column, Decimal(digits.replace(",", "")))
    return ValueProblem(ValueCode.NOT_A_NUMBER, "Digits with a decimal point were expected.")


def check(column: Column, value: int | Decimal) -> object:
    """Return the number, or the problem that the column does not take it."""
    lowest, highest = _LIMITS[column.type]
    least = lowest if column.least is None else column.least
    most = highest if column.most is None else column.most
    precision = 0 if column.type in _WHOLE else column.precision
    if isinstance(value, Decimal) and precision is not None and _decimals(value) > precision:
        return _excess(precision)
    if not least <= value <= most:
        return ValueProblem(ValueCode.OUT_OF_RANGE, f"Dynamics takes numbers from {least:f} to {most:f}.")
    return value


def _typed(column: Column, number: Decimal) -> Typed:
    if column.type in _WHOLE and number == number.to_integral_value():
        return int(number)
    if not number:
        return Decimal(0)
    sign, digits, exponent = number.as_tuple()
    # Not normalize(), which rounds to the context's precision.
    plain = "".join(map(str, digits)).rstrip("0")
    dropped = len(digits) - len(plain)
    return Decimal((sign, tuple(map(int, plain)), int(exponent) + dropped))


def _decimals(value: Decimal) -> int:
    return max(0, -int(value.as_tuple().exponent))


def _excess(precision: int) -> ValueProblem:
    return ValueProblem(ValueCode.EXCESS_DECIMALS, f"The column has {precision} decimals; nothing is rounded.")
