"""Source records become arrivals, one each, whatever they are."""

from dataclasses import replace
from typing import Any

import pytest

from mapping.compiler import compile_rules
from mapping.presets import preset
from sync.engine.arrivals import arrive
from sync.engine.buckets import record_key
from sync.model.entity import EntityType
from sync.model.record import Arrival, Record
from sync.services.compiling import compiled_preset

MAPPING = compiled_preset(EntityType.SUPPLIERS)
GOOD = {"id": "v-1", "number": "10", "displayName": "Good", "lastModifiedDateTime": "2026-01-05T08:00:00Z"}


def arrived(**changes: Any) -> Arrival:
    (arrival,) = arrive([{**GOOD, **changes}], MAPPING)
    return arrival


def test_an_arrival_tells_its_place_and_its_time() -> None:
    found = arrived()
    assert (found.external_id, found.key, found.modified) == ("v-1", record_key("v-1"), "2026-01-05T08:00:00Z")


@pytest.mark.parametrize(("sent", "kept"), [('W/"1"', 'W/"1"'), (None, None), (7, None)])
@pytest.mark.parametrize("name", ["Good", ""])
def test_an_arrival_tells_the_sources_own_version(name: str, sent: Any, kept: str | None) -> None:
    assert arrived(displayName=name, **{"@odata.etag": sent}).etag == kept


def test_equal_fields_have_equal_hashes() -> None:
    assert arrived().digest == arrived(lastModifiedDateTime="2026-02-01T00:00:00Z").digest


def test_a_changed_field_has_another_hash() -> None:
    assert arrived().digest != arrived(displayName="Other").digest


@pytest.mark.parametrize("modified", [None, 5, ["2026"]])
def test_a_modification_time_that_is_no_text_is_none(modified: Any) -> None:
    assert arrived(lastModifiedDateTime=modified).modified is None


def test_a_record_that_cannot_be_mapped_carries_its_fault_and_no_fields() -> None:
    found = arrived(displayName="")
    assert found.fault is not None
    assert (found.fault.data, found.digest, found.fields) == ({"displayName": ""}, b"", "{}")


@pytest.mark.parametrize("external_id", [None, "", 7])
def test_a_record_without_an_id_is_an_error_with_its_number(external_id: Any) -> None:
    found = arrived(id=external_id)
    assert found.fault is not None
    assert (found.fault.code, found.fault.data) == ("MISSING_ID", {"number": "10"})


def test_records_without_an_id_are_told_apart_by_what_they_hold() -> None:
    ids = {arrived(id=None, displayName=name).external_id for name in ("A", "B", "A")}
    assert len(ids) == 2


def test_a_mapping_without_a_time_of_modification_leaves_it_out() -> None:
    timeless = compile_rules(replace(preset("suppliers"), modified_field=None))
    (found,) = arrive([GOOD], timeless)
    assert found.modified is None


def test_a_record_of_no_source_was_made_by_the_platform() -> None:
    assert (Record("plt_1", {}).platform_made, Record("v-1", {}, source="a/b/c").platform_made) == (True, False)
