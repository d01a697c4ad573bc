"""Requests that are sent again: when, how often, and when not."""

import pytest
import requests

from sync.engine.budget import Limits
from sync.model.errors import ConsentError, RefusedError, RetryLaterError, SetupError
from tests.connectors.kit import (
    CONNECTION,
    DATE,
    QUERY,
    Canned,
    document,
    place,
    refused,
    sample,
)

GOOD = document({"value": [{"id": "1"}]})
REFUSED_401 = Canned(401, sample("bc-error-credentials-401.json"))
THROTTLED = sample("bc-error-too-many-requests-429.json")


def test_a_refused_token_is_replaced_and_the_same_request_sent_once_more() -> None:
    here = place(REFUSED_401, GOOD)
    here.source().page(QUERY, None)
    assert (here.net.tokens, here.net.urls[0]) == (["token-1", "token-2"], here.net.urls[1])


def test_a_second_refusal_is_a_matter_for_a_person() -> None:
    here = place(REFUSED_401, REFUSED_401)
    with pytest.raises(SetupError, match=r"Register and enable the app .* \(Microsoft Entra Applications\)") as caught:
        here.source().page(QUERY, None)
    assert (caught.value.code, len(here.net.token_requests)) == ("CREDENTIALS_REFUSED", 2)


def test_an_app_that_is_never_enabled_costs_one_forced_token_a_call() -> None:
    here = place(*[REFUSED_401] * 6)
    for _ in range(3):
        with pytest.raises(SetupError):
            here.source().page(QUERY, None)
    assert len(here.net.token_requests) == 4


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_source_in_trouble_is_asked_five_times(status: int) -> None:
    here = place(*[refused(status)] * 5)
    with pytest.raises(RetryLaterError):
        here.source().page(QUERY, None)
    assert here.time.waits == [1, 2, 4, 8]


def test_the_fifth_attempt_may_work() -> None:
    here = place(*[refused(503)] * 4, GOOD)
    assert here.source().page(QUERY, None).records == [{"id": "1"}]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (refused(408), "SOURCE_TIMEOUT"),
        (refused(504), "SOURCE_TIMEOUT"),
        (refused(500), "SOURCE_UNAVAILABLE"),
        (refused(503, "Internal_TenantUnavailable"), "SOURCE_UNAVAILABLE"),
        (Canned(200, b'{"value":['), "SOURCE_UNAVAILABLE"),
        (Canned(200, b"<html>maintenance</html>"), "SOURCE_UNAVAILABLE"),
        (Canned(error=requests.exceptions.ReadTimeout()), "SOURCE_TIMEOUT"),
        (Canned(error=requests.exceptions.ConnectionError()), "SOURCE_UNAVAILABLE"),
    ],
)
def test_trouble_that_lasts_is_handed_to_the_workflow(reply: Canned, code: str) -> None:
    with pytest.raises(RetryLaterError) as caught:
        place(*[reply] * 5).source().page(QUERY, None)
    assert (caught.value.code, caught.value.delay) == (code, 16)


@pytest.mark.parametrize("reply", [Canned(200, b'{"value":['), Canned(error=requests.exceptions.ConnectionError())])
def test_a_reply_that_did_not_arrive_whole_is_asked_for_again(reply: Canned) -> None:
    assert place(reply, GOOD).source().page(QUERY, None).records == [{"id": "1"}]


def test_a_retry_after_of_a_503_delays_the_request() -> None:
    here = place(refused(503, Retry_After="9"), GOOD)
    here.source().page(QUERY, None)
    assert here.time.waits == [9.05]


def test_a_retry_after_of_a_503_silences_no_other_request() -> None:
    here = place(refused(503, Retry_After="600"), GOOD)
    with pytest.raises(RetryLaterError) as caught:
        here.source().page(QUERY, None)
    here.source().page(QUERY, None)
    assert (caught.value.delay, here.time.waits) == (600.05, [])


def test_a_retry_after_of_a_429_silences_the_whole_principal() -> None:
    here = place(Canned(429, THROTTLED, {"Retry-After": "600"}))
    with pytest.raises(RetryLaterError):
        here.source().page(QUERY, None)
    with pytest.raises(RetryLaterError) as caught:
        here.source().count("items")
    assert (caught.value.code, len(here.net.sent)) == ("SOURCE_THROTTLED", 1)


def test_a_retry_after_that_is_a_date_counts_from_the_reply_s_own_clock() -> None:
    headers = {"Retry-After": "Mon, 26 Oct 2026 12:00:08 GMT", "Date": DATE}
    here = place(Canned(429, THROTTLED, headers), GOOD)
    here.time.passed = 500.0  # our clock is wrong
    here.source().page(QUERY, None)
    assert here.time.waits == [9]


def test_throttling_without_a_retry_after_is_waited_out_longer_each_time_while_patience_lasts() -> None:
    here = place(*[Canned(429, THROTTLED)] * 5)
    with pytest.raises(RetryLaterError) as caught:
        here.source().page(QUERY, None)
    assert (here.time.waits, caught.value.delay) == ([1, 2, 4, 8], 16)


def test_throttling_does_not_use_up_the_attempts() -> None:
    here = place(*[Canned(429, THROTTLED, {"Retry-After": "1"})] * 10, GOOD)
    here.source().page(QUERY, None)
    assert len(here.net.sent) == 11


def test_throttling_that_asks_for_no_wait_ends_with_the_patience() -> None:
    here = place(*[Canned(429, THROTTLED, {"Retry-After": "0"})] * 1000)
    with pytest.raises(RetryLaterError):
        here.source().page(QUERY, None)
    assert 19 < here.time.passed <= 20


def test_silence_begins_before_another_request_can_take_the_place() -> None:
    here = place(Canned(429, THROTTLED, {"Retry-After": "600"}))
    budget = here.budgets.of(CONNECTION.principal)
    silent: list[bool] = []
    leave = budget.leave

    def look_and_leave() -> None:
        silent.append(budget.pace.silent_until > here.time.monotonic())
        leave()

    budget.leave = look_and_leave  # type: ignore[method-assign]  # looks at the moment itself
    with pytest.raises(RetryLaterError):
        here.source().page(QUERY, None)
    assert silent == [True]


def test_a_slow_failure_leaves_no_patience_for_another_attempt() -> None:
    here = place(refused(504))
    here.net.during = lambda: here.time.sleep(600)
    with pytest.raises(RetryLaterError):
        here.source().page(QUERY, None)
    assert len(here.net.sent) == 1


def test_a_place_is_given_back_whatever_happens() -> None:
    replies = [refused(400), Canned(200, b"[]"), Canned(error=requests.exceptions.InvalidURL()), refused(403)]
    here = place(*replies * 3, GOOD)
    for _ in range(12):
        with pytest.raises((RefusedError, SetupError)):
            here.source().page(QUERY, None)
    assert here.source().page(QUERY, None).records


def test_fifty_good_replies_after_a_throttled_one_raise_the_pace() -> None:
    here = place(refused(429), *[GOOD] * 50)
    for _ in range(50):
        here.source().page(QUERY, None)
    assert here.budgets.of(CONNECTION.principal).pace.allowed == Limits().in_flight // 2 + 1


def test_no_token_for_a_moment_is_waited_for() -> None:
    here = place(GOOD)
    here.net.entra_script = [Canned(503, b"")]
    here.source().page(QUERY, None)
    assert here.time.waits == [2]


def test_no_token_for_longer_is_handed_to_the_workflow() -> None:
    here = place()
    here.net.entra_script = [Canned(503, b"", {"Retry-After": "300"})]
    with pytest.raises(RetryLaterError) as caught:
        here.source().page(QUERY, None)
    assert (caught.value.code, caught.value.delay) == ("SIGN_IN_UNAVAILABLE", 300.05)


def test_a_dead_consent_is_not_tried_again() -> None:
    here = place()
    here.net.entra_script = [Canned(400, sample("entra-error-consent-400.json"))]
    with pytest.raises(ConsentError):
        here.source().page(QUERY, None)
    assert (len(here.net.token_requests), here.net.sent) == (1, [])


def test_neither_body_nor_token_is_in_any_message() -> None:
    body = document({"error": {"code": "BadRequest", "message": "Bearer token-1 eyJplanted.abc.def is bad"}}, 400)
    with pytest.raises(RefusedError) as caught:
        place(body).source().page(QUERY, None)
    assert "token-1" not in caught.value.message
    assert "planted" not in caught.value.message
