"""What a run's steps work with, and the small questions that each of them asks first."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from mapping.compiler import CompiledMapping
from sync.model.checkpoint import RunKey
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.errors import NotFoundError, StaleRecordError
from sync.model.integration import Integration, Status
from sync.model.record import SetKey
from sync.model.run import Run, RunFailure
from sync.ports import (
    CertificateStore,
    CheckpointStore,
    Chronicle,
    Clock,
    ConfigStore,
    ConflictStore,
    FailureStore,
    IdentityStore,
    Ids,
    IntegrationStore,
    LeaseStore,
    LogStore,
    MappingStore,
    RecordStore,
    RunStore,
    SecretStore,
    Source,
    Sources,
    StageStore,
    WatermarkStore,
)
from sync.services.outbox import Outbox, Silence
from sync.services.policy import Policy

TRIES = 8
"""How often something is decided anew and written again when somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that runs are worked on with."""

    integrations: IntegrationStore
    secrets: SecretStore
    runs: RunStore
    leases: LeaseStore
    watermarks: WatermarkStore
    checkpoints: CheckpointStore
    stages: StageStore
    records: RecordStore
    conflicts: ConflictStore
    identities: IdentityStore
    failures: FailureStore
    logs: LogStore
    sources: Sources
    clock: Clock
    ids: Ids
    mappings: MappingStore
    mapping: Callable[[Run, EntityType], CompiledMapping]
    """Gives the mapping that a run has pinned, ready for use."""
    certificates: CertificateStore
    chronicle: Chronicle
    policy: Policy = field(default_factory=Policy)
    outbox: Outbox = field(default_factory=Silence)
    """Where events are left for webhook endpoints."""

    @property
    def config(self) -> ConfigStore:
        """The trail of changes of configuration."""
        return self.chronicle.config


@dataclass(frozen=True, slots=True)
class Job:
    """One step of a run, as the workflow hands it out; `index` is a range or a group."""

    integration_id: str
    run_id: str
    entity: EntityType | None = None
    index: int = 0
    last_try: bool = False
    """Whether the workflow is tired of waiting: trouble that may pass counts as failure now."""

    @property
    def key(self) -> RunKey:
        """The run, as stores address it."""
        return RunKey(self.integration_id, self.run_id)


class State(StrEnum):
    """What a step came to."""

    MORE = "more"
    DONE = "done"
    WAIT = "wait"
    HELD = "held"
    """Nothing more is written until somebody approves it."""
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """What a step came to, small enough for the workflow's history."""

    state: State
    wait: float = 0.0
    """Seconds that must pass before the next try."""
    ranges: tuple[int, ...] = ()
    groups: int = 0
    entities: tuple[EntityType, ...] = ()
    failure: RunFailure | None = None
    standing: Status | None = None
    """The status that the failure puts the integration in, if it does."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A run under work: loaded, alive and with its source at hand."""

    run: Run
    integration: Integration
    source: Source

    def set_key(self, entity: EntityType) -> SetKey:
        """Return the set that the run's records of this type are kept in."""
        return SetKey(self.integration.owner.user_id, EXTERNAL_SYSTEM, entity)


def lease_key(integration_id: str) -> str:
    """Return the key of the lease that one active run of an integration holds."""
    return f"run_{integration_id}"


def source_of(desk: Desk, integration: Integration) -> Source:
    """Return what an integration reads from, opened with its secret as it is now."""
    return desk.sources.open(integration.connection, desk.secrets.get(integration.connection.secret_name))


def sit_down(desk: Desk, job: Job) -> Bench:
    """Load the run, show a sign of life for it, and open its source.

    Raises:
        NotFoundError: The run or its integration is gone.
    """
    run = desk.runs.get(job.integration_id, job.run_id)
    integration = desk.integrations.find(job.integration_id)
    if run is None or integration is None:
        raise NotFoundError("The run's integration is gone")
    until = desk.clock.now() + desk.policy.lease
    desk.leases.renew(lease_key(job.integration_id), job.run_id, until=until)
    return Bench(run, integration, source_of(desk, integration))


def is_cancelled(desk: Desk, job: Job) -> bool:
    """Return whether someone has asked the run to stop, as of now."""
    run = desk.runs.get(job.integration_id, job.run_id)
    return run is not None and run.cancel_requested


def save_run(desk: Desk, run: Run, change: Callable[[Run], Run]) -> Run:
    """Change a run that others may change, too: read again and change again until it holds.

    Raises:
        NotFoundError: The run is gone.
    """
    current = run
    while True:
        try:
            return desk.runs.save(change(current))
        except StaleRecordError:
            found = desk.runs.get(run.integration_id, run.id)
            if found is None:
                raise NotFoundError("The run is gone") from None
            current = found


def pin_company(integration: Integration, company_id: str, company_name: str) -> Integration:
    """Return the integration with its company fixed, so that it is never swapped for another in silence."""
    connection = replace(integration.connection, company_id=company_id, company_name=company_name)
    return replace(integration, connection=connection)
