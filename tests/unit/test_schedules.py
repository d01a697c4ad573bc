"""Six-field NCRONTAB schedules, as the Functions host reads them."""

from datetime import UTC, datetime, timedelta

import pytest

from sync.engine.schedule import check, jitter, next_after, upcoming

MOMENT = datetime(2026, 1, 31, 12, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "upcoming"),
    [
        ("0 */15 * * * *", datetime(2026, 1, 31, 12, 15, tzinfo=UTC)),
        ("10/20 * * * * *", MOMENT + timedelta(seconds=3)),
        ("0 30 9 * Feb Mon", datetime(2026, 2, 2, 9, 30, tzinfo=UTC)),
        ("0 0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
        ("0 0 0 1,15 * *", datetime(2026, 2, 1, tzinfo=UTC)),
        ("0 0 6-8 * * 0", datetime(2026, 2, 1, 6, tzinfo=UTC)),
        ("0 0 0 13 * 5", datetime(2026, 2, 13, tzinfo=UTC)),
    ],
)
def test_a_schedule_has_its_next_time(schedule: str, upcoming: datetime) -> None:
    assert (check(schedule), next_after(schedule, MOMENT)) == (None, upcoming)


def test_the_upcoming_times_follow_each_other() -> None:
    found = upcoming("0 0 9 * * Mon", MOMENT, 2)
    assert found == (datetime(2026, 2, 2, 9, tzinfo=UTC), datetime(2026, 2, 9, 9, tzinfo=UTC))


def test_the_next_time_is_later_than_a_time_of_the_schedule() -> None:
    assert next_after("0 0 * * * *", MOMENT.replace(second=0)) == datetime(2026, 1, 31, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "complaint"),
    [
        ("", "six fields"),
        ("*/15 * * * *", "not 5"),
        ("0 0 0 * * * 2026", "not 7"),
        ("@daily", "six fields"),
        ("0 0 0 ? * *", "numbers and"),
        ("0 0 0 * * 5#2", "numbers and"),
        ("0 0 0 * * 7", "0 (Sunday) to 6"),
        ("0 0 0 * * 1-7", "0 (Sunday) to 6"),
        ("60 * * * * *", "not a schedule"),
        ("0 0 24 * * *", "not a schedule"),
        ("0 0 0 0 * *", "not a schedule"),
        ("0 0 0 * 13 *", "not a schedule"),
        ("0 0 0 30 2 *", "not a schedule"),
        ("0 */0 * * * *", "not a schedule"),
        ("0 0 0 * * Someday", "numbers and"),
        ("0 H * * * *", "numbers and"),
        ("0 -1 * * * *", "not a schedule"),
    ],
)
def test_what_the_functions_host_refuses_is_refused_with_a_reason(schedule: str, complaint: str) -> None:
    assert complaint in str(check(schedule))


@pytest.mark.parametrize("schedule", ["0 0 0 * * */7", "0 0 0 * * 1/7"])
def test_a_step_of_the_weekdays_is_no_weekday(schedule: str) -> None:
    assert check(schedule) is None


@pytest.mark.parametrize("schedule", ["0 R * * * *", "R R R * * *", "0 0 0 L * *", "0 0 0 * * L5"])
def test_words_that_only_croniter_knows_are_refused(schedule: str) -> None:
    assert check(schedule) is not None


@pytest.mark.untraced
@pytest.mark.parametrize(("schedule", "longest"), [("* * * * * *", 0.1), ("0 * * * * *", 6), ("0 0 0 * * *", 30)])
def test_the_delay_of_a_start_is_at_most_a_tenth_of_the_interval_and_half_a_minute(
    schedule: str, longest: float
) -> None:
    delays = [jitter(f"int_{number}", schedule, MOMENT).total_seconds() for number in range(200)]
    assert 0 <= min(delays) < max(delays) < longest
