"""Every store in both its forms: one suite, run over each."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from threading import Lock

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient

from sync.model.integration import AnyIntegration
from sync.ports import (
    CertificateStore,
    CheckpointStore,
    ConfigStore,
    ConflictStore,
    DeliveryStore,
    EditStore,
    EndpointStore,
    EntityMappingStore,
    FailureStore,
    IdentityStore,
    InboxStore,
    IntegrationStore,
    LeaseStore,
    LinkStore,
    ListenerStore,
    LogStore,
    MappingStore,
    RecordStore,
    ReplyStore,
    RunStore,
    SecretStore,
    StageStore,
    SubscriptionStore,
    TrailStore,
    WatermarkStore,
)
from sync.storage.certificates import BlobCertificateStore
from sync.storage.checkpoints import TableCheckpointStore
from sync.storage.config_changes import TableConfigStore
from sync.storage.conflicts import TableConflictStore
from sync.storage.connection import blob_service, table_service
from sync.storage.edits import TableEditStore
from sync.storage.entity_mappings import TableEntityMappingStore
from sync.storage.failures import TableFailureStore
from sync.storage.identities import TableIdentityStore
from sync.storage.inbox import RINGERS, TableInboxStore, TableListenerStore
from sync.storage.integrations import TableIntegrationStore
from sync.storage.leases import TableLeaseStore
from sync.storage.links import TableLinkStore
from sync.storage.logs import TableLogStore
from sync.storage.mappings import TableMappingStore
from sync.storage.memory import (
    MemoryIntegrationStore,
    MemoryLeaseStore,
    MemoryReplyStore,
    MemorySecretStore,
    MemoryWatermarkStore,
)
from sync.storage.memory_certificates import MemoryCertificateStore
from sync.storage.memory_chronicle import MemoryConfigStore, MemoryEditStore, MemoryTrailStore
from sync.storage.memory_conflicts import MemoryConflictStore
from sync.storage.memory_identities import MemoryIdentityStore
from sync.storage.memory_inbox import MemoryInboxStore, MemoryListenerStore
from sync.storage.memory_links import MemoryEntityMappingStore, MemoryLinkStore
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
from sync.storage.memory_webhooks import MemoryDeliveryStore, MemoryEndpointStore
from sync.storage.records import TableRecordStore
from sync.storage.replies import TableReplyStore
from sync.storage.runs import TableRunStore
from sync.storage.secrets import TableSecretStore
from sync.storage.stages import BlobStageStore
from sync.storage.subscriptions import TableSubscriptionStore
from sync.storage.tables import Tables
from sync.storage.trails import TableTrailStore
from sync.storage.watermarks import TableWatermarkStore
from sync.storage.webhooks import TableDeliveryStore, TableEndpointStore
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
    conflicts: ConflictStore
    identities: IdentityStore
    certificates: CertificateStore
    trail: TrailStore
    edits: EditStore
    config: ConfigStore
    entity_mappings: EntityMappingStore
    links: LinkStore
    listeners: ListenerStore
    ringers: ListenerStore
    inbox: InboxStore
    endpoints: EndpointStore
    deliveries: DeliveryStore


class FreshTables(Tables):
    """Tables that no other test uses; each is made when it is first named, because making all of them is slow."""

    def __init__(self, service: TableServiceClient, *, prefix: str) -> None:
        super().__init__(service, prefix=prefix)
        self._made: set[str] = set()
        self._lock = Lock()

    def _name(self, table: str) -> str:
        with self._lock:
            if table not in self._made:
                self._create_table(table)
                self._made.add(table)
        return super()._name(table)


@pytest.fixture(params=["memory", pytest.param("tables", marks=pytest.mark.azurite)])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Return empty stores, in memory and in Azure Storage."""
    if request.param == "memory":
        return _memory_stores()
    needed = (request.getfixturevalue(name) for name in ("tables", "stage_store", "certificate_store"))
    return _azure_stores(*needed)


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


@pytest.fixture
def certificate_store(blobs: BlobServiceClient) -> BlobCertificateStore:
    """Return a certificate store with a container that no other test uses."""
    store = BlobCertificateStore(blobs, container=f"certificates-{next(_NUMBERS)}")
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
        conflicts=MemoryConflictStore(),
        identities=MemoryIdentityStore(),
        certificates=MemoryCertificateStore(),
        trail=MemoryTrailStore(),
        edits=MemoryEditStore(),
        config=MemoryConfigStore(),
        entity_mappings=MemoryEntityMappingStore(),
        links=MemoryLinkStore(),
        listeners=MemoryListenerStore(),
        ringers=MemoryListenerStore(),
        inbox=MemoryInboxStore(),
        endpoints=MemoryEndpointStore(),
        deliveries=MemoryDeliveryStore(),
    )


def _azure_stores(tables: Tables, stages: BlobStageStore, certificates: BlobCertificateStore) -> Stores:
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
        conflicts=TableConflictStore(tables),
        identities=TableIdentityStore(tables),
        certificates=certificates,
        trail=TableTrailStore(tables),
        edits=TableEditStore(tables),
        config=TableConfigStore(tables),
        entity_mappings=TableEntityMappingStore(tables),
        links=TableLinkStore(tables),
        listeners=TableListenerStore(tables),
        ringers=TableListenerStore(tables, part=RINGERS),
        inbox=TableInboxStore(tables),
        endpoints=TableEndpointStore(tables),
        deliveries=TableDeliveryStore(tables),
    )
