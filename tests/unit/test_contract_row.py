"""What the row of a contract shows, event by event."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sync.engine.contract_row import times_after_deletion, times_of
from sync.model.contract_life import Life

SENT = "2026-05-04T10:00:00+0000"
MOVED = "2026-05-06T12:30:00+00:00"
EXPIRES = "2026-06-03T10:00:00Z"
STARTS, ENDS, PERIOD_ENDS = "2026-06-01T00:00:00+00:00", "2027-06-01T00:00:00+00:00", "2027-05-01T00:00:00+00:00"


def life(**more: Any) -> Life:
    return Life(**{"published": SENT, "moved": MOVED, "expires": EXPIRES, **more})


def shown(state: str, course: str | None = "awaiting", **more: Any) -> set[str]:
    return {name.removeprefix("of_") for name, at in times_of(state, course, life(**more)).items() if at is not None}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_draft_shows_no_times() -> None:
    assert set(times_of("draft", None, Life(moved=MOVED)).values()) == {None}


def test_a_contract_that_was_published_shows_when_it_was_sent_and_when_it_expires() -> None:
    told = times_of("pending", "awaiting", life())
    assert (told["of_senton"], told["of_expireson"]) == (at(SENT), at(EXPIRES))
    assert shown("pending") == {"senton", "expireson"}


def test_a_signed_contract_shows_when_it_was_signed_and_expires_no_more() -> None:
    assert times_of("signed", "active", life())["of_signdate"] == at(MOVED)
    assert shown("signed") == {"senton", "signdate"}


def test_a_declined_contract_shows_when_it_was_declined() -> None:
    assert times_of("declined", None, life())["of_declinedon"] == at(MOVED)
    assert shown("declined") == {"senton", "declinedon"}


@pytest.mark.parametrize(("expires", "shows"), [(EXPIRES, EXPIRES), (None, MOVED)])
def test_an_expired_contract_shows_when_its_time_was_over(expires: str | None, shows: str) -> None:
    assert times_of("overdue", None, life(expires=expires))["of_expiredon"] == at(shows)


def test_a_contract_that_was_revived_has_not_expired() -> None:
    assert shown("pending", expires=None) == {"senton"}


def test_a_contract_whose_signatures_were_taken_back_is_not_signed() -> None:
    assert times_of("pending", "awaiting", life())["of_signdate"] is None


def test_a_contract_with_one_period_shows_until_when_it_is_active() -> None:
    told = times_of("signed", "active", life(starts=STARTS, period_ends=PERIOD_ENDS))
    assert (told["of_startson"], told["of_activeuntil"]) == (at(STARTS), at(PERIOD_ENDS))
    assert told["of_renewsdate"] is None


def test_the_end_of_a_contract_goes_before_that_of_its_period() -> None:
    told = times_of("signed", "active", life(ends=ENDS, period_ends=PERIOD_ENDS))
    assert (told["of_activeuntil"], told["of_endedon"]) == (at(ENDS), None)


def test_a_recurring_contract_renews_and_has_no_end() -> None:
    told = times_of("signed", "active", life(period_ends=PERIOD_ENDS, recurring=True))
    assert (told["of_renewsdate"], told["of_activeuntil"]) == (at(PERIOD_ENDS), None)


def test_a_canceled_contract_renews_no_more() -> None:
    told = times_of("signed", "active", life(period_ends=PERIOD_ENDS, recurring=True, canceled=MOVED))
    assert (told["of_renewsdate"], told["of_activeuntil"]) == (None, at(PERIOD_ENDS))
    assert told["of_canceledon"] == at(MOVED)


def test_an_ended_contract_shows_its_end_and_renews_no_more() -> None:
    told = times_of("signed", "ended", life(ends=ENDS, recurring=True))
    assert (told["of_endedon"], told["of_renewsdate"]) == (at(ENDS), None)


def test_a_deleted_contract_keeps_what_has_happened() -> None:
    assert times_after_deletion() == {"of_expireson": None, "of_activeuntil": None, "of_renewsdate": None}


@pytest.mark.parametrize(
    ("told", "means"),
    [
        ("2026-05-04T12:00:00.25+02:00", SENT),
        ("2026-05-04T10:00:00", SENT),
        ("2026-05-04", "2026-05-04T00:00:00Z"),
    ],
)
def test_times_are_in_utc_to_the_second(told: str, means: str) -> None:
    assert times_of("pending", None, Life(published=told))["of_senton"] == at(means)


def test_what_is_no_time_is_none() -> None:
    assert times_of("pending", None, Life(published="soon"))["of_senton"] is None
