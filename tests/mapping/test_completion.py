"""Mappings to the same targets, made comparable."""

from dataclasses import replace

import pytest

from mapping import PRESETS, TARGETS, FieldRule, RulesError, preset
from mapping.completion import compile_complete, complete
from tests.mapping.samples import NAME, VENDOR, rules_with, spec

SUPPLIERS = TARGETS["suppliers"]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_complete_as_it_is(name: str) -> None:
    assert complete(preset(name), TARGETS[name]) == preset(name)


def test_the_order_of_fields_does_not_show_in_what_a_record_becomes() -> None:
    rules = preset("suppliers")
    turned = replace(rules, fields=rules.fields[::-1])
    both = [compile_complete(each, SUPPLIERS).apply(VENDOR).fields for each in (rules, turned)]
    assert list(both[0].items()) == list(both[1].items())


def test_a_target_that_is_left_out_is_filled_with_nothing() -> None:
    mapped = compile_complete(rules_with(), SUPPLIERS).apply(VENDOR)
    assert list(mapped.fields) == list(SUPPLIERS)
    assert {name: value for name, value in mapped.fields.items() if value is not None} == {"name": "Fabrikam, Inc."}


def test_custom_fields_come_last_and_by_name() -> None:
    rules = rules_with(FieldRule("b", "custom.b"), FieldRule("a", "custom.a"))
    mapped = compile_complete(rules, SUPPLIERS).apply({**VENDOR, "a": 1, "b": 2})
    assert list(mapped.fields.items())[-2:] == [("custom.a", 1), ("custom.b", 2)]


def test_a_record_without_a_custom_value_is_the_same_as_without_the_field() -> None:
    rules = rules_with(FieldRule("gln", "custom.gln"))
    blank, plain = (compile_complete(each, SUPPLIERS).apply(VENDOR) for each in (rules, rules_with()))
    assert blank.fields == plain.fields


def test_problems_are_told_with_custom_fields_too() -> None:
    rules = rules_with(FieldRule("gln", "custom.gln", (spec("decimal"),)))
    mapped = compile_complete(rules, SUPPLIERS).apply({**VENDOR, "gln": "many"})
    assert [problem.target for problem in mapped.problems] == ["custom.gln"]


def test_fields_that_are_too_many_once_completed_are_refused() -> None:
    rules = replace(rules_with(), fields=(NAME, *(FieldRule("x", f"custom.x{number}") for number in range(199))))
    with pytest.raises(RulesError):
        compile_complete(rules, SUPPLIERS)
