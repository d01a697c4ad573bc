"""What Azure Tables refuse, the guard refuses."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sync.model.errors import RecordError
from sync.storage.guard import check_entity, check_transaction, utf16_units
from sync.storage.transactions import Operation, Verb, _encode

KEYS = {"PartitionKey": "p", "RowKey": "r"}


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"a": "x" * 32_768},
        {"a": "😀" * 16_384},
        {"a": b"x" * 65_536},
        {"a": 2**31 - 1, "b": -(2**31), "c": True, "d": 1.5, "e": datetime(1601, 1, 1, tzinfo=UTC)},
        {f"p{number}": 1 for number in range(252)},
        {"_a1": "", "A" * 255: ""},
        {"RowKey": "k" * 512},
        {"RowKey": "% + ' | ~ ! é :"},
        {f"p{number}": "x" * 32_768 for number in range(15)},
    ],
)
def test_what_a_table_takes_passes(properties: dict[str, Any]) -> None:
    check_entity(KEYS | properties)


@pytest.mark.parametrize(
    "properties",
    [
        {"a": "x" * 32_769},
        {"a": "😀" * 16_385},
        {"a": b"x" * 65_537},
        {f"p{number}": 1 for number in range(253)},
        {"RowKey": "k" * 513},
        {"PartitionKey": "😀" * 257},
        {f"p{number}": "x" * 32_768 for number in range(16)},
    ],
)
def test_what_is_too_large_is_refused(properties: dict[str, Any]) -> None:
    with pytest.raises(RecordError) as caught:
        check_entity(KEYS | properties)
    assert caught.value.code == "ROW_TOO_LARGE"


@pytest.mark.parametrize(
    "properties",
    [
        *({"RowKey": f"a{character}b"} for character in "/\\#?\t\n\x7f\x9f"),
        {"RowKey": ""},
        {"PartitionKey": 1},
        {"a-b": 1},
        {"1a": 1},
        {"": 1},
        {"A" * 256: ""},
        {"a": None},
        {"a": [1]},
        {"a": {"b": 1}},
        {"a": 2**31},
        {"a": datetime(1600, 12, 31, tzinfo=UTC)},
        {"a": datetime(2026, 1, 1)},  # noqa: DTZ001 - a time without a zone is what is refused
    ],
)
def test_what_no_table_holds_is_refused(properties: dict[str, Any]) -> None:
    with pytest.raises(RecordError) as caught:
        check_entity(KEYS | properties)
    assert caught.value.code == "ROW_INVALID"


@pytest.mark.parametrize("missing", ["PartitionKey", "RowKey"])
def test_an_entity_has_both_its_keys(missing: str) -> None:
    with pytest.raises(RecordError, match=missing):
        check_entity({name: value for name, value in KEYS.items() if name != missing})


@pytest.mark.parametrize(("operations", "body"), [(1, 10), (100, 4 * 1024 * 1024)])
def test_a_transaction_of_the_largest_size_passes(operations: int, body: int) -> None:
    check_transaction(operations, body)


@pytest.mark.parametrize(("operations", "body"), [(0, 0), (101, 10), (1, 4 * 1024 * 1024 + 1)])
def test_a_transaction_that_azure_does_not_take_is_refused(operations: int, body: int) -> None:
    with pytest.raises(RecordError) as caught:
        check_transaction(operations, body)
    assert caught.value.code == "TRANSACTION_TOO_LARGE"


@pytest.mark.parametrize(("text", "units"), [("abc", 3), ("å", 1), ("😀", 2), ("\ud800", 1)])
def test_a_text_is_measured_in_utf_16(text: str, units: int) -> None:
    assert utf16_units(text) == units


@pytest.mark.parametrize("year", [1600, 1601])
def test_a_time_is_looked_at_in_every_entity_of_a_shape_that_has_passed(year: int) -> None:
    check_entity(KEYS | {"shaped": datetime(2026, 1, 1, tzinfo=UTC)})
    entity = KEYS | {"shaped": datetime(year, 12, 31, tzinfo=UTC)}
    if year < 1601:
        with pytest.raises(RecordError):
            check_entity(entity, encoded=100)
    else:
        check_entity(entity, encoded=100)


def test_what_json_cannot_tell_is_refused_by_its_name() -> None:
    with pytest.raises(RecordError, match="odd"):
        _encode("http://127.0.0.1/t", [Operation(Verb.INSERT, KEYS | {"odd": object()})])


def test_half_a_character_is_refused() -> None:
    with pytest.raises(RecordError, match="not Unicode"):
        _encode("http://127.0.0.1/t", [Operation(Verb.INSERT, KEYS | {"odd": "\ud800"})])
