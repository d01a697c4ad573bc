"""Conditions of queries."""

from datetime import UTC, datetime

import pytest

from sync.storage.conditions import sifted

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_what_is_not_asked_for_is_in_no_condition() -> None:
    assert sifted([("status eq", "status", None), ("kind eq", "kind", "full")]) == (
        " and kind eq @kind",
        {"kind": "full"},
    )


@pytest.mark.parametrize(
    ("asked", "sent"), [(NOW, NOW), (datetime(1066, 10, 14, tzinfo=UTC), datetime(1601, 1, 1, tzinfo=UTC))]
)
def test_a_time_that_no_table_takes_is_not_sent(asked: datetime, sent: datetime) -> None:
    assert sifted([("queuedAt le", "until", asked)]) == (" and queuedAt le @until", {"until": sent})
