"""Values to JSON-safe data and back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.codec import from_wire, time_text, time_value, to_wire
from sync.model.checkpoint import GroupResult, Plan, Range, StagedPage
from sync.model.entity import EntityType
from sync.model.integration import Connection, Grant, Integration, Kind, Owner, Status
from sync.model.log import Action, LogEntry, LogStatus
from sync.model.record import Failure, Record, RecordFault, SyncStatus
from sync.model.run import Run, RunFailure, RunKind, RunStatus, RunTrigger, Tally, Window
from sync.model.secret import Secret
from sync.ports import Page, Reply

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

zones = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])
times = st.datetimes(datetime(2, 1, 1), timezones=zones)  # noqa: DTZ001 - bounds are naive by contract
texts = st.text(max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, json_values, max_size=3)
entities = st.sampled_from(EntityType)
tallies = st.builds(Tally, *([st.integers(0, 9)] * 6))
faults = st.builds(RecordFault, texts, texts, objects)
values = st.one_of(
    st.builds(
        Run,
        id=texts,
        integration_id=texts,
        kind=st.sampled_from(RunKind),
        trigger=st.sampled_from(RunTrigger),
        entities=st.lists(entities).map(tuple),
        queued_at=times,
        status=st.sampled_from(RunStatus),
        window=st.builds(Window, st.none() | times, st.none() | times),
        totals=st.dictionaries(entities, tallies),
        error=st.none() | st.builds(RunFailure, texts, texts, st.booleans()),
    ),
    st.builds(
        Integration,
        id=texts,
        owner=st.builds(Owner, texts, texts),
        name=texts,
        kind=st.sampled_from(Kind),
        connection=st.builds(Connection, texts, texts, texts, texts, grant=st.sampled_from(Grant)),
        created_at=times,
        updated_at=times,
        status=st.sampled_from(Status),
        resumes_as=st.sampled_from(Status),
        next_run_at=st.none() | times,
        settings=objects,
    ),
    st.builds(
        Record, texts, objects, st.sampled_from(SyncStatus), pinned=st.lists(texts).map(tuple), fault=st.none() | faults
    ),
    st.builds(Failure, entities, texts, faults, texts, st.integers(1, 9), times, times),
    st.builds(
        LogEntry,
        texts,
        texts,
        st.none() | texts,
        st.sampled_from(Action),
        st.sampled_from(LogStatus),
        st.integers(0, 2**53),
        times,
        objects,
    ),
    st.builds(
        StagedPage,
        entities,
        *([st.integers(0, 9)] * 3),
        texts,
        st.integers(0, 2**53),
        st.lists(st.integers(0, 2**53)).map(tuple),
    ),
    st.builds(GroupResult, entities, st.integers(0, 2**53), tallies),
    st.builds(Range, entities, st.integers(0, 2**53), st.none() | texts, st.none() | texts),
    st.builds(Reply, st.integers(200, 599), st.dictionaries(texts, texts), texts),
)


@dataclass(frozen=True, slots=True)
class Sealed:
    secret_value: Secret


@given(values)
def test_whatever_goes_on_the_wire_comes_back(value: Any) -> None:
    assert from_wire(type(value), to_wire(value)) == value


@given(values)
def test_what_goes_on_the_wire_is_json(value: Any) -> None:
    assert orjson.loads(orjson.dumps(to_wire(value), option=orjson.OPT_PASSTHROUGH_DATACLASS)) == to_wire(value)


@given(times)
def test_a_time_comes_back_to_the_microsecond(moment: datetime) -> None:
    assert time_value(time_text(moment)) == moment


def test_a_time_is_read_in_small_letters_too() -> None:
    assert time_value("2026-03-01t12:00:00z") == NOW


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOW, "2026-03-01T12:00:00Z"),
        (NOW.replace(microsecond=1200), "2026-03-01T12:00:00.001200Z"),
        (datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))), "2026-03-01T10:00:00Z"),
    ],
)
def test_a_time_is_written_in_utc(moment: datetime, text: str) -> None:
    assert to_wire(moment) == text


@pytest.mark.parametrize("text", ["2026-03-01T12:00:00", "yesterday", ""])
def test_a_text_that_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"zone|format"):
        from_wire(datetime, text)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        to_wire({"at": NOW.replace(tzinfo=None)})


def test_members_are_written_in_camel_case() -> None:
    assert to_wire(Plan(EntityType.PRODUCTS, NOW, None, True, 5, 8, 2, "s", True, 100)) == {
        "entity": "products",
        "startedAt": "2026-03-01T12:00:00Z",
        "since": None,
        "everything": True,
        "expected": 5,
        "buckets": 8,
        "groups": 2,
        "source": "s",
        "movesWatermark": True,
        "pageSize": 100,
        "firstRun": False,
        "recount": None,
        "largestLoss": 1.0,
        "filter": None,
    }


def test_keys_of_free_data_are_left_as_they_are() -> None:
    assert to_wire(RecordFault("a", "b", {"snake_case": (1,)}))["data"] == {"snake_case": [1]}


def test_sets_are_written_in_order() -> None:
    assert to_wire(frozenset({"b", "a"})) == to_wire({"b", "a"}) == ["a", "b"]


def test_a_page_of_values_is_written_whole() -> None:
    page = Page((Range(EntityType.PRODUCTS, 1),), "next")
    assert to_wire(page)["items"][0]["entity"] == "products"


def test_unknown_members_are_ignored_and_absent_ones_take_their_defaults() -> None:
    assert from_wire(Range, {"entity": "products", "index": 1, "news": 1}) == Range(EntityType.PRODUCTS, 1)


def test_a_missing_member_without_default_is_refused() -> None:
    with pytest.raises(KeyError):
        from_wire(Range, {"entity": "products"})


def test_an_unknown_enum_value_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        from_wire(SyncStatus, "nonsense")


@pytest.mark.parametrize("closed", [Secret("x"), b"x"])
def test_secrets_and_bytes_do_not_go_on_the_wire(closed: Any) -> None:
    with pytest.raises(TypeError, match="wire"):
        to_wire([closed])


def test_a_secret_does_not_come_from_the_wire() -> None:
    with pytest.raises(TypeError, match="Secret"):
        from_wire(Sealed, {"secretValue": "x"})
