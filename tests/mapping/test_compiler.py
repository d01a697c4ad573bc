import pytest

from mapping import TARGETS, FieldRule, RulesError, TransformSpec, compile_rules
from tests.mapping.samples import NAME, map_value, map_values, rules_with, spec


def test_unusable_rules_are_refused() -> None:
    with pytest.raises(RulesError):
        compile_rules(rules_with(FieldRule("x", "nosuch")))


def test_the_targets_keep_the_order_of_the_rules() -> None:
    assert compile_rules(rules_with(FieldRule("c", "custom.b"), FieldRule("d", "city"))).targets == (
        "name",
        "custom.b",
        "city",
    )


@pytest.mark.parametrize("transforms", [(), (spec("trim"),), (spec("enum"),)])
@pytest.mark.parametrize("came", [None, "", " "])
def test_a_default_stands_in_for_a_blank(transforms: tuple[TransformSpec, ...], came: str | None) -> None:
    rule = FieldRule("x", "city", transforms, default="unknown", required=True)
    assert compile_rules(rules_with(rule)).apply({"displayName": "A", "x": came}).fields["city"] == "unknown"


def test_a_default_that_is_blank_is_none() -> None:
    rule = FieldRule(None, "city", default=" ")
    assert compile_rules(rules_with(rule)).apply({"displayName": "A"}).fields["city"] is None


def test_a_required_field_without_a_source_is_missing_in_every_record() -> None:
    compiled = compile_rules(rules_with(FieldRule(None, "city", required=True)))
    mapped = compiled.apply({"displayName": "A"})
    assert (mapped.message, mapped.data) == ("Missing required field: city", {})


def test_a_repeated_bad_value_is_a_problem_every_time() -> None:
    compiled = compile_rules(rules_with(FieldRule("x", "hsCode", (spec("hsCode"),))))
    messages = [compiled.apply({"displayName": "A", "x": "beech"}).message for _ in range(2)]
    assert messages == ["Invalid value for hsCode: 2 to 10 digits were expected"] * 2


def test_one_and_true_are_told_apart() -> None:
    compiled = compile_rules(rules_with(FieldRule("x", "custom.x")))
    stored = [compiled.apply({"displayName": "A", "x": value}).fields["custom.x"] for value in (True, 1, False, 0)]
    assert [repr(value) for value in stored] == ["True", "1", "False", "0"]


def test_a_text_field_without_trim_keeps_its_spaces() -> None:
    assert map_value(" a ").fields["custom.x"] == " a "


@pytest.mark.parametrize("transforms", [(), (spec("trim"),)])
def test_a_text_longer_than_its_target_is_a_problem(transforms: tuple[TransformSpec, ...]) -> None:
    problem = map_value("x" * 21, *transforms, target="number").problems[0]
    assert (problem.code, problem.message) == ("VALUE_TOO_LONG", "Value too long for number: at most 20 characters")


def test_a_text_as_long_as_its_target_fits() -> None:
    assert map_value("x" * 20, spec("trim"), target="number").problems == ()


@pytest.mark.parametrize("came", [5, 0, True, [], {}, ["a"], {"a": 1}, 1.5])
def test_a_text_target_takes_text_only(came: object) -> None:
    mapped = map_value(came, target="city")
    assert (mapped.message, mapped.data) == ("Unexpected type for city: text was expected", {"x": came})


@pytest.mark.parametrize("came", [5, -1.5, True, False, "a"])
def test_a_custom_target_takes_any_scalar(came: object) -> None:
    assert map_value(came).fields["custom.x"] == came


@pytest.mark.parametrize("came", [["a"], {"a": 1}, float("inf"), 2**63])
def test_a_custom_target_takes_nothing_that_cannot_be_stored(came: object) -> None:
    assert map_value(came).problems[0].code == "UNEXPECTED_TYPE"


def test_a_flag_takes_no_text() -> None:
    rules = rules_with(FieldRule("x", "blocked", (spec("trim"),)))
    mapped = compile_rules(rules, TARGETS["products"]).apply({"displayName": "A", "x": "yes"})
    assert mapped.message == "Unexpected type for blocked: true or false was expected"


def test_a_dotted_path_goes_into_what_was_expanded() -> None:
    assert map_values({"unit": {"code": "PCS"}}, "unit.code").fields["custom.x"] == "PCS"


@pytest.mark.parametrize("unit", [None, {}, {"code": None}])
def test_a_dotted_path_that_leads_nowhere_is_null(unit: object) -> None:
    mapped = map_values({"unit": unit}, "unit.code.text")
    assert (mapped.fields["custom.x"], mapped.problems) == (None, ())


def test_a_dotted_path_through_a_text_is_a_problem() -> None:
    problem = map_values({"unit": "PCS"}, "unit.code").problems[0]
    assert (problem.code, problem.source) == ("UNEXPECTED_TYPE", "unit.code")


def test_several_sources_of_which_one_cannot_be_read_are_all_named() -> None:
    problem = map_values({"a": "x", "unit": "PCS"}, ("a", "unit.code"), spec("first")).problems[0]
    assert problem.data == {"a": None, "unit.code": None}


def test_an_expression_chooses() -> None:
    record: dict[str, object] = {"lines": [{"kind": "a", "code": "1"}, {"kind": "b", "code": "2"}]}
    assert map_values(record, "lines[?kind=='b'].code | [0]").fields["custom.x"] == "2"


def test_an_expression_that_does_not_fit_is_a_problem() -> None:
    assert map_values({"a": 5}, "length(a)").problems[0].code == "UNEXPECTED_TYPE"


def test_all_problems_are_told_in_one_line() -> None:
    rules = rules_with(FieldRule("x", "hsCode", (spec("hsCode"),)))
    mapped = compile_rules(rules).apply({"displayName": "", "x": "beech"})
    assert mapped.message == ("Missing required field: name; Invalid value for hsCode: 2 to 10 digits were expected")


def test_a_message_never_repeats_the_value() -> None:
    assert "s3cret" not in map_value({"key": "s3cret"}).message


def test_what_is_navigated_is_expanded_and_not_selected() -> None:
    compiled = compile_rules(rules_with(FieldRule("unitOfMeasure.code", "custom.unit")))
    assert (compiled.expand, "unitOfMeasure" in compiled.select) == (("unitOfMeasure",), False)


def test_an_expand_with_options_is_kept_as_it_is() -> None:
    rules = rules_with(FieldRule("picture.id", "custom.p"), expand=("picture($select=id)",))
    assert compile_rules(rules).expand == ("picture($select=id)",)


def test_an_expression_selects_the_columns_it_names() -> None:
    rules = rules_with(FieldRule("unit.code || baseUnit", "custom.unit"), entity_set="custom", modified_field=None)
    compiled = compile_rules(rules)
    assert (compiled.select, compiled.expand) == (("id", "displayName", "baseUnit"), ("unit",))


def test_a_custom_page_is_not_asked_for_a_number_it_may_not_have() -> None:
    rules = rules_with(route="contoso/eudr/v1.0", id_field="systemId", modified_field="systemModifiedAt")
    assert compile_rules(rules).select == ("systemId", "displayName", "systemModifiedAt")


def test_an_expanded_property_read_whole_is_not_selected() -> None:
    rules = rules_with(FieldRule("lines", "custom.lines"), entity_set="orders", expand=("lines",))
    assert compile_rules(rules).select == ("id", "displayName", "lastModifiedDateTime")


def test_the_empty_record_is_not_shared() -> None:
    compiled = compile_rules(rules_with())
    compiled.apply({"displayName": "A"})
    assert compiled.apply({}).fields == {NAME.target: None}
