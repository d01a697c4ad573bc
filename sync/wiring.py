"""Puts the hub together: the only place that knows services, stores and connectors at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import orjson
from azure.core.credentials import TokenCredential
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient

from sync.connectors.budget import DATAVERSE, ONEFLOW, Budgets
from sync.connectors.business_central import BusinessCentralSources
from sync.connectors.consents import EntraConsents
from sync.connectors.dataverse import DataverseOrganizations
from sync.connectors.entra import TOKEN_TIMEOUTS, Entra
from sync.connectors.exchange import Means
from sync.connectors.http import Web
from sync.connectors.oneflow import OneflowAccounts
from sync.connectors.subscriptions import BusinessCentralSubscribers
from sync.connectors.tokens import EntraTokens, Shared
from sync.connectors.webhooks import WebhookSender
from sync.edge import SystemChance, SystemClock, SystemIds, SystemWaiter, new_trace_id, new_word
from sync.model.checkpoint import RunKey
from sync.model.errors import RetryLaterError
from sync.model.integration import AnyIntegration
from sync.ports import Chronicle, IntegrationStore, LeaseStore, LogStore, SecretStore
from sync.services.bridge_desk import BridgeDesk
from sync.services.compiling import MappingCompiler
from sync.services.consents import Consents
from sync.services.desk import Desk
from sync.services.doors import plain_door
from sync.services.endpoints import Webhooks
from sync.services.integrations import Integrations
from sync.services.kinds import bridges, supplies
from sync.services.listening import Gate, Listening
from sync.services.outbox import Dispatch
from sync.services.posting import Mail, Postman
from sync.services.realtime import Realtime
from sync.settings import Auth, Settings, Storage, Upstreams
from sync.storage.certificates import BlobCertificateStore
from sync.storage.checkpoints import TableCheckpointStore
from sync.storage.config_changes import TableConfigStore
from sync.storage.conflicts import TableConflictStore
from sync.storage.connection import blob_service, table_service
from sync.storage.custody import CustodySecretStore
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
from sync.storage.records import TableRecordStore
from sync.storage.replies import TableReplyStore
from sync.storage.runs import TableRunStore
from sync.storage.sealing import SealedSecretStore
from sync.storage.secrets import TableSecretStore
from sync.storage.stages import BlobStageStore
from sync.storage.subscriptions import TableSubscriptionStore
from sync.storage.tables import Tables
from sync.storage.trails import TableTrailStore
from sync.storage.watermarks import TableWatermarkStore
from sync.storage.webhooks import TableDeliveryStore, TableEndpointStore
from sync.triggers.auth import Trust, Verifier
from sync.triggers.bridge_bodies import Allowed
from sync.triggers.hub import Hub

_KEY_TIMEOUTS = (3.0, 5.0)
_HASTY = (3.0, 10.0)
"""Seconds to connect and to read: Business Central calls the hub for up to five of them before it answers."""
_HASTE = 5.0
_SALES = (10.0, 120.0)
"""Seconds to connect and to read for bridges: less than the turn in which a contract is made (sync.services.births)."""
_OK = 200
_PROBE = "probe"


def build_hub(settings: Settings, vault: Callable[[str], SecretStore] | None = None) -> Hub:
    """Return a hub on the account of the settings, with its tables and containers made.

    `vault` may say how the vault at an address is reached, if not by the app's managed identity.

    Raises:
        RetryLaterError: The account cannot be reached (STORAGE_UNAVAILABLE).
    """
    table_client, blob_client = _services(settings.storage)
    tables, stages = Tables(table_client), BlobStageStore(blob_client)
    journals = BlobStageStore(blob_client, container="hub-journal")
    tables.create_tables()
    certificates = BlobCertificateStore(blob_client)
    stages.create_container()
    certificates.create_container()
    journals.create_container()
    secrets, leases = _secrets(settings, tables, vault or _vault), TableLeaseStore(tables)
    mappings = TableMappingStore(tables)
    clock, ids, upstreams = SystemClock(), SystemIds(), settings.upstreams
    service = _Service.of(upstreams, secrets, leases)
    directory, logs = TableIntegrationStore(tables), TableLogStore(tables)
    webhooks = _webhooks(settings, tables, secrets, logs)
    desk = Desk(
        integrations=supplies(directory),
        secrets=secrets,
        runs=TableRunStore(tables),
        leases=leases,
        watermarks=TableWatermarkStore(tables),
        checkpoints=TableCheckpointStore(tables),
        stages=stages,
        records=TableRecordStore(tables),
        conflicts=TableConflictStore(tables),
        identities=TableIdentityStore(tables),
        failures=TableFailureStore(tables),
        logs=logs,
        sources=BusinessCentralSources(
            upstreams.business_central, service.patient, tokens=service.tokens, budgets=service.budgets
        ),
        clock=clock,
        ids=ids,
        mappings=mappings,
        mapping=MappingCompiler(mappings),
        certificates=certificates,
        chronicle=Chronicle(TableTrailStore(tables), journals, TableEditStore(tables), TableConfigStore(tables)),
        outbox=webhooks.dispatch,
    )
    both_ends = _bridges(desk, directory, settings, tables, service)
    return Hub(
        desk=desk,
        bridges=both_ends,
        directory=directory,
        integrations=Integrations(directory, desk, both_ends),
        consents=_consents(desk, settings.upstreams),
        replies=TableReplyStore(tables),
        verifier=Verifier(_trust(settings.auth), clock),
        realtime=_realtime(settings, desk, tables, service),
        webhooks=webhooks,
        probes={
            "tables": lambda: leases.get(_PROBE),
            "blobs": lambda: stages.drop(RunKey(_PROBE, _PROBE)),
            "secrets": lambda: secrets.get(_PROBE),
        },
        allowed=Allowed(upstreams.dataverse_origins),
        public_url=settings.public_url,
        console=f"{settings.public_url or ''}/" if settings.console.client_id else None,
    )


def _services(storage: Storage) -> tuple[TableServiceClient, BlobServiceClient]:
    if storage.connection is not None:
        return table_service(storage.connection), blob_service(storage.connection)
    credential = _identity()
    return table_service(storage.tables, credential=credential), blob_service(storage.blobs, credential=credential)


def _secrets(settings: Settings, tables: Tables, vault: Callable[[str], SecretStore]) -> SecretStore:
    if settings.vault_url is None:
        return TableSecretStore(tables, settings.secret_key)
    kept = vault(settings.vault_url)
    return CustodySecretStore(kept, SealedSecretStore(kept, tables), SystemClock())


def _vault(url: str) -> SecretStore:
    from sync.storage.vault import VaultSecretStore, open_vault  # noqa: PLC0415 - slow to load, and only needed here

    return VaultSecretStore(open_vault(url, _identity()), SystemClock(), SystemWaiter().sleep)


def _identity() -> TokenCredential:
    from azure.identity import ManagedIdentityCredential  # noqa: PLC0415 - slow to load, and only needed here

    return ManagedIdentityCredential()


@dataclass(frozen=True, slots=True)
class _Service:
    """What all connections share: tokens, Business Central's budgets, and three ways of waiting for an answer."""

    patient: Means
    hasty: Means
    bridging: Means
    tokens: EntraTokens
    budgets: Budgets

    @classmethod
    def of(cls, upstreams: Upstreams, secrets: SecretStore, leases: LeaseStore) -> Self:
        clock, waiter, chance = SystemClock(), SystemWaiter(), SystemChance()
        shared = Shared(secrets, leases, SystemIds(), clock, waiter, chance)
        return cls(
            patient=Means(Web(new_trace_id), clock, waiter, chance),
            hasty=Means(Web(new_trace_id, timeouts=_HASTY), clock, waiter, chance, patience=_HASTE),
            bridging=Means(Web(new_trace_id, timeouts=_SALES), clock, waiter, chance),
            tokens=EntraTokens(_entra(upstreams), shared),
            budgets=Budgets(waiter, chance),
        )


def _realtime(settings: Settings, desk: Desk, tables: Tables, service: _Service) -> Realtime:
    return Realtime(
        desk=desk,
        store=TableSubscriptionStore(tables),
        subscribers=BusinessCentralSubscribers(
            settings.upstreams.business_central, service.hasty, tokens=service.tokens, budgets=service.budgets
        ),
        new_word=new_word,
        public_url=settings.public_url,
        probe_every=settings.probe_every,
    )


def _bridges(
    desk: Desk, directory: IntegrationStore[AnyIntegration], settings: Settings, tables: Tables, service: _Service
) -> BridgeDesk:
    upstreams, means = settings.upstreams, service.bridging
    return BridgeDesk(
        integrations=bridges(directory),
        secrets=desk.secrets,
        logs=desk.logs,
        config=desk.config,
        leases=desk.leases,
        mappings=TableEntityMappingStore(tables),
        links=TableLinkStore(tables),
        organizations=DataverseOrganizations(
            means,
            tokens=service.tokens,
            budgets=Budgets(means.waiter, means.chance, limits=DATAVERSE),
            allowed=upstreams.dataverse_origins,
        ),
        accounts=OneflowAccounts(upstreams.oneflow, means, budgets=Budgets(means.waiter, means.chance, limits=ONEFLOW)),
        clock=desk.clock,
        ids=desk.ids,
        pause=means.waiter.sleep,
        listening=_listening(desk, settings, tables),
        outbox=desk.outbox,
    )


def _webhooks(settings: Settings, tables: Tables, secrets: SecretStore, logs: LogStore) -> Webhooks:
    endpoints, deliveries, clock = TableEndpointStore(tables), TableDeliveryStore(tables), SystemClock()
    sender = WebhookSender(clock, reach=settings.reach)
    mail = Mail(endpoints, deliveries, secrets, logs, sender, clock, SystemIds(), SystemChance().fraction)
    postman = Postman(mail)
    dispatch = Dispatch(endpoints, deliveries, clock, hurry=postman.hurry)
    return Webhooks(mail, dispatch, postman, new_word, settings.reach)


def _listening(desk: Desk, settings: Settings, tables: Tables) -> Listening:
    listeners = TableListenerStore(tables)
    return Listening(
        listeners=listeners,
        inbox=TableInboxStore(tables),
        gate=Gate(listeners, desk.secrets, desk.clock),
        door=plain_door(TableListenerStore(tables, part=RINGERS), desk.clock),
        new_word=new_word,
        public_url=settings.public_url or settings.local_address,
        probe_every=settings.probe_every,
    )


def _consents(desk: Desk, upstreams: Upstreams) -> Consents:
    return Consents(
        integrations=desk.integrations,
        secrets=desk.secrets,
        leases=desk.leases,
        logs=desk.logs,
        config=desk.config,
        authority=EntraConsents(_entra(upstreams), desk.secrets, desk.clock),
        clock=desk.clock,
        ids=desk.ids,
        riddle=new_word,
    )


def _entra(upstreams: Upstreams) -> Entra:
    return Entra(upstreams.entra, Web(new_trace_id, timeouts=TOKEN_TIMEOUTS), SystemClock())


def _trust(auth: Auth) -> Trust:
    web = Web(new_trace_id, timeouts=_KEY_TIMEOUTS)

    def fetch() -> Any:
        answer = web.get(auth.jwks_url, {})
        if answer.status != _OK:
            raise RetryLaterError(f"The issuer's keys are answered with {answer.status}", delay=0)
        return orjson.loads(answer.body)

    return Trust(auth.issuer, auth.audience, auth.jwks_url, fetch)
