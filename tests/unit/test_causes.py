"""Failed records put together by what their messages have in common."""

import pytest

from sync.engine.causes import grouped, shape_of
from sync.model.entity import EntityType
from sync.model.record import Failure, RecordFault
from tests.support.company import START


def failure(
    number: int, message: str, code: str = "VALUE_TOO_LONG", entity: EntityType = EntityType.PRODUCTS
) -> Failure:
    return Failure(entity, f"id-{number}", RecordFault(code, message, {"number": number}), "run-1", 1, START, START)


@pytest.mark.parametrize(
    ("message", "shape"),
    [
        ("Missing required field: name", "Missing required field: name"),
        ("The value 'Ørsted' is no country", "The value … is no country"),
        ('"a" and “b” differ', "… and … differ"),
        ("Item 5d1f7d2e-0a3b-4c8d-9e1f-001122334455 is gone", "Item … is gone"),
        ("2,400 characters, at most 1024", "… characters, at most …"),
        ("v2 stays v2", "v2 stays v2"),
    ],
)
def test_a_shape_leaves_out_what_differs(message: str, shape: str) -> None:
    assert shape_of(message) == shape


def test_records_with_the_same_cause_are_one_the_most_frequent_first() -> None:
    found = grouped([failure(1, "Other", code="X"), failure(2, "2 characters"), failure(3, "33 characters")])
    assert [(cause.code, cause.count, cause.named) for cause in found] == [
        ("VALUE_TOO_LONG", 2, ("id-2", "id-3")),
        ("X", 1, ("id-1",)),
    ]


def test_the_sample_is_the_first_of_its_cause() -> None:
    first = failure(1, "2 characters")
    assert grouped([first, failure(2, "3 characters")])[0].sample is first


def test_entity_types_and_codes_are_causes_of_their_own() -> None:
    alike = failure(1, "Bad"), failure(2, "Bad", entity=EntityType.SUPPLIERS), failure(3, "Bad", code="Y")
    assert len(grouped(alike)) == 3


def test_a_cause_names_ten_records_and_counts_all() -> None:
    (cause,) = grouped(failure(number, "Bad") for number in range(25))
    assert (cause.count, len(cause.named)) == (25, 10)
