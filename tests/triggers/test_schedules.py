"""When a schedule would start something."""

import pytest

from tests.triggers.kit import Office

PATH = "/api/schedules/preview"


def test_the_next_five_times_of_a_schedule_are_shown(office: Office) -> None:
    shown = office.ask("GET", f"{PATH}?schedule=0+0+*/6+*+*+*").data
    assert shown == {
        "schedule": "0 0 */6 * * *",
        "times": [
            "2026-01-05T12:00:00Z",
            "2026-01-05T18:00:00Z",
            "2026-01-06T00:00:00Z",
            "2026-01-06T06:00:00Z",
            "2026-01-06T12:00:00Z",
        ],
    }


def test_a_caller_says_how_many_times(office: Office) -> None:
    assert len(office.ask("GET", f"{PATH}?schedule=*/30+*+*+*+*+*&count=2").data["times"]) == 2


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("", {"/schedule": "INVALID_SCHEDULE"}),
        ("schedule=0+0+*+*+*", {"/schedule": "INVALID_SCHEDULE"}),
        ("schedule=0+*/5+*+*+*+*&count=0", {"/count": "OUT_OF_RANGE"}),
        ("schedule=0+*/5+*+*+*+*&count=51", {"/count": "OUT_OF_RANGE"}),
        ("schedule=x&count=many", {"/schedule": "INVALID_SCHEDULE", "/count": "OUT_OF_RANGE"}),
    ],
)
def test_what_cannot_be_shown_is_refused_with_every_reason(
    office: Office, query: str, pointers: dict[str, str]
) -> None:
    refused = office.ask("GET", f"{PATH}?{query}")
    assert (refused.status, refused.pointers) == (422, pointers)
