"""Manifests, documents and metadata in the columns that tables have."""

from typing import Any

import pytest
from azure.data.tables import TableEntity
from hypothesis import given
from hypothesis import strategies as st

from sync.engine.buckets import record_key
from sync.model.entity import EntityType
from sync.model.manifest import Entry, Manifest, Mark
from sync.model.run import Tally
from sync.storage.documents import read_document, read_text, write_document, write_text
from sync.storage.guard import check_entity
from sync.storage.manifests import read_manifest, write_manifest
from sync.storage.metadata import LONGEST, fit_metadata

KEYS = {"PartitionKey": "p", "RowKey": "r"}
entries = st.dictionaries(
    st.binary(min_size=16, max_size=16),
    st.tuples(st.binary(min_size=8, max_size=8), st.integers(0, 255)),
)


def read_back(columns: dict[str, Any]) -> Manifest:
    row = TableEntity(KEYS | columns)
    row._metadata = {"etag": "1", "timestamp": None}
    return read_manifest(row)


@given(st.text(), entries)
def test_a_packed_manifest_is_read_back(run_id: str, kept: dict[bytes, Entry]) -> None:
    assert read_back(write_manifest(Manifest(run_id, kept))) == Manifest(run_id, kept, "1")


@pytest.mark.parametrize("count", [2621, 2622, 30_000])
def test_a_manifest_of_any_size_fits_a_row(count: int) -> None:
    manifest = Manifest("run-1", {record_key(str(number)): (bytes(8), Mark.NONE) for number in range(count)})
    columns = write_manifest(manifest)
    check_entity(KEYS | columns)
    assert read_back(columns).entries == manifest.entries


@given(st.text(max_size=40_000))
def test_a_long_text_comes_back_from_its_columns(text: str) -> None:
    columns = write_text("body", text)
    check_entity(KEYS | columns)
    assert read_text("body", columns) == text


def test_a_document_comes_back_from_its_columns() -> None:
    assert read_document(Tally, write_document(Tally(read=5))) == Tally(read=5)


def test_metadata_that_fits_is_left_alone() -> None:
    assert fit_metadata({"runId": "r", "entity": EntityType.PRODUCTS}) == {"runId": "r", "entity": "products"}


def test_metadata_without_errors_is_left_alone() -> None:
    assert fit_metadata({"text": "x" * LONGEST})["text"] == "x" * LONGEST


@given(st.integers(1, 400), st.integers(1, 2000))
def test_as_many_errors_as_fit_are_kept(count: int, size: int) -> None:
    metadata = {"errors": ["x" * size] * count}
    kept = fit_metadata(metadata)
    left_out = kept.get("errorsOmitted", 0)
    assert len(kept["errors"]) + left_out == count
    assert left_out == 0 or (len(kept["errors"]) + 1) * (size + 3) > LONGEST - 40
