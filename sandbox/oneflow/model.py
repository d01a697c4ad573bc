"""What a Oneflow account holds; every time in whole seconds since 1970."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import count


class State(StrEnum):
    """Where a contract stands."""

    DRAFT = "draft"
    PENDING = "pending"
    OVERDUE = "overdue"
    SIGNED = "signed"
    DECLINED = "declined"


class SignState(StrEnum):
    """What a participant decided."""

    UNDECIDED = "undecided"
    SIGNED = "signed"
    DECLINED = "declined"


@dataclass(slots=True)
class User:
    """Somebody who works in the account; an empty list of workspaces means all."""

    id: int
    email: str
    name: str
    admin: bool = False
    active: bool = True
    workspaces: tuple[int, ...] = ()


@dataclass(slots=True)
class Workspace:
    """One workspace; `may_create` is the permission to create contracts in it."""

    id: int
    name: str
    created: int
    may_create: bool = True


@dataclass(slots=True)
class TypeField:
    """A data field of a template type; only an active one reaches new contracts."""

    id: int
    custom_id: str
    name: str
    description: str = ""
    placeholder: str = ""
    value: str = ""
    source: str = "user"
    active: bool = True


@dataclass(slots=True)
class TemplateType:
    """A template type, called template group in the user interface."""

    id: int
    name: str
    created: int
    description: str = ""
    extension_type: str | None = None
    updated: int | None = None
    fields: dict[str, TypeField] = field(default_factory=dict)


@dataclass(slots=True)
class Template:
    """One template, with its own values of its type's fields, shared with some workspaces."""

    id: int
    name: str
    created: int
    workspaces: tuple[int, ...]
    type: TemplateType | None = None
    active: bool = True
    products: bool = False
    values: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class DataField:
    """A data field of a contract."""

    id: int
    custom_id: str
    name: str
    description: str
    placeholder: str
    value: str
    source: str
    created: int
    updated: int | None = None


@dataclass(slots=True)
class Participant:
    """A person of a party."""

    id: int
    created: int
    name: str = ""
    email: str = ""
    phone_number: str = ""
    identification_number: str = ""
    title: str = ""
    signatory: bool = True
    organizer: bool = False
    may_update: bool = True
    delivery_channel: str = "email"
    delivery_status: str = "not_sent"
    sign_method: str = "standard_esign"
    two_step: str = "none"
    sign_state: SignState = SignState.UNDECIDED
    signed: int | None = None
    visits: int = 0
    first_visit: int | None = None
    last_visit: int | None = None
    updated: int | None = None


@dataclass(slots=True)
class Party:
    """One side of a contract; an individual has exactly one participant."""

    id: int
    created: int
    name: str = ""
    kind: str = "company"
    country_code: str = ""
    identification_number: str = ""
    mine: bool = False
    participants: list[Participant] = field(default_factory=list)
    updated: int | None = None


@dataclass(slots=True)
class Price:
    """A price of a product: what it would be, and what is taken off."""

    base: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)


@dataclass(slots=True)
class Product:
    """One row of a product table."""

    id: int
    created: int
    name: str = ""
    description: str = ""
    price_1: Price = field(default_factory=Price)
    price_2: Price = field(default_factory=Price)
    quantity: Decimal = Decimal(1)
    quantity_type: str = "quantity"
    counterparty_lock: bool = False


@dataclass(slots=True)
class ProductGroup:
    """One product table."""

    id: int
    created: int
    hide_price_summation: bool = False
    products: list[Product] = field(default_factory=list)
    updated: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a contract."""

    id: int
    type: str
    created: int


@dataclass(slots=True)
class Contract:
    """One contract."""

    id: int
    name: str
    workspace: int
    template: Template
    creator: str
    created: int
    updated: int
    state_updated: int
    state: State = State.DRAFT
    amount: dict[str, str] | None = None
    expiration: dict[str, object] = field(
        default_factory=lambda: {"type": "days_after_publish", "expire_days_after_publish": 30}
    )
    published: int | None = None
    expires: int | None = None
    lifecycle: str = "awaiting"
    lifecycle_updated: int | None = None
    canceled: int | None = None
    terminated: bool = False
    fields: list[DataField] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    groups: list[ProductGroup] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def participants(self) -> Iterator[Participant]:
        """Everybody of every party."""
        return (each for party in self.parties for each in party.participants)

    @property
    def signatories(self) -> list[Participant]:
        """Those who are to sign."""
        return [each for each in self.participants if each.signatory]

    def field_of(self, custom_id: str) -> DataField | None:
        """Return the data field of this custom id."""
        return next((each for each in self.fields if each.custom_id == custom_id), None)


@dataclass(slots=True)
class Webhook:
    """Who is told of which events; no filters means all."""

    id: int
    callback_url: str
    sign_key: str | None
    template_group_id: int | None
    integration_process_id: int | None
    filters: list[dict[str, list[dict[str, object]]]] | None


@dataclass(slots=True)
class Account:
    """Everything that one token reaches."""

    id: int
    name: str
    token: str
    created: int
    revoked: bool = False
    plan: str = "business"
    users: list[User] = field(default_factory=list)
    workspaces: dict[int, Workspace] = field(default_factory=dict)
    types: dict[int, TemplateType] = field(default_factory=dict)
    templates: dict[int, Template] = field(default_factory=dict)
    contracts: dict[int, Contract] = field(default_factory=dict)
    webhooks: dict[int, Webhook] = field(default_factory=dict)

    def user(self, email: str) -> User | None:
        """Return the active user of this address; case does not matter."""
        found = (each for each in self.users if each.email.lower() == email.lower() and each.active)
        return next(found, None)

    def may_enter(self, email: str, workspace: int) -> bool:
        """Tell whether a user sees a workspace; nobody in particular sees all."""
        user = self.user(email)
        return user is None or not user.workspaces or workspace in user.workspaces


class Numbers:
    """Ids of new things: one row of numbers a kind, the same in every run."""

    def __init__(self) -> None:
        self._counts: dict[str, count[int]] = {}

    def next(self, kind: str) -> int:
        """Return a new id."""
        return next(self._counts.setdefault(kind, count(_FIRST[kind])))


_FIRST = {
    "contract": 51874,
    "field": 987,
    "party": 353218,
    "participant": 113703,
    "group": 71,
    "product": 801,
    "event": 2322,
    "webhook": 4711,
    "callback": 1,
    "type": 50,
    "type_field": 100,
}
