from typing import Any

import pytest

from tests.mapping.samples import ZERO_GUID, map_value, map_values, spec


def mapped(value: object, *transforms: Any) -> object:
    """Return what a value becomes, or the code of its problem."""
    result = map_value(value, *transforms)
    return result.problems[0].code if result.problems else result.fields["custom.x"]


@pytest.mark.parametrize(
    ("name", "came", "stored"),
    [
        ("trim", " a b ", "a b"),
        ("upper", "straße", "STRASSE"),
        ("lower", "ÅB", "åb"),
        ("title", "o'brien & SONS", "O'brien & Sons"),
        ("digits", "SE 556-12", "55612"),
        ("digits", "none", None),
        ("date", "2024-06-15", "2024-06-15"),
        ("date", " 2024-06-15T23:59:59.123Z ", "2024-06-15"),
        ("date", "0001-01-01T00:00:00Z", None),
        ("date", "2024-02-30", "INVALID_VALUE"),
        ("date", "15.06.2024", "INVALID_VALUE"),
        ("date", "2024-W01-1", "INVALID_VALUE"),
        ("date", 20240615, "UNEXPECTED_TYPE"),
    ],
)
def test_texts_are_changed(name: str, came: object, stored: object) -> None:
    assert mapped(came, spec(name)) == stored


@pytest.mark.parametrize(
    ("came", "stored"),
    [
        ("_x0020_", None),
        ("Inventory", "Inventory"),
        ("Non_x002D_Inventory", "Non-Inventory"),
        ("Non_X002d_Inventory", "Non-Inventory"),
        ("a_b", "a_b"),
        ("_x005F_x0020_", "_x0020_"),
        ("_x0041_x0042_", "Ax0042_"),
        ("_x0001F600_", "\U0001f600"),
        ("_xD83D__xDE00_", "\U0001f600"),
        ("_xD83D_", "\ufffd"),
        ("_xFFFFFFFF_", "_xFFFFFFFF_"),
        ("_x20_", "_x20_"),
        (3, "UNEXPECTED_TYPE"),
    ],
)
def test_enum_names_are_unescaped(came: object, stored: object) -> None:
    assert mapped(came, spec("enum")) == stored


@pytest.mark.parametrize(
    ("came", "stored"),
    [
        ("4407 29 15", "44072915"),
        ("4407.29", "440729"),
        (" 44\u00a007 ", "4407"),
        ("01", "01"),
        ("4407291500", "4407291500"),
        ("44072915001", "INVALID_VALUE"),
        ("4", "INVALID_VALUE"),
        ("1896-S", "INVALID_VALUE"),
        ("4407-29", "INVALID_VALUE"),
        (".4407", "INVALID_VALUE"),
        ("٤٤٠٧", "INVALID_VALUE"),
        ("", None),
        (44072915, "UNEXPECTED_TYPE"),
    ],
)
def test_tariff_numbers_become_digits(came: object, stored: object) -> None:
    assert mapped(came, spec("hsCode")) == stored


@pytest.mark.parametrize(
    ("came", "stored"),
    [
        ("GB", "GB"),
        (" uk ", "GB"),
        ("EL", "GR"),
        ("swe", "SE"),
        ("U.S.A.", "US"),
        ("Côte d'Ivoire", "CI"),
        ("TÜRKIYE", "TR"),
        ("Trinidad & Tobago", "TT"),
        (" Middle-earth ", "Middle-earth"),
        ("...", "..."),
        (46, "UNEXPECTED_TYPE"),
    ],
)
def test_countries_become_iso_codes_when_known(came: object, stored: object) -> None:
    assert mapped(came, spec("countryIso")) == stored


@pytest.mark.parametrize(("came", "stored"), [("ni", "GB"), ("N.I.", "GB"), ("SE", "SE")])
def test_a_tenants_own_country_codes_win(came: str, stored: str) -> None:
    assert mapped(came, spec("countryIso", table={"NI": "GB"})) == stored


@pytest.mark.parametrize(
    ("came", "stored"),
    [
        (True, True),
        (False, False),
        (" Yes ", True),
        ("FALSE", False),
        (1, True),
        (0, False),
        ("maybe", "INVALID_VALUE"),
        (2, "INVALID_VALUE"),
        (1.0, "UNEXPECTED_TYPE"),
        ("", None),
    ],
)
def test_words_become_booleans(came: object, stored: object) -> None:
    assert mapped(came, spec("bool")) == stored


def test_words_for_yes_and_no_can_be_given() -> None:
    assert mapped("JA", spec("bool", true=["ja"], false=["nein"])) is True


@pytest.mark.parametrize(
    ("came", "stored"),
    [
        (1000.8, "1000.8"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (10.0, "10"),
        (100, "100"),
        (-0.0, "0"),
        (" +12.50 ", "12.5"),
        ("-3", "-3"),
        (1e41, "INVALID_VALUE"),
        ("1e5", "INVALID_VALUE"),
        ("12,5", "INVALID_VALUE"),
        (float("nan"), "INVALID_VALUE"),
        (float("inf"), "INVALID_VALUE"),
        pytest.param(10**5000, "INVALID_VALUE", id="too many digits"),
        (True, "UNEXPECTED_TYPE"),
        ([1], "UNEXPECTED_TYPE"),
    ],
)
def test_numbers_become_plain_decimals(came: object, stored: object) -> None:
    assert mapped(came, spec("decimal")) == stored


@pytest.mark.parametrize(
    ("came", "stored"),
    [("PCS", "piece"), (1, "one"), (True, "yes"), ("KG", "INVALID_VALUE"), (1.5, "UNEXPECTED_TYPE"), ("", None)],
)
def test_a_table_is_looked_up(came: object, stored: object) -> None:
    assert mapped(came, spec("lookup", table={"PCS": "piece", "1": "one", "true": "yes"})) == stored


def test_a_table_may_have_a_default() -> None:
    assert mapped("KG", spec("lookup", table={"PCS": "piece"}, default="other")) == "other"


@pytest.mark.parametrize(
    ("line1", "line2", "stored"),
    [("a ", " b", "a, b"), ("a", "", "a"), ("", None, None), (ZERO_GUID, "b", "b")],
)
def test_several_sources_are_joined_without_blanks(line1: str, line2: str | None, stored: str | None) -> None:
    result = map_values({"a": line1, "b": line2}, ("a", "b"), spec("concat", separator=", "))
    assert result.fields["custom.x"] == stored


def test_only_texts_are_joined() -> None:
    problem = map_values({"a": "x", "b": 5}, ("a", "b"), spec("concat")).problems[0]
    assert (problem.code, problem.data) == ("UNEXPECTED_TYPE", {"a": "x", "b": 5})


def test_one_source_joined_is_itself() -> None:
    assert mapped("a", spec("concat")) == "a"


@pytest.mark.parametrize(("values", "stored"), [(["", "b"], "b"), ([1, "b"], 1), ([None, " "], None)])
def test_the_first_source_that_is_not_blank_is_taken(values: list[object], stored: object) -> None:
    result = map_values({"a": values[0], "b": values[1]}, ("a", "b"), spec("first"))
    assert result.fields["custom.x"] == stored


@pytest.mark.parametrize(
    ("options", "stored"),
    [({}, "a@x.se"), ({"index": 1}, "b@x.se"), ({"index": 2}, None), ({"separator": "@"}, "a")],
)
def test_a_text_is_cut_into_pieces(options: dict[str, Any], stored: str | None) -> None:
    assert mapped("a@x.se; b@x.se", spec("split", **options)) == stored


def test_a_text_is_cut_to_a_length_and_ends_without_a_blank() -> None:
    assert mapped("ab cd", spec("truncate", max=3)) == "ab"


@pytest.mark.parametrize("source", ["x", None])
def test_a_constant_needs_no_source(source: str | None) -> None:
    assert map_values({}, source, spec("constant", value="EUR")).fields["custom.x"] == "EUR"


@pytest.mark.parametrize(("came", "stored"), [(" N/A ", None), ("a", "a"), (5, 5)])
def test_fillers_can_be_named_blank(came: object, stored: object) -> None:
    assert mapped(came, spec("blank", values=["n/a", "-"])) == stored


def test_transforms_run_in_their_order() -> None:
    assert mapped("a;b", spec("split", index=1), spec("upper")) == "B"


def test_a_transform_never_sees_a_value_that_became_blank() -> None:
    assert mapped("x;", spec("split", index=1), spec("hsCode")) is None


@pytest.mark.parametrize(
    "came",
    ["", " \t", "\u00a0", ZERO_GUID, "0001-01-01", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.00+00:00"],
)
@pytest.mark.parametrize("transforms", [(), (spec("trim"),)])
def test_whatever_stands_for_no_value_becomes_null(came: str, transforms: tuple[Any, ...]) -> None:
    assert mapped(came, *transforms) is None


@pytest.mark.parametrize("came", ["0", "0000", "0001", "00010", "0001-01-02", "+46", "(0)", "-"])
def test_what_only_looks_blank_stays(came: str) -> None:
    assert mapped(came, spec("trim")) == came
