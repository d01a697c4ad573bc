"""Route templates and request paths."""

import pytest

from devhost.routes import compile_route, split_path
from devhost.settings import StartError


def match(template: str, path: str) -> dict[str, str] | None:
    return compile_route(template).match(split_path(path))


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("items/{id}", "/items/a", {"id": "a"}),
        ("items/{id}", "/ITEMS/A/", {"id": "A"}),
        ("items/{id}", "/items", None),
        ("items/{id}", "/items/a/b", None),
        ("items/{id?}", "/items", {}),
        ("items/{id?}", "/items/a", {"id": "a"}),
        ("items/{id=new}", "/items", {"id": "new"}),
        ("files/{*rest}", "/files", {}),
        ("files/{*rest}", "/files/a/b", {"rest": "a/b"}),
        ("files/{**rest}", "/files/a", {"rest": "a"}),
        ("v{version}/{name}.{kind}", "/v2/a.b.json", {"version": "2", "name": "a.b", "kind": "json"}),
        ("", "/", {}),
    ],
)
def test_a_template_takes_its_paths(template: str, path: str, values: dict[str, str] | None) -> None:
    assert match(template, path) == values


@pytest.mark.parametrize(
    ("constraint", "good", "bad"),
    [
        ("int", "-12", "12345678901"),
        ("long", "12345678901", "1.5"),
        ("bool", "True", "yes"),
        ("alpha", "abc", "ab1"),
        ("guid", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "3f2504e0"),
        ("datetime", "2026-01-31", "yesterday"),
        ("decimal", "1.5", "1,5"),
        ("min(3)", "3", "2"),
        ("max(3)", "3", "4"),
        ("range(1,3)", "2", "4"),
        ("length(2)", "ab", "abc"),
        ("length(1,2)", "ab", "abc"),
        ("minlength(2)", "ab", "a"),
        ("maxlength(2)", "ab", "abc"),
        ("regex(^a[0-9]+$)", "a1", "b1"),
        ("int:min(1)", "1", "0"),
    ],
)
def test_a_constraint_lets_only_its_values_through(constraint: str, good: str, bad: str) -> None:
    template = f"x/{{id:{constraint}}}"
    assert match(template, f"/x/{good}") == {"id": good}
    assert match(template, f"/x/{bad}") is None


@pytest.mark.parametrize("template", ["x/{id:unknown}", "x/{id", "x/id}", "x/{id:range(1)}", "x/{id:min(a)}", "{1a}"])
def test_a_template_that_cannot_be_resolved_is_a_start_error(template: str) -> None:
    with pytest.raises(StartError, match="route template"):
        compile_route(template)


def test_literals_come_before_constraints_before_parameters_before_catch_alls() -> None:
    templates = ["x/{*rest}", "x/{id}", "x/{*rest:alpha}", "x/a", "x/{id:int}"]
    ordered = sorted(templates, key=lambda template: compile_route(template).rank)
    assert ordered == ["x/a", "x/{id:int}", "x/{id}", "x/{*rest:alpha}", "x/{*rest}"]


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("/a/b%20c", ["a", "b c"]),
        ("/a/b%2Fc%2fd", ["a", "b%2Fc%2fd"]),
        ("/a/%C3%A4%2F%252F", ["a", "ä%2F%2F"]),
        ("/a/%FF", ["a", "%FF"]),
        ("/a/b+c", ["a", "b+c"]),
        ("/a/x/../b/./c", ["a", "b", "c"]),
        ("/a/x/%2e%2E/b", ["a", "b"]),
        ("/", []),
    ],
)
def test_a_path_is_decoded_but_for_its_encoded_slashes(raw: str, parts: list[str]) -> None:
    assert split_path(raw) == parts
