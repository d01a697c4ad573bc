"""Every store in both its forms: one suite, run over each."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient

from sync.model.integration import AnyIntegration
from sync.ports import (
    CheckpointStore,
    FailureStore,
    IntegrationStore,
    LeaseStore,
    LogStore,
    MappingStore,
    RecordStore,
    ReplyStore,
    RunStore,
    SecretStore,
    StageStore,
    SubscriptionStore,
    WatermarkStore,
)
from sync.storage.checkpoints import TableCheckpointStore
from sync.storage.connection import blob_service, table_service
from sync.storage.failures import TableFailureStore
from sync.storage.integrations import TableIntegrationStore
from sync.storage.leases import TableLeaseStore
from sync.storage.logs import TableLogStore
from sync.storage.mappings import TableMappingStore
from sync.storage.memory import (
    MemoryIntegrationStore,
    MemoryLeaseStore,
    MemoryReplyStore,
    MemorySecretStore,
    MemoryWatermarkStore,
)
from sync.storage.memory_mappings import MemoryMappingStore
from sync.storage.memory_records import MemoryRecordStore
from sync.storage.memory_runs import (
    MemoryCheckpointStore,
    MemoryFailureStore,
    MemoryLogStore,
    MemoryRunStore,
    MemoryStageStore,
)
from sync.storage.memory_subscriptions import MemorySubscriptionStore
from sync.storage.records import TableRecordStore
from sync.storage.replies import TableReplyStore
from sync.storage.runs import TableRunStore
from sync.storage.secrets import TableSecretStore
from sync.storage.stages import BlobStageStore
from sync.storage.subscriptions import TableSubscriptionStore
from sync.storage.tables import Tables
from sync.storage.watermarks import TableWatermarkStore
from tests.conftest import Azurite

_NUMBERS = count(1)
_KEY = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Stores:
    """All stores of one kind, empty."""

    integrations: IntegrationStore[AnyIntegration]
    secrets: SecretStore
    runs: RunStore
    leases: LeaseStore
    watermarks: WatermarkStore
    checkpoints: CheckpointStore
    stages: StageStore
    records: RecordStore
    logs: LogStore
    failures: FailureStore
    replies: ReplyStore
    mappings: MappingStore
    subscriptions: SubscriptionStore


class FreshTables(Tables):
    """Tables that no other test uses; each is made when it is first named, because making all of them is slow."""

    def __init__(self, service: TableServiceClient, *, prefix: str) -> None:
        super().__init__(service, prefix=prefix)
        self._made: set[str] = set()

    def _name(self, table: str) -> str:
        if table not in self._made:
            self._made.add(table)
            self._create_table(table)
        return super()._name(table)


@pytest.fixture(params=["memory", pytest.param("tables", marks=pytest.mark.azurite)])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Return empty stores, in memory and in Azure Storage."""
    if request.param == "memory":
        return _memory_stores()
    return _azure_stores(request.getfixturevalue("tables"), request.getfixturevalue("stage_store"))


@pytest.fixture(scope="session")
def account(azurite: Azurite) -> Iterator[TableServiceClient]:
    """Return a client of the emulator's tables."""
    with table_service(azurite.connection_string) as service:
        yield service


@pytest.fixture
def tables(account: TableServiceClient) -> Tables:
    """Return tables that no other test uses."""
    return FreshTables(account, prefix=f"t{next(_NUMBERS)}x")


@pytest.fixture(scope="session")
def blobs(azurite: Azurite) -> Iterator[BlobServiceClient]:
    """Return a client of the emulator's blobs."""
    with blob_service(azurite.connection_string) as service:
        yield service


@pytest.fixture
def stage_store(blobs: BlobServiceClient) -> BlobStageStore:
    """Return a stage store with a container that no other test uses."""
    store = BlobStageStore(blobs, container=f"stage-{next(_NUMBERS)}")
    store.create_container()
    return store


def _memory_stores() -> Stores:
    return Stores(
        integrations=MemoryIntegrationStore(),
        secrets=MemorySecretStore(),
        runs=MemoryRunStore(),
        leases=MemoryLeaseStore(),
        watermarks=MemoryWatermarkStore(),
        checkpoints=MemoryCheckpointStore(),
        stages=MemoryStageStore(),
        records=MemoryRecordStore(),
        logs=MemoryLogStore(),
        failures=MemoryFailureStore(),
        replies=MemoryReplyStore(),
        mappings=MemoryMappingStore(),
        subscriptions=MemorySubscriptionStore(),
    )


def _azure_stores(tables: Tables, stages: BlobStageStore) -> Stores:
    return Stores(
        integrations=TableIntegrationStore(tables),
        secrets=TableSecretStore(tables, _KEY),
        runs=TableRunStore(tables),
        leases=TableLeaseStore(tables),
        watermarks=TableWatermarkStore(tables),
        checkpoints=TableCheckpointStore(tables),
        stages=stages,
        records=TableRecordStore(tables),
        logs=TableLogStore(tables),
        failures=TableFailureStore(tables),
        replies=TableReplyStore(tables),
        mappings=TableMappingStore(tables),
        subscriptions=TableSubscriptionStore(tables),
    )
