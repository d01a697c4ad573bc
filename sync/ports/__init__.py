"""Everything outside the hub, as small Protocols; each has a memory and a real form under one contract suite."""

from sync.ports.bridge import (
    Accounts,
    Contract,
    ContractField,
    DataFieldDefinition,
    Dynamics,
    Hook,
    Oneflow,
    Organizations,
    Row,
    RowQuery,
    Template,
    Workspace,
)
from sync.ports.certificates import CertificateStore
from sync.ports.chronicle import Chronicle, ConfigStore, EditStore, TrailStore
from sync.ports.conflicts import ConflictFilter, ConflictStore
from sync.ports.consents import Authority, Proof
from sync.ports.contracts import LINK_BUCKETS, ContestedField, EntityMappingStore, LinkStore
from sync.ports.edges import Clock, Ids, Page
from sync.ports.history import FailureFilter, FailureOrder, FailureStore, LogFilter, LogStore, Reply, ReplyStore
from sync.ports.identities import IdentityStore
from sync.ports.integrations import IntegrationStore, SecretStore, WatermarkStore
from sync.ports.listening import ComparisonLauncher, InboxStore, ListenerStore
from sync.ports.mappings import MappingStore
from sync.ports.realtime import Listed, Subscriber, Subscribers, SubscriptionStore
from sync.ports.records import RecordFilter, RecordStore
from sync.ports.runs import (
    EVERY_RUN,
    CheckpointStore,
    Launcher,
    Lease,
    LeaseStore,
    RunFilter,
    RunStore,
    StageStore,
)
from sync.ports.source import (
    Companies,
    Company,
    Environment,
    PageQuery,
    Source,
    SourceField,
    SourcePage,
    Sources,
    SourceSchema,
)
from sync.ports.webhooks import DeliveryFilter, DeliveryStore, EndpointStore, Reception, Sender

__all__ = [
    "EVERY_RUN",
    "LINK_BUCKETS",
    "Accounts",
    "Authority",
    "CertificateStore",
    "CheckpointStore",
    "Chronicle",
    "Clock",
    "Companies",
    "Company",
    "ComparisonLauncher",
    "ConfigStore",
    "ConflictFilter",
    "ConflictStore",
    "ContestedField",
    "Contract",
    "ContractField",
    "DataFieldDefinition",
    "DeliveryFilter",
    "DeliveryStore",
    "Dynamics",
    "EditStore",
    "EndpointStore",
    "EntityMappingStore",
    "Environment",
    "FailureFilter",
    "FailureOrder",
    "FailureStore",
    "Hook",
    "IdentityStore",
    "Ids",
    "InboxStore",
    "IntegrationStore",
    "Launcher",
    "Lease",
    "LeaseStore",
    "LinkStore",
    "Listed",
    "ListenerStore",
    "LogFilter",
    "LogStore",
    "MappingStore",
    "Oneflow",
    "Organizations",
    "Page",
    "PageQuery",
    "Proof",
    "Reception",
    "RecordFilter",
    "RecordStore",
    "Reply",
    "ReplyStore",
    "Row",
    "RowQuery",
    "RunFilter",
    "RunStore",
    "SecretStore",
    "Sender",
    "Source",
    "SourceField",
    "SourcePage",
    "SourceSchema",
    "Sources",
    "StageStore",
    "Subscriber",
    "Subscribers",
    "SubscriptionStore",
    "Template",
    "TrailStore",
    "WatermarkStore",
    "Workspace",
]
