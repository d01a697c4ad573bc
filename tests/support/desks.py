"""Desks made of memory stores, for tests without network or disk."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from sync.model.integration import AnyIntegration, Connection, Integration, Kind, Owner, is_supply
from sync.model.secret import Secret
from sync.ports import Chronicle, IntegrationStore, Source
from sync.services.compiling import MappingCompiler
from sync.services.desk import Desk
from sync.services.kinds import OneKind, supplies
from sync.services.policy import Policy
from sync.storage.memory import (
    MemoryIntegrationStore,
    MemoryLeaseStore,
    MemorySecretStore,
    MemoryWatermarkStore,
)
from sync.storage.memory_certificates import MemoryCertificateStore
from sync.storage.memory_chronicle import MemoryConfigStore, MemoryEditStore, MemoryTrailStore
from sync.storage.memory_conflicts import MemoryConflictStore
from sync.storage.memory_identities import MemoryIdentityStore
from sync.storage.memory_mappings import MemoryMappingStore
from sync.storage.memory_records import MemoryRecordStore
from sync.storage.memory_runs import (
    MemoryCheckpointStore,
    MemoryFailureStore,
    MemoryLogStore,
    MemoryRunStore,
    MemoryStageStore,
)
from tests.support.company import COMPANY, VirtualClock

ALICE = Owner("aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-00000000000a")


@dataclass(slots=True)
class CountingIds:
    """Ids that count down, so that newer ones sort first."""

    numbers: Any = field(default_factory=lambda: itertools.count(10**9, -1))

    def new(self, prefix: str) -> str:
        return f"{prefix}_{next(self.numbers):010d}"


@dataclass(frozen=True, slots=True)
class OneSource:
    """Connects every integration to the same source."""

    source: Source
    asked_anew: list[Connection] = field(default_factory=list)

    def open(self, connection: Connection, secret: Secret | None) -> Source:
        return self.source

    def forget_refusal(self, connection: Connection, secret: Secret | None) -> None:
        self.asked_anew.append(connection)


def memory_desk(source: Source, clock: VirtualClock, policy: Policy | None = None) -> Desk:
    """Return a desk with empty memory stores."""
    mappings = MemoryMappingStore()
    return Desk(
        integrations=supplies(MemoryIntegrationStore()),
        secrets=MemorySecretStore(),
        runs=MemoryRunStore(),
        leases=MemoryLeaseStore(),
        watermarks=MemoryWatermarkStore(),
        checkpoints=MemoryCheckpointStore(),
        stages=MemoryStageStore(),
        records=MemoryRecordStore(),
        conflicts=MemoryConflictStore(),
        identities=MemoryIdentityStore(),
        failures=MemoryFailureStore(),
        logs=MemoryLogStore(),
        sources=OneSource(source),
        clock=clock,
        ids=CountingIds(),
        mappings=mappings,
        mapping=MappingCompiler(mappings),
        certificates=MemoryCertificateStore(),
        chronicle=Chronicle(MemoryTrailStore(), MemoryStageStore(), MemoryEditStore(), MemoryConfigStore()),
        policy=policy or Policy(),
    )


def everything(desk: Desk) -> IntegrationStore[AnyIntegration]:
    """Return the store of both kinds that a memory desk sees one kind of."""
    assert isinstance(desk.integrations, OneKind)
    return desk.integrations.everything


def supply(integration: AnyIntegration) -> Integration:
    """Return an integration that must be one with Business Central."""
    assert is_supply(integration)
    return integration


def connected(desk: Desk, **changes: Any) -> Integration:
    """Store an integration with the toy company, and return it."""
    now = desk.clock.now()
    integration = Integration(
        id=desk.ids.new("int"),
        owner=ALICE,
        name="CRONUS",
        kind=Kind.BUSINESS_CENTRAL,
        connection=Connection("tenant", "client", "Production", "secret-1", company_id=COMPANY.id),
        created_at=now,
        updated_at=now,
        **changes,
    )
    return desk.integrations.create(integration)
