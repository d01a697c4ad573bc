"""What one mapping does otherwise than another."""

from dataclasses import replace

import pytest

from mapping import FieldRule, MappingRules
from mapping.differences import FieldChange, difference
from tests.mapping.samples import NAME, rules_with, spec

CITY = FieldRule("city", "city")
BEFORE = rules_with(CITY)


def test_a_mapping_does_the_same_as_itself_in_another_order_and_version() -> None:
    after = replace(BEFORE, fields=BEFORE.fields[::-1], version=7)
    assert difference(BEFORE, after).is_none


def test_fields_are_added_removed_and_changed_by_their_target() -> None:
    state, shouted = FieldRule("state", "state"), replace(NAME, transforms=(spec("upper"),))
    found = difference(BEFORE, replace(BEFORE, fields=(shouted, state)))
    assert (found.added, found.removed, found.changed) == ((state,), (CITY,), (FieldChange(NAME, shouted),))
    assert not found.is_none


@pytest.mark.parametrize(
    "after",
    [
        replace(BEFORE, entity_set="other"),
        replace(BEFORE, route="a/b/v1.0"),
        replace(BEFORE, filter="city eq 'Riga'"),
        replace(BEFORE, expand=("picture",)),
        replace(BEFORE, modified_field=None),
    ],
)
def test_a_source_changes_with_any_of_its_members(after: MappingRules) -> None:
    found = difference(BEFORE, after)
    assert (found.source_changed, found.is_none, found.changed) == (True, False, ())


def test_a_default_of_one_is_not_a_default_of_true() -> None:
    one, true = (rules_with(FieldRule("x", "custom.x", default=default)) for default in (1, True))
    assert len(difference(one, true).changed) == 1
