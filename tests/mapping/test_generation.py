"""The generated function: what it remembers, and that it says what the rules say."""

import pytest

from mapping.compiler import CompiledMapping, compile_rules
from mapping.rules import FieldRule, MappingRules, TransformSpec


def upper() -> CompiledMapping:
    """Return a mapping with one column of codes."""
    rule = FieldRule("code", "type", (TransformSpec("upper"),))
    return compile_rules(MappingRules("items", "v2.0", (FieldRule("name", "name", required=True), rule)))


def test_a_column_of_more_values_than_are_remembered_is_mapped_all_the_same() -> None:
    run = upper().run
    for number in [*range(2000), *range(2000)]:
        fields, problems = run({"name": "A", "code": f"c{number}"})
        assert (fields["type"], problems) == (f"C{number}", [])


@pytest.mark.parametrize("odd", [1, 1.0, ["x"], {"a": 1}])
def test_a_value_of_an_odd_type_is_a_problem_each_time_and_never_remembered(odd: object) -> None:
    run = upper().run
    assert [len(run({"name": "A", "code": value})[1]) for value in (odd, True, odd, "x")] == [1, 1, 1, 0]
