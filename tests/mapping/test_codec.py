import copy
from typing import Any

import pytest

from mapping import TARGETS, FieldRule, MappingRules, RuleCode, RulesError, TransformSpec, parse, preset, to_json

DOCUMENT: dict[str, Any] = {
    "source": {"route": "v2.0", "entitySet": "vendors"},
    "fields": [{"source": "displayName", "target": "name"}],
    "version": 1,
}


def with_source(**members: Any) -> dict[str, Any]:
    """Return the document with other members in its source."""
    document = copy.deepcopy(DOCUMENT)
    document["source"] |= members
    return document


def with_field(**members: Any) -> dict[str, Any]:
    """Return the document with one more field."""
    document = copy.deepcopy(DOCUMENT)
    document["fields"].append({"source": "x", "target": "custom.x"} | members)
    return document


def found(document: object) -> list[tuple[str, RuleCode]]:
    """Return pointer and code of every problem that parsing tells."""
    with pytest.raises(RulesError) as caught:
        parse(document)
    return [(problem.pointer, problem.code) for problem in caught.value.problems]


def test_a_small_document_is_read_with_the_usual_values() -> None:
    assert parse(DOCUMENT) == MappingRules("vendors", "v2.0", (FieldRule("displayName", "name"),))


def test_everything_that_can_be_said_of_a_source_is_written_again() -> None:
    members = {"filter": "blocked eq ' '", "expand": ["lines"], "idField": "systemId", "modifiedField": None}
    document = with_source(route="contoso/eudr/v1.0", **members)
    assert to_json(parse(document)) == document


def test_everything_that_can_be_said_is_read() -> None:
    document = with_field(
        source=["a", "b"],
        transform=[{"name": "concat", "separator": "-"}, "upper"],
        default="none",
        required=True,
    )
    document["source"] |= {
        "route": "contoso/eudr/v1.0",
        "filter": "blocked eq ' '",
        "expand": ["lines"],
        "idField": "systemId",
        "modifiedField": None,
    }
    transforms = (TransformSpec("concat", {"separator": "-"}), TransformSpec("upper"))
    assert parse(document) == MappingRules(
        entity_set="vendors",
        route="contoso/eudr/v1.0",
        fields=(
            FieldRule("displayName", "name"),
            FieldRule(("a", "b"), "custom.x", transforms, default="none", required=True),
        ),
        filter="blocked eq ' '",
        expand=("lines",),
        id_field="systemId",
        modified_field=None,
    )


@pytest.mark.parametrize("transform", ["trim", {"name": "trim"}, ["trim"], [{"name": "trim"}]])
def test_one_transform_may_be_written_in_four_ways(transform: object) -> None:
    assert parse(with_field(transform=transform)).fields[1].transforms == (TransformSpec("trim"),)


@pytest.mark.parametrize("name", ["suppliers", "products"])
def test_a_preset_reads_back_as_itself(name: str) -> None:
    assert parse(to_json(preset(name)), TARGETS[name]) == preset(name)


def test_usual_values_are_left_out_of_the_json_form() -> None:
    assert to_json(parse(DOCUMENT)) == DOCUMENT


def test_members_beside_the_mapping_are_ignored() -> None:
    assert parse({**DOCUMENT, "updatedAt": "2026-01-01T00:00:00Z"}) == parse(DOCUMENT)


def test_every_problem_is_told_at_once() -> None:
    document = {
        "source": {"route": "../admin", "entitySet": 7, "filtre": "x"},
        "fields": [
            {"source": "a b", "target": "nosuch", "transform": "shout"},
            {"source": "x", "default": []},
            3,
            {"source": ["a", 1], "target": "city", "transform": {"max": 3}, "required": "yes"},
        ],
        "version": "1",
    }
    assert sorted(found(document)) == [
        ("/fields", RuleCode.REQUIRED_TARGET_MISSING),
        ("/fields/0/source", RuleCode.INVALID_SOURCE),
        ("/fields/0/target", RuleCode.UNKNOWN_TARGET),
        ("/fields/0/transform", RuleCode.UNKNOWN_TRANSFORM),
        ("/fields/1/target", RuleCode.MEMBER_MISSING),
        ("/fields/2", RuleCode.WRONG_TYPE),
        ("/fields/3/required", RuleCode.WRONG_TYPE),
        ("/fields/3/source", RuleCode.WRONG_TYPE),
        ("/fields/3/transform/name", RuleCode.MEMBER_MISSING),
        ("/source/entitySet", RuleCode.WRONG_TYPE),
        ("/source/filtre", RuleCode.MEMBER_UNKNOWN),
        ("/source/route", RuleCode.INVALID_ROUTE),
        ("/version", RuleCode.WRONG_TYPE),
    ]


@pytest.mark.parametrize("document", [None, [], "x", 3])
def test_what_is_no_object_has_one_problem(document: object) -> None:
    assert found(document) == [("", RuleCode.WRONG_TYPE)]


def test_missing_members_are_named_where_they_should_be() -> None:
    assert found({}) == [("/source", RuleCode.MEMBER_MISSING), ("/fields", RuleCode.MEMBER_MISSING)]


@pytest.mark.parametrize(
    ("members", "pointer", "code"),
    [
        ({"route": ""}, "/source/route", RuleCode.INVALID_ROUTE),
        ({"route": "a/b"}, "/source/route", RuleCode.INVALID_ROUTE),
        ({"route": "v2.0/companies?x"}, "/source/route", RuleCode.INVALID_ROUTE),
        ({"entitySet": "vendors(1)"}, "/source/entitySet", RuleCode.INVALID_NAME),
        ({"idField": ""}, "/source/idField", RuleCode.INVALID_NAME),
        ({"idField": None}, "/source/idField", RuleCode.WRONG_TYPE),
        ({"modifiedField": "a.b"}, "/source/modifiedField", RuleCode.INVALID_NAME),
        ({"filter": " "}, "/source/filter", RuleCode.INVALID_FILTER),
        ({"filter": ""}, "/source/filter", RuleCode.INVALID_FILTER),
        ({"filter": "a eq 1) or (b eq 2"}, "/source/filter", RuleCode.INVALID_FILTER),
        ({"filter": "(a eq 1"}, "/source/filter", RuleCode.INVALID_FILTER),
        ({"filter": "a eq 'x"}, "/source/filter", RuleCode.INVALID_FILTER),
        ({"expand": "lines"}, "/source/expand", RuleCode.WRONG_TYPE),
        ({"expand": ["lines", "a,b"]}, "/source/expand/1", RuleCode.INVALID_EXPAND),
    ],
)
def test_a_bad_source_is_refused(members: dict[str, Any], pointer: str, code: RuleCode) -> None:
    assert found(with_source(**members)) == [(pointer, code)]


@pytest.mark.parametrize(
    "members",
    [
        {"filter": "startswith(number,'(') and city ne 'L''Isle'"},
        {"expand": ["lines($select=id;$filter=contains(code,'a'))"]},
        {"route": "beta"},
    ],
)
def test_a_good_source_is_taken(members: dict[str, Any]) -> None:
    assert to_json(parse(with_source(**members)))["source"] == {**DOCUMENT["source"], **members}


@pytest.mark.parametrize(
    ("members", "pointer", "code"),
    [
        ({"target": "custom."}, "/fields/1/target", RuleCode.UNKNOWN_TARGET),
        ({"target": "custom.a-b"}, "/fields/1/target", RuleCode.UNKNOWN_TARGET),
        ({"target": "name"}, "/fields/1/target", RuleCode.DUPLICATE_TARGET),
        ({"source": []}, "/fields/1/source", RuleCode.INVALID_SOURCE),
        ({"source": ["a", "b c"], "transform": "first"}, "/fields/1/source/1", RuleCode.INVALID_SOURCE),
        ({"source": ["a", "b"]}, "/fields/1/transform", RuleCode.SOURCES_NOT_COMBINED),
        ({"source": ["a", "b"], "transform": "trim"}, "/fields/1/transform", RuleCode.SOURCES_NOT_COMBINED),
        ({"transform": ["trim", "shout"]}, "/fields/1/transform/1", RuleCode.UNKNOWN_TRANSFORM),
        ({"transform": 3}, "/fields/1/transform", RuleCode.WRONG_TYPE),
        ({"transform": {"name": 3}}, "/fields/1/transform/name", RuleCode.WRONG_TYPE),
        ({"transform": "truncate"}, "/fields/1/transform/max", RuleCode.OPTION_MISSING),
        ({"transform": {"name": "truncate", "max": 0}}, "/fields/1/transform/max", RuleCode.INVALID_OPTION),
        ({"transform": {"name": "truncate", "max": True}}, "/fields/1/transform/max", RuleCode.INVALID_OPTION),
        ({"transform": {"name": "split", "index": -1}}, "/fields/1/transform/index", RuleCode.INVALID_OPTION),
        ({"transform": {"name": "split", "separator": ""}}, "/fields/1/transform/separator", RuleCode.INVALID_OPTION),
        ({"transform": {"name": "concat", "separator": 1}}, "/fields/1/transform/separator", RuleCode.INVALID_OPTION),
        ({"transform": {"name": "bool", "true": "ja"}}, "/fields/1/transform/true", RuleCode.INVALID_OPTION),
        ({"transform": {"name": "blank", "values": [1]}}, "/fields/1/transform/values", RuleCode.INVALID_OPTION),
        ({"transform": {"name": "constant", "value": []}}, "/fields/1/transform/value", RuleCode.INVALID_OPTION),
        (
            {"transform": {"name": "countryIso", "table": {"A": 1}}},
            "/fields/1/transform/table",
            RuleCode.INVALID_OPTION,
        ),
        ({"transform": {"name": "lookup", "table": {"A": []}}}, "/fields/1/transform/table", RuleCode.INVALID_OPTION),
        ({"transform": {"name": "trim", "a/b~": 1}}, "/fields/1/transform/a~1b~0", RuleCode.UNKNOWN_OPTION),
        ({"default": {"a": 1}}, "/fields/1/default", RuleCode.INVALID_DEFAULT),
        ({"target": "city", "default": 5}, "/fields/1/default", RuleCode.INVALID_DEFAULT),
        ({"target": "number", "default": "x" * 21}, "/fields/1/default", RuleCode.INVALID_DEFAULT),
        ({"required": 1}, "/fields/1/required", RuleCode.WRONG_TYPE),
        ({"defualt": 1}, "/fields/1/defualt", RuleCode.MEMBER_UNKNOWN),
    ],
)
def test_a_bad_field_is_refused(members: dict[str, Any], pointer: str, code: RuleCode) -> None:
    assert found(with_field(**members)) == [(pointer, code)]


def test_a_supplier_has_no_hs_code() -> None:
    with pytest.raises(RulesError, match="There is no field hsCode"):
        parse(with_field(target="hsCode"), TARGETS["suppliers"])


def test_a_name_must_be_filled() -> None:
    assert found({**DOCUMENT, "fields": []}) == [("/fields", RuleCode.REQUIRED_TARGET_MISSING)]


def test_a_mapping_has_room_for_200_fields() -> None:
    fields = [*DOCUMENT["fields"], *({"source": "x", "target": f"custom.x{n}"} for n in range(200))]
    assert found({**DOCUMENT, "fields": fields}) == [("/fields", RuleCode.TOO_MANY_FIELDS)]


@pytest.mark.parametrize(("version", "code"), [(0, RuleCode.INVALID_VERSION), (True, RuleCode.WRONG_TYPE)])
def test_versions_count_from_one(version: object, code: RuleCode) -> None:
    assert found({**DOCUMENT, "version": version}) == [("/version", code)]
