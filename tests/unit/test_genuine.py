"""Notices of Oneflow: genuine or forged, and what they say."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from sync.engine.genuine import EVENTS, OneflowNotice, digest, is_same, read_notice, rest_after, signature_of

SAMPLES = Path(__file__).parents[1] / "sandbox" / "samples"
DOCUMENTED = "eaf850991bb7c273a56dcdeb265d30006fdc9de0"


def sample(name: str) -> Any:
    return orjson.loads((SAMPLES / name).read_bytes())


def test_the_documented_notice_is_signed_as_documented() -> None:
    told = sample("oneflow-webhook-notice.json")
    assert told["signature"] == signature_of(DOCUMENTED, "test-sign-key") == "8d3429c96a8174f1d8527c45a06adb8eb3b7c210"


@pytest.mark.parametrize(
    ("name", "contract"), [("oneflow-webhook-notice.json", 101), ("oneflow-webhook-notice-two-events.json", 51874)]
)
def test_a_notice_names_its_contract(name: str, contract: int) -> None:
    told = sample(name)
    assert read_notice(told) == OneflowNotice(told["callback_id"], told["signature"], contract)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {},
        {"callback_id": 5, "signature": "s"},
        {"callback_id": "a"},
        {"callback_id": "a", "signature": None},
        {"callback_id": "", "signature": "s"},
        {"callback_id": "a/b", "signature": "s"},
        {"callback_id": "a" * 129, "signature": "s"},
    ],
)
def test_what_has_no_id_or_no_signature_is_no_notice(document: object) -> None:
    assert read_notice(document) is None


@pytest.mark.parametrize("contract", [None, 5, {}, {"id": "101"}, {"id": True}, {"id": 0}, {"id": 2**63}])
def test_a_notice_may_name_no_contract(contract: object) -> None:
    assert read_notice({"callback_id": "a", "signature": "s", "contract": contract}) == OneflowNotice("a", "s", None)


def test_words_are_compared_whatever_they_consist_of() -> None:
    assert is_same("å\ud800", "å\ud800")
    assert not is_same("", "å")
    assert len(digest("\ud800")) == 64


def test_an_errand_rests_longer_each_time_but_never_more_than_a_quarter_of_an_hour() -> None:
    rests = [rest_after(attempt) for attempt in range(1, 99)]
    assert rests[:3] == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
    assert rests == sorted(rests)
    assert rests[-1] == timedelta(minutes=15)


def test_oneflow_takes_as_many_events_as_are_asked_for() -> None:
    assert len(EVENTS) == len(set(EVENTS)) <= 50
    assert {"data_field:update", "contract:sign", "contract:lifecycle_state:start"} <= set(EVENTS)
