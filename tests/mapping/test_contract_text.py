"""What values look like as the text of a contract, and what that text means to Dynamics."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mapping.columns import ONE_WAY, Column, ColumnType, DateBehavior, DateFormat
from mapping.contract_text import from_dynamics, from_text, to_dynamics, to_text
from mapping.values import ValueCode, ValueProblem

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TEXT = Column(ColumnType.STRING, max_length=5)
MEMO = Column(ColumnType.MEMO, max_length=2000)
WHOLE = Column(ColumnType.INTEGER, least=Decimal(0), most=Decimal(100))
BIG = Column(ColumnType.BIG_INT)
DECIMAL = Column(ColumnType.DECIMAL, precision=3)
DOUBLE = Column(ColumnType.DOUBLE)
MONEY = Column(ColumnType.MONEY, precision=2)
FLAG = Column(ColumnType.BOOLEAN, labels={1: "Confirmed", 0: "Open"})
INVERTED = Column(ColumnType.BOOLEAN, labels={1: "No", 0: "Yes"})
UNLABELLED = Column(ColumnType.BOOLEAN)
DAY = Column(ColumnType.DATE_TIME, behavior=DateBehavior.DATE_ONLY, format=DateFormat.DATE_ONLY)
INSTANT = Column(ColumnType.DATE_TIME)
LOCAL = Column(ColumnType.DATE_TIME, time_zone=STOCKHOLM)
LOCAL_DAY = Column(ColumnType.DATE_TIME, format=DateFormat.DATE_ONLY, time_zone=STOCKHOLM)
WALL = Column(ColumnType.DATE_TIME, behavior=DateBehavior.TIME_ZONE_INDEPENDENT)
WALL_DAY = Column(ColumnType.DATE_TIME, behavior=DateBehavior.TIME_ZONE_INDEPENDENT, format=DateFormat.DATE_ONLY)
OPTION = Column(ColumnType.PICKLIST, labels={1: "Warm", 2: "Hot"})
OPTIONS = Column(ColumnType.MULTI_SELECT, labels={1: "Red", 2: "Blue"})
GUID = Column(ColumnType.UNIQUE_IDENTIFIER)
LOOKUP = Column(ColumnType.LOOKUP)


def code(found: object) -> ValueCode:
    assert isinstance(found, ValueProblem), found
    return found.code


def outward(column: Column, raw: object, formatted: str | None = None) -> str | ValueProblem:
    """From what a record holds to the text of a data field."""
    value = from_dynamics(column, raw, formatted)
    return value if isinstance(value, ValueProblem) else to_text(column, value)


def inward(column: Column, text: str) -> object:
    """From the text of a data field to what a request holds."""
    value = from_text(column, text)
    return value if isinstance(value, ValueProblem) else to_dynamics(column, value)


@pytest.mark.parametrize(
    ("column", "raw", "text"),
    [
        (TEXT, " a b ", " a b "),
        (TEXT, "e\u0301", "\u00e9"),
        (MEMO, "one\r\ntwo\rthree", "one\ntwo\nthree"),
        (WHOLE, 42, "42"),
        (WHOLE, -0, "0"),
        (BIG, 2**62, "4611686018427387904"),
        (DECIMAL, Decimal("1.5"), "1.500"),
        (DECIMAL, Decimal("1E+3"), "1000.000"),
        (DOUBLE, 0.1, "0.1"),
        (DOUBLE, Decimal("1E-9"), "0.000000001"),
        (MONEY, Decimal("20000.0000"), "20000.00"),
        (MONEY, 12500.5, "12500.50"),
        (MONEY, Decimal("-0.0"), "0.00"),
        (MONEY, Decimal("922337203685477.58"), "922337203685477.58"),
        (Column(ColumnType.MONEY, precision=0), Decimal("7.00"), "7"),
        (FLAG, True, "Confirmed"),
        (INVERTED, True, "No"),
        (UNLABELLED, False, "No"),
        (Column(ColumnType.BOOLEAN, labels={1: "same", 0: "SAME "}), True, "Yes"),
        (DAY, "2026-03-05", "2026-03-05"),
        (INSTANT, "2026-03-05T23:30:00Z", "2026-03-05T23:30:00Z"),
        (INSTANT, "2026-03-05T23:30:00.000+02:00", "2026-03-05T21:30:00Z"),
        (INSTANT, "2026-03-05T23:30:00", "2026-03-05T23:30:00Z"),
        (LOCAL, "2026-03-05T23:30:00Z", "2026-03-05T23:30:00Z"),
        (LOCAL_DAY, "2026-03-04T23:00:00Z", "2026-03-05"),
        (WALL, "2019-12-18T09:00:00Z", "2019-12-18T09:00:00"),
        (WALL_DAY, "2019-12-18T00:00:00Z", "2019-12-18"),
        (OPTION, 2, "Hot"),
        (OPTIONS, "1,2", "Red; Blue"),
        (GUID, "4624EFF7-53D3-ED11-A7C7-000D3A993550", "4624eff7-53d3-ed11-a7c7-000d3a993550"),
    ],
)
def test_what_a_record_holds_becomes_this_text(column: Column, raw: object, text: str) -> None:
    assert outward(column, raw) == text


@pytest.mark.parametrize("column", [TEXT, WHOLE, MONEY, FLAG, DAY, INSTANT, OPTION, LOOKUP])
def test_null_becomes_an_empty_text(column: Column) -> None:
    assert outward(column, None) == ""


@pytest.mark.parametrize(
    ("column", "formatted", "text"),
    [(LOOKUP, "Adventure Works", "Adventure Works"), (OPTION, "Cold", "Cold"), (OPTIONS, "Red; Green", "Red; Green")],
)
def test_names_and_unknown_labels_are_what_dataverse_shows(column: Column, formatted: str, text: str) -> None:
    raw: Any = {LOOKUP.type: "a-guid", OPTION.type: 9, OPTIONS.type: "1,9"}[column.type]
    assert outward(column, raw, formatted) == text


@pytest.mark.parametrize(
    ("column", "text", "sent"),
    [
        (TEXT, " a ", " a "),
        (MEMO, "one\r\ntwo", "one\ntwo"),
        (WHOLE, " 42 ", 42),
        (WHOLE, "+42", 42),
        (WHOLE, "42.0", 42),
        (BIG, "\u22121 000 000", -1_000_000),
        (DECIMAL, "1,000.50", Decimal("1000.5")),
        (DECIMAL, "1,000,000", Decimal(1_000_000)),
        (DECIMAL, "1\u00a0000.125", Decimal("1000.125")),
        (MONEY, "13000.00", Decimal(13000)),
        (MONEY, "0.10", Decimal("0.1")),
        (FLAG, "confirmed ", True),
        (FLAG, "YES", True),
        (FLAG, "0", False),
        (INVERTED, "Yes", False),
        (INVERTED, "true", True),
        (UNLABELLED, "False", False),
        (DAY, "2026-03-05", "2026-03-05"),
        (INSTANT, "2026-03-05T10:00:00", "2026-03-05T10:00:00Z"),
        (INSTANT, "2026-03-05 10:00", "2026-03-05T10:00:00Z"),
        (INSTANT, "2026-03-05T10:00:00.000+0200", "2026-03-05T08:00:00Z"),
        (LOCAL, "2026-03-05T10:00:00", "2026-03-05T09:00:00Z"),
        (LOCAL, "2026-03-05T10:00:00Z", "2026-03-05T10:00:00Z"),
        (LOCAL_DAY, "2026-07-05", "2026-07-04T22:00:00Z"),
        (WALL, "2026-03-05T10:00:00+02:00", "2026-03-05T10:00:00"),
        (WALL_DAY, "2026-03-05", "2026-03-05T00:00:00"),
    ],
)
def test_a_text_is_sent_to_dynamics_as_this(column: Column, text: str, sent: object) -> None:
    assert inward(column, text) == sent


@pytest.mark.parametrize("column", [TEXT, WHOLE, MONEY, DAY, INSTANT])
def test_an_empty_text_becomes_null(column: Column) -> None:
    assert (from_text(column, ""), inward(column, "")) == (None, None)


@pytest.mark.parametrize("column", [WHOLE, FLAG, INSTANT])
def test_a_text_of_spaces_is_blank_where_spaces_mean_nothing(column: Column) -> None:
    assert from_text(column, "  ") is None


@pytest.mark.parametrize(
    ("column", "text", "problem"),
    [
        (TEXT, "123456", ValueCode.VALUE_TOO_LONG),
        (TEXT, "\U0001f600\U0001f600\U0001f600", ValueCode.VALUE_TOO_LONG),
        (WHOLE, "101", ValueCode.OUT_OF_RANGE),
        (WHOLE, "-1", ValueCode.OUT_OF_RANGE),
        (WHOLE, "4.5", ValueCode.EXCESS_DECIMALS),
        (BIG, "9223372036854775808", ValueCode.OUT_OF_RANGE),
        (MONEY, "922337203685477.59", ValueCode.OUT_OF_RANGE),
        (DOUBLE, "100000000000.01", ValueCode.OUT_OF_RANGE),
        (MONEY, "1.005", ValueCode.EXCESS_DECIMALS),
        (MONEY, "1,000", ValueCode.NOT_A_NUMBER),
        (MONEY, "12,5", ValueCode.NOT_A_NUMBER),
        (MONEY, "12 34", ValueCode.NOT_A_NUMBER),
        (MONEY, "1e5", ValueCode.NOT_A_NUMBER),
        (MONEY, "NaN", ValueCode.NOT_A_NUMBER),
        (MONEY, "SEK 5", ValueCode.NOT_A_NUMBER),
        (MONEY, "\u0661", ValueCode.NOT_A_NUMBER),
        (FLAG, "maybe", ValueCode.NOT_A_BOOLEAN),
        (FLAG, "", ValueCode.NOT_A_BOOLEAN),
        (DAY, "05/03/2026", ValueCode.NOT_A_DATE),
        (DAY, "2026-02-30", ValueCode.NOT_A_DATE),
        (DAY, "1752-12-31", ValueCode.OUT_OF_RANGE),
        (DAY, "9999-12-31", ValueCode.OUT_OF_RANGE),
        (INSTANT, "2026-03-05", ValueCode.NOT_A_TIME),
        (INSTANT, "2026-03-05T25:00:00", ValueCode.NOT_A_TIME),
        (INSTANT, "2026-03-05T10:00:00.5Z", ValueCode.NOT_A_TIME),
        (INSTANT, "0001-01-01T00:00:00+02:00", ValueCode.NOT_A_TIME),
        (INSTANT, "1700-01-01T00:00:00Z", ValueCode.OUT_OF_RANGE),
        (LOCAL, "2026-10-25T02:30:00", ValueCode.AMBIGUOUS_TIME),
        (LOCAL, "2026-03-29T02:30:00", ValueCode.AMBIGUOUS_TIME),
        (Column(ColumnType.STRING, required=True), "", ValueCode.VALUE_REQUIRED),
        (Column(ColumnType.MONEY, calculated=True), "5", ValueCode.NOT_TWO_WAY),
    ],
)
def test_a_text_that_does_not_fit_is_this_problem(column: Column, text: str, problem: ValueCode) -> None:
    assert code(inward(column, text)) is problem


def test_a_day_that_a_time_zone_left_out_is_a_problem() -> None:
    samoa = Column(ColumnType.DATE_TIME, format=DateFormat.DATE_ONLY, time_zone=ZoneInfo("Pacific/Apia"))
    assert code(inward(samoa, "2011-12-30")) is ValueCode.NOT_A_DATE


@pytest.mark.parametrize(
    ("column", "raw", "problem"),
    [
        (TEXT, 5, ValueCode.UNEXPECTED_TYPE),
        (WHOLE, "5", ValueCode.UNEXPECTED_TYPE),
        (WHOLE, True, ValueCode.UNEXPECTED_TYPE),
        (DOUBLE, float("nan"), ValueCode.UNEXPECTED_TYPE),
        (FLAG, 1, ValueCode.UNEXPECTED_TYPE),
        (DAY, 20260305, ValueCode.UNEXPECTED_TYPE),
        (INSTANT, "soon", ValueCode.UNEXPECTED_TYPE),
        (OPTION, "2", ValueCode.UNEXPECTED_TYPE),
        (OPTION, True, ValueCode.UNEXPECTED_TYPE),
        (OPTION, 9, ValueCode.UNKNOWN_OPTION),
        (OPTIONS, 1, ValueCode.UNEXPECTED_TYPE),
        (OPTIONS, "1,nine", ValueCode.UNKNOWN_OPTION),
        (GUID, 5, ValueCode.UNEXPECTED_TYPE),
        (LOOKUP, "a-guid", ValueCode.UNEXPECTED_TYPE),
        (MONEY, Decimal("1.005"), ValueCode.EXCESS_DECIMALS),
        (MEMO, "x" * 1025, ValueCode.VALUE_TOO_LONG),
    ],
)
def test_what_cannot_be_written_as_text_is_this_problem(column: Column, raw: object, problem: ValueCode) -> None:
    assert code(outward(column, raw)) is problem


def test_a_text_of_1024_characters_goes_out() -> None:
    assert outward(MEMO, "\u00e5" * 1024) == "\u00e5" * 1024


def test_a_number_without_a_known_precision_goes_out_with_its_own_digits() -> None:
    assert outward(Column(ColumnType.DECIMAL), Decimal("0.100")) == "0.1"


def test_digits_beyond_the_usual_context_survive() -> None:
    text = "1" * 40 + ".5"
    assert from_text(Column(ColumnType.DECIMAL), text) == Decimal(text)


@pytest.mark.parametrize("kind", sorted(ONE_WAY))
def test_a_column_that_only_goes_out_cannot_be_set_and_says_why(kind: ColumnType) -> None:
    column = Column(kind)
    found = to_dynamics(column, "anything")
    assert found == ValueProblem(ValueCode.NOT_TWO_WAY, column.one_way or "")
    assert from_text(column, "Some label") == "Some label"


@pytest.mark.parametrize("kind", sorted(set(ColumnType) - set(ONE_WAY)))
def test_every_other_column_is_two_way_unless_it_is_calculated(kind: ColumnType) -> None:
    assert Column(kind).one_way is None
    assert Column(kind, calculated=True).one_way is not None


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        (DAY, "2026-03-05", date(2026, 3, 5)),
        (INSTANT, "2026-03-05T10:00:00Z", datetime(2026, 3, 5, 10, tzinfo=UTC)),
        (LOCAL_DAY, "2026-03-05", date(2026, 3, 5)),
    ],
)
def test_values_are_compared_as_days_and_instants(column: Column, text: str, value: object) -> None:
    assert from_text(column, text) == value


def test_fractions_of_a_second_do_not_count() -> None:
    assert from_dynamics(INSTANT, "2026-03-05T10:00:00.123Z") == datetime(2026, 3, 5, 10, tzinfo=UTC)


def test_no_message_repeats_the_value() -> None:
    for column in (TEXT, WHOLE, FLAG, DAY, INSTANT):
        found = inward(column, "secret-of-the-deal")
        assert isinstance(found, ValueProblem)
        assert "secret" not in found.message
