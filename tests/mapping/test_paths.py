import pytest

from mapping.paths import PathError, parse_path


@pytest.mark.parametrize(
    ("text", "columns", "navigated"),
    [
        ("number", ("number",), ()),
        ("unit.code", (), ("unit",)),
        ("a.b[0].c", (), ("a",)),
        ("(a || b).c", (), ("a", "b")),
        ("a || b", ("a", "b"), ()),
        ("a && !b", ("a", "b"), ()),
        ("a == 'x'", ("a",), ()),
        ("sort_by(lines, &weight)[0].code", (), ("lines",)),
        ("join(', ', [a, b])", ("a", "b"), ()),
        ("{x: a, y: b.c}", ("a",), ("b",)),
        ("lines[].code | [0]", (), ("lines",)),
        ("lines[?kind=='x'].code", (), ("lines",)),
        ("`1`", (), ()),
    ],
)
def test_a_path_knows_what_it_reads(text: str, columns: tuple[str, ...], navigated: tuple[str, ...]) -> None:
    path = parse_path(text)
    assert (path.columns, path.navigated) == (columns, navigated)


@pytest.mark.parametrize(
    "text",
    ["", " ", "a..b", "@odata.etag", "keys(@)", "@", "[0]", "*.a", "nosuch(a)", "a[", "a" * 501, "(" * 500],
)
def test_a_path_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(PathError):
        parse_path(text)


def test_a_lone_name_is_a_column() -> None:
    assert parse_path("a").is_column


@pytest.mark.parametrize("text", ["a.b", "a || b", "`1`"])
def test_anything_else_is_no_column(text: str) -> None:
    assert not parse_path(text).is_column
