"""Pages joined to the records of a mapping."""

from dataclasses import replace
from typing import Any

import pytest

from mapping import TARGETS, FieldRule, Join, MappingRules, RulesError, check_rules, parse, to_json
from mapping.completion import compile_complete
from mapping.joins import columns_of
from tests.mapping.samples import VENDOR, rules_with

SUPPLIERS = TARGETS["suppliers"]
EUDR = Join("vendorsEudr", "contoso/eudr/v1.0", "eudr")
DOCUMENT: dict[str, Any] = {
    "source": {
        "route": "v2.0",
        "entitySet": "vendors",
        "joins": [
            {"route": "a/b/v1", "entitySet": "origins"},
            {"route": "a/b/v1", "entitySet": "x", "prefix": "y", "on": "itemId", "modifiedField": None},
        ],
    },
    "fields": [{"source": "displayName", "target": "name"}],
    "version": 1,
}


def with_joins(*joins: Join, sources: tuple[str, ...] = ()) -> MappingRules:
    fields = [FieldRule(source, f"custom.c{number}") for number, source in enumerate(sources)]
    return replace(rules_with(*fields), joins=joins)


def problems(rules: MappingRules) -> dict[str, str]:
    return {each.pointer: each.code for each in check_rules(rules, SUPPLIERS)}


def test_joins_are_read_and_written_back_as_they_came() -> None:
    rules = parse(DOCUMENT)
    assert rules.joins == (Join("origins", "a/b/v1", "origins"), Join("x", "a/b/v1", "y", "itemId", None))
    assert to_json(rules) == DOCUMENT


def test_every_problem_of_a_join_is_told() -> None:
    document = {**DOCUMENT, "source": {**DOCUMENT["source"], "joins": [7, {"on": 1, "colour": 1}]}}
    with pytest.raises(RulesError) as caught:
        parse(document)
    assert {each.pointer for each in caught.value.problems} == {
        "/source/joins/0",
        "/source/joins/1/colour",
        "/source/joins/1/entitySet",
        "/source/joins/1/on",
        "/source/joins/1/route",
    }


@pytest.mark.parametrize(
    ("join", "pointer", "code"),
    [
        (replace(EUDR, route="nope/"), "route", "INVALID_ROUTE"),
        (replace(EUDR, entity_set="a b"), "entitySet", "INVALID_NAME"),
        (replace(EUDR, on="a b"), "on", "INVALID_NAME"),
        (replace(EUDR, modified_field="a b"), "modifiedField", "INVALID_NAME"),
        (replace(EUDR, prefix="a.b"), "prefix", "INVALID_JOIN"),
        (replace(EUDR, prefix="id"), "prefix", "INVALID_JOIN"),
        (replace(EUDR, prefix="displayName"), "prefix", "INVALID_JOIN"),
        (replace(EUDR, prefix="lastModifiedDateTime"), "prefix", "INVALID_JOIN"),
    ],
)
def test_a_join_that_cannot_be_used_is_refused(join: Join, pointer: str, code: str) -> None:
    assert problems(with_joins(join)) == {f"/source/joins/0/{pointer}": code}


def test_two_joins_need_two_prefixes() -> None:
    assert problems(with_joins(EUDR, EUDR)) == {"/source/joins/1/prefix": "INVALID_JOIN"}


def test_a_prefix_that_is_left_out_is_the_entity_set() -> None:
    twice = Join("origins", "a/b/v1", "origins")
    assert problems(with_joins(twice, twice)) == {"/source/joins/1/entitySet": "INVALID_JOIN"}


def test_an_expansion_and_a_join_need_two_names() -> None:
    rules = replace(with_joins(EUDR), expand=("eudr($select=gln)",))
    assert problems(rules) == {"/source/joins/0/prefix": "INVALID_JOIN"}


def test_joins_are_few() -> None:
    assert problems(with_joins(*(replace(EUDR, prefix=f"p{number}") for number in range(4)))) == {
        "/source/joins": "INVALID_JOIN"
    }


def test_the_records_own_page_is_not_asked_for_what_a_join_gives() -> None:
    compiled = compile_complete(with_joins(EUDR, sources=("eudr.gln", "currency.code", "city")), SUPPLIERS)
    assert (compiled.expand, "eudr" in compiled.select, "city" in compiled.select) == (("currency",), False, True)


def test_a_joined_value_fills_a_field_and_a_missing_row_leaves_it_out() -> None:
    compiled = compile_complete(with_joins(EUDR, sources=("eudr.gln",)), SUPPLIERS)
    with_row, without = (compiled.apply({**VENDOR, "eudr": row}).fields for row in ({"gln": "47"}, None))
    assert (with_row["custom.c0"], "custom.c0" in without) == ("47", False)


@pytest.mark.parametrize(
    ("sources", "columns"),
    [
        (("eudr.gln", "eudr.eori", "eudr.gln", "city", "currency.code"), ("id", "gln", "eori")),
        (("eudr.place.city",), ("id", "place")),
        (("eudr.gln || city",), ()),
        (("eudr.gln", "eudr.* | [0]"), ()),
        ((), ("id",)),
    ],
)
def test_a_joined_page_is_asked_for_the_columns_that_are_read(
    sources: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    assert columns_of(EUDR, with_joins(EUDR, sources=sources)) == columns


@pytest.mark.parametrize(
    ("main", "joined", "tells"), [("a", "b", True), (None, "b", False), ("a", None, False), (None, None, False)]
)
def test_changes_are_told_when_every_page_tells_them(main: str | None, joined: str | None, *, tells: bool) -> None:
    rules = replace(with_joins(replace(EUDR, modified_field=joined)), modified_field=main)
    assert rules.tells_changes is tells
