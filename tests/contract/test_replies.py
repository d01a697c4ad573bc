"""ReplyStore, in memory and in tables."""

from datetime import timedelta

import pytest

from sync.model.errors import InvalidError, StateError
from sync.ports import Reply
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, OWNER, STRANGER

REPLY = Reply(201, {"Location": "/api/x"}, '{"id": "å"}')
KEY = "any key / of ? a # client"


def test_a_new_key_is_free(stores: Stores) -> None:
    assert stores.replies.begin(OWNER, KEY, digest="d", now=NOW) is None


def test_a_running_request_is_told_so(stores: Stores) -> None:
    stores.replies.begin(OWNER, KEY, digest="d", now=NOW)
    with pytest.raises(StateError) as caught:
        stores.replies.begin(OWNER, KEY, digest="d", now=NOW)
    assert caught.value.code == "IDEMPOTENCY_IN_PROGRESS"


def test_a_finished_request_is_answered_again(stores: Stores) -> None:
    stores.replies.begin(OWNER, KEY, digest="d", now=NOW)
    stores.replies.finish(OWNER, KEY, REPLY)
    assert stores.replies.begin(OWNER, KEY, digest="d", now=NOW + HOUR) == REPLY


def test_a_long_answer_is_kept_whole(stores: Stores) -> None:
    long = Reply(200, {}, "ø" * 70_000)
    stores.replies.begin(OWNER, KEY, digest="d", now=NOW)
    stores.replies.finish(OWNER, KEY, long)
    assert stores.replies.begin(OWNER, KEY, digest="d", now=NOW) == long


def test_another_request_with_the_key_is_refused(stores: Stores) -> None:
    stores.replies.begin(OWNER, KEY, digest="d", now=NOW)
    with pytest.raises(InvalidError) as caught:
        stores.replies.begin(OWNER, KEY, digest="e", now=NOW)
    assert caught.value.code == "IDEMPOTENCY_KEY_REUSED"


def test_another_caller_may_use_the_same_key(stores: Stores) -> None:
    stores.replies.begin(OWNER, KEY, digest="d", now=NOW)
    assert stores.replies.begin(STRANGER, KEY, digest="e", now=NOW) is None


def test_a_day_later_the_key_is_free(stores: Stores) -> None:
    stores.replies.begin(OWNER, KEY, digest="d", now=NOW)
    stores.replies.finish(OWNER, KEY, REPLY)
    assert stores.replies.begin(OWNER, KEY, digest="e", now=NOW + 24 * HOUR) is None


def test_a_request_that_never_ends_gives_its_key_free(stores: Stores) -> None:
    stores.replies.begin(OWNER, KEY, digest="d", now=NOW)
    assert stores.replies.begin(OWNER, KEY, digest="d", now=NOW + timedelta(minutes=10)) is None


def test_an_abandoned_key_is_free(stores: Stores) -> None:
    stores.replies.begin(OWNER, KEY, digest="d", now=NOW)
    stores.replies.abandon(OWNER, KEY)
    stores.replies.abandon(OWNER, KEY)
    assert stores.replies.begin(OWNER, KEY, digest="e", now=NOW) is None


def test_an_answer_without_a_reservation_is_not_kept(stores: Stores) -> None:
    stores.replies.finish(OWNER, KEY, REPLY)
    assert stores.replies.begin(OWNER, KEY, digest="d", now=NOW) is None
