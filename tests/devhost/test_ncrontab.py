"""Timer schedules."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from croniter import croniter

from devhost.ncrontab import parse_schedule

NOON = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)


def random_field(chance: random.Random, low: int, high: int) -> str:
    first, last = sorted(chance.sample(range(low, high + 1), 2))
    step = chance.randint(1, 5)
    return chance.choice(["*", str(first), f"{first}-{last}", f"*/{step}", f"{first}-{last}/{step}", f"{first},{last}"])


@pytest.mark.parametrize("seed", range(40))
def test_random_schedules_fire_when_croniter_says(seed: int) -> None:
    chance = random.Random(seed)
    ranges = [(0, 59), (0, 59), (0, 23), (1, 28), (1, 12), (0, 6)]
    text = " ".join(random_field(chance, low, high) for low, high in ranges)
    expected = croniter(text, NOON, day_or=False, second_at_beginning=True).get_next(datetime)
    assert parse_schedule(text).after(NOON) == expected


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("*/5 * * * *", datetime(2026, 1, 31, 12, 5, tzinfo=UTC)),
        ("0 30 9 * feb mon", datetime(2026, 2, 2, 9, 30, tzinfo=UTC)),
        ("0 0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
        ("01:30:00", NOON + timedelta(minutes=90)),
        ("10/20 * * * * *", NOON + timedelta(seconds=10)),
    ],
)
def test_a_schedule_has_its_next_time(text: str, following: datetime) -> None:
    assert parse_schedule(text).after(NOON) == following


@pytest.mark.parametrize(
    "text", ["", "* * *", "60 * * * * *", "0 0 0 0 * *", "0 0 0 * * 7", "0 0 0 * * x", "00:00:00", "a:b:c"]
)
def test_a_schedule_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_schedule(text)


def test_a_schedule_without_a_date_is_refused() -> None:
    with pytest.raises(ValueError, match="never fires"):
        parse_schedule("0 0 0 31 2 *").after(NOON)


@pytest.mark.parametrize(
    ("text", "is_monitored"),
    [("0 * * * * *", True), ("*/2 * * * * *", False), ("00:01:00", True), ("00:00:30", False)],
)
def test_only_schedules_of_a_minute_or_more_are_monitored(text: str, *, is_monitored: bool) -> None:
    assert parse_schedule(text).is_monitored is is_monitored
