"""The storage account as a whole: how it is reached, who may see what, and what its troubles look like."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.core.pipeline import PipelineRequest
from azure.data.tables import TableServiceClient

from sync.model.errors import NotFoundError, RefusedError, RetryLaterError, SyncError
from sync.model.secret import Secret
from sync.ports import FailureFilter, LogFilter, RecordFilter
from sync.storage.checkpoints import TableCheckpointStore
from sync.storage.connection import blob_service, emulator_connection, table_service
from sync.storage.edits import TableEditStore
from sync.storage.failures import TableFailureStore
from sync.storage.integrations import TableIntegrationStore
from sync.storage.leases import TableLeaseStore
from sync.storage.logs import TableLogStore
from sync.storage.records import TableRecordStore
from sync.storage.runs import TableRunStore
from sync.storage.secrets import TableSecretStore
from sync.storage.stages import BlobStageStore
from sync.storage.tables import TABLES, Tables
from sync.storage.trails import TableTrailStore
from sync.storage.transactions import Operation, Verb
from sync.storage.watermarks import TableWatermarkStore
from tests.conftest import Azurite
from tests.contract.conftest import FreshTables
from tests.contract.kit import (
    NOW,
    OWNER,
    PRODUCTS,
    RUN,
    SET,
    SOURCE,
    SUPPLIERS,
    create,
    failure,
    fill,
    integration,
    log,
    run,
)
from tests.contract.test_edits import EDIT
from tests.contract.test_trails import PRINT

pytestmark = pytest.mark.azurite

KEY, OLD_KEY = bytes(range(32)), bytes(32)
NOBODY = emulator_connection({"Blob": 1, "Queue": 1, "Table": 1})


def test_making_the_tables_twice_does_nothing(account: TableServiceClient) -> None:
    tables = Tables(account, prefix="twice")
    tables.create_tables()
    tables.create_tables()
    names = {table.name for table in account.list_tables() if table.name.startswith("twice")}
    assert names == {f"twice{name}" for name in TABLES}


def test_making_the_container_twice_does_nothing(stage_store: BlobStageStore) -> None:
    stage_store.create_container()
    stage_store.put(RUN, "page", b"x")
    assert stage_store.read(RUN, "page", start=0, end=1) == b"x"


def test_every_query_names_its_partition(azurite: Azurite) -> None:
    seen: list[str] = []

    def watch(request: PipelineRequest[Any]) -> None:
        seen.append(request.http_request.url)

    tables = FreshTables(table_service(azurite.connection_string, watch=watch), prefix="watched")
    _use_everything(tables)
    queries = [parse_qs(urlsplit(url).query).get("$filter", [""])[0] for url in seen if "()" in url]
    assert len(queries) > 15
    assert [
        each
        for each in queries
        if "PartitionKey eq '" not in each and "PartitionKey ge '" not in each and "PartitionKey gt '" not in each
    ] == []


def _use_everything(tables: Tables) -> None:
    _use_records(tables)
    _use_integrations(tables)
    _use_runs(tables)
    _use_chronicle(tables)


def _use_chronicle(tables: Tables) -> None:
    trail, edits = TableTrailStore(tables), TableEditStore(tables)
    trail.mark(PRINT)
    edits.note(EDIT)
    assert list(trail.footprints("int-1", SUPPLIERS, after="")) == [PRINT]
    assert list(edits.of_record(SET, "v-1", after="")) == [EDIT]
    edits.prune(SET, before=NOW)
    edits.purge(SET, source=SOURCE)
    trail.prune("int-1", runs=None)


def _use_records(tables: Tables) -> None:
    records = TableRecordStore(tables)
    opened, _ = records.open_set(SET, expected=1)
    fill(records, opened, create("1"))
    records.bucket_rows(opened, 0)
    records.manifests(opened, range(8), source=SOURCE)
    for which in (RecordFilter(), RecordFilter(text="x")):
        records.list(SET, which, cursor=None, limit=1)
    records.purge(SET, source=SOURCE)


def _use_integrations(tables: Tables) -> None:
    integrations = TableIntegrationStore(tables)
    integrations.create(integration(next_run_at=NOW))
    integrations.list(OWNER, cursor=None, limit=1)
    integrations.due(NOW, limit=1)
    TableWatermarkStore(tables).clear("int-1")
    TableLeaseStore(tables).list("run:")


def _use_runs(tables: Tables) -> None:
    runs, logs = TableRunStore(tables), TableLogStore(tables)
    runs.create(run())
    runs.list("int-1", cursor=None, limit=1)
    runs.remove("int-1", runs.ended("int-1", before=NOW))
    logs.append(log())
    logs.list("int-1", LogFilter(), cursor=None, limit=1)
    logs.prune("int-1", before=NOW)
    checkpoints, failures = TableCheckpointStore(tables), TableFailureStore(tables)
    checkpoints.read(RUN, PRODUCTS)
    checkpoints.drop(RUN)
    failures.note("int-1", [failure()])
    failures.open("int-1", PRODUCTS, limit=1)
    failures.list("int-1", FailureFilter(), cursor=None, limit=1)
    failures.of_run(RUN, cursor=None, limit=1)
    failures.prune(RUN)


def test_a_secret_is_stored_in_no_readable_form(tables: Tables) -> None:
    TableSecretStore(tables, KEY).set("name", Secret("open sesame"))
    row = tables.find("Secrets", "name", "value")
    assert row is not None
    assert b"sesame" not in repr(dict(row)).encode() + row["sealed"]


def test_the_same_secret_never_looks_the_same(tables: Tables) -> None:
    store = TableSecretStore(tables, KEY)
    sealed = set()
    for _ in range(2):
        store.set("name", Secret("x"))
        sealed |= {dict(row)["sealed"] for row in tables.query("Secrets", "PartitionKey eq @name", {"name": "name"})}
    assert len(sealed) == 2


def test_an_older_key_still_reads_what_it_wrote(tables: Tables) -> None:
    TableSecretStore(tables, OLD_KEY).set("name", Secret("x"))
    assert TableSecretStore(tables, KEY, OLD_KEY).get("name") == Secret("x")


def test_a_secret_of_an_unknown_key_is_unreadable(tables: Tables) -> None:
    TableSecretStore(tables, OLD_KEY).set("name", Secret("x"))
    with pytest.raises(SyncError) as caught:
        TableSecretStore(tables, KEY).get("name")
    assert caught.value.code == "SECRET_UNREADABLE"


def test_a_secret_moved_to_another_name_is_unreadable(tables: Tables) -> None:
    store = TableSecretStore(tables, KEY)
    store.set("name", Secret("x"))
    tables.put("Secrets", {**(tables.find("Secrets", "name", "value") or {}), "PartitionKey": "other"})
    with pytest.raises(SyncError) as caught:
        store.get("other")
    assert caught.value.code == "SECRET_UNREADABLE"


@pytest.mark.parametrize(
    "use",
    [
        lambda tables: tables.insert("Runs", {"PartitionKey": "p", "RowKey": "r"}),
        lambda tables: list(tables.query("Runs", "PartitionKey eq @p", {"p": "x"})),
        lambda tables: TableWatermarkStore(tables).advance("i", "s", PRODUCTS, NOW),
    ],
)
def test_tables_that_were_never_made_are_refused(account: TableServiceClient, use: Callable[[Tables], object]) -> None:
    with pytest.raises(RefusedError) as caught:
        use(Tables(account, prefix="never"))
    assert caught.value.status == 404


def _unreachable() -> Tables:
    return Tables(table_service(NOBODY, retries=0))


@pytest.mark.parametrize(
    "use",
    [
        lambda tables: tables.find("Runs", "p", "r"),
        lambda tables: tables.put("Runs", {"PartitionKey": "p", "RowKey": "r"}),
        lambda tables: list(tables.query("Runs", "PartitionKey eq @p", {"p": "x"})),
        lambda tables: tables.transact("Runs", [Operation(Verb.INSERT, {"PartitionKey": "p", "RowKey": "r"})]),
    ],
)
def test_an_account_that_cannot_be_reached_may_be_tried_later(use: Callable[[Tables], object]) -> None:
    with pytest.raises(RetryLaterError) as caught:
        use(_unreachable())
    assert caught.value.code == "STORAGE_UNAVAILABLE"


def test_blobs_that_cannot_be_reached_may_be_tried_later() -> None:
    with pytest.raises(RetryLaterError):
        BlobStageStore(blob_service(NOBODY, retries=0)).put(RUN, "page", b"x")


@pytest.fixture
def stranger(azurite: Azurite) -> str:
    """Return a connection string with a wrong key."""
    return azurite.connection_string.replace("Eby8vdM02xN", "AAAAAAAAAAA")


def test_tables_with_a_wrong_key_are_refused(stranger: str) -> None:
    tables = Tables(table_service(stranger))
    with pytest.raises(RefusedError) as caught:
        tables.find("Runs", "p", "r")
    assert (caught.value.code, caught.value.status) == ("STORAGE_REFUSED", 403)


@pytest.mark.filterwarnings("ignore:Testing an element:DeprecationWarning:azure")
def test_queries_and_transactions_with_a_wrong_key_are_refused(stranger: str) -> None:
    tables = Tables(table_service(stranger))
    with pytest.raises(RefusedError):
        list(tables.query("Runs", "PartitionKey eq @p", {"p": "x"}))
    with pytest.raises(RefusedError):
        tables.transact("Runs", [Operation(Verb.INSERT, {"PartitionKey": "p", "RowKey": "r"})])


def test_blobs_with_a_wrong_key_are_refused(stranger: str) -> None:
    stages = BlobStageStore(blob_service(stranger))
    with pytest.raises(RefusedError):
        stages.put(RUN, "page", b"x")
    with pytest.raises(RefusedError):
        stages.create_container()


def test_a_page_of_a_container_that_is_not_there_is_not_found(azurite: Azurite) -> None:
    with pytest.raises(NotFoundError):
        BlobStageStore(blob_service(azurite.connection_string), container="nowhere").put(RUN, "page", b"x")
