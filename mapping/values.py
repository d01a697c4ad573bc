"""Typed values of contract fields, and why a value cannot travel."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

type Typed = str | int | Decimal | bool | date | datetime | None
"""What both sides of a field are compared as: a text is NFC with plain line feeds, an instant is UTC to the second, a
wall-clock time has no zone, and blank is None."""


class ValueCode(StrEnum):
    """Why the value of one field cannot travel."""

    UNEXPECTED_TYPE = "UNEXPECTED_TYPE"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    EXCESS_DECIMALS = "EXCESS_DECIMALS"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    NOT_A_BOOLEAN = "NOT_A_BOOLEAN"
    NOT_A_DATE = "NOT_A_DATE"
    NOT_A_TIME = "NOT_A_TIME"
    AMBIGUOUS_TIME = "AMBIGUOUS_TIME"
    UNKNOWN_OPTION = "UNKNOWN_OPTION"
    VALUE_TOO_LONG = "VALUE_TOO_LONG"
    VALUE_REQUIRED = "VALUE_REQUIRED"
    NOT_TWO_WAY = "NOT_TWO_WAY"
    FIELD_MISSING = "FIELD_MISSING"


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """One value that cannot travel; `message` never repeats it."""

    code: ValueCode
    message: str
