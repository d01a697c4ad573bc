"""The body that asks for a contract, checked with its counterparties."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from uuid import UUID

from mapping.countries import COUNTRIES
from sync.model.contract_order import ContractOrder, Participant, Party, PartyKind
from sync.model.errors import InvalidError, Problem
from sync.services.composing import LONGEST_NAME
from sync.triggers.bodies import Guid, LogicalName, must, no_longer_than
from sync.triggers.documents import StrictBody, check_document, pointer_to

MOST_PARTICIPANTS = 40
"""Participants of a contract over all parties (Participant)."""

_NUMBER = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+", re.ASCII)
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_LONGEST_EMAIL = 254


def _is_email(text: str) -> bool:
    return text.isascii() and len(text) <= _LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None


type Number = Annotated[str, must(_NUMBER.fullmatch, "INVALID_ID", "The id of a thing in Oneflow is needed.")]
type Country = Annotated[
    str,
    must(
        lambda text: COUNTRIES.get(text) == text,
        "UNKNOWN_COUNTRY",
        "A country code of ISO 3166-1 is needed: two capital letters, such as SE.",
    ),
]
type Email = Annotated[str, must(_is_email, "INVALID_EMAIL", "An e-mail address is needed.")]
type Phone = Annotated[
    str, must(_PHONE.fullmatch, "INVALID_PHONE", "A phone number is written as +46701234567 (E.164).")
]


class ParticipantBody(StrictBody):
    """A person of a counterparty."""

    name: Annotated[str, no_longer_than(100)]
    email: Email
    phone: Phone | None = None
    signatory: bool = True


class PartyBody(StrictBody):
    """A counterparty."""

    type: PartyKind
    name: Annotated[str, no_longer_than(100)] | None = None
    country_code: Country
    identification_number: Annotated[str, no_longer_than(25)] | None = None
    participants: tuple[ParticipantBody, ...]

    def to_party(self) -> Party:
        """Return what the service takes."""
        people = (Participant(each.name, each.email, each.phone, each.signatory) for each in self.participants)
        return Party(self.type, self.country_code, tuple(people), self.name, self.identification_number)


class ContractBody(StrictBody):
    """A contract to be made."""

    entity: LogicalName
    record_id: Guid
    template_id: Number | None = None
    workspace_id: Number | None = None
    name: Annotated[str, no_longer_than(LONGEST_NAME)] | None = None
    parties: tuple[PartyBody, ...] = ()
    another: bool = False

    def to_order(self) -> ContractOrder:
        """Return what the service takes."""
        return ContractOrder(
            entity=self.entity,
            record_id=str(UUID(self.record_id)),
            template_id=None if self.template_id is None else int(self.template_id),
            workspace_id=None if self.workspace_id is None else int(self.workspace_id),
            name=self.name,
            parties=tuple(each.to_party() for each in self.parties),
            another=self.another,
        )


def contract_order(document: Mapping[str, Any]) -> ContractOrder:
    """Return what a caller wants to be made.

    Raises:
        InvalidError: It does not fit; carries every problem, also those that are between several members.
    """
    between = [*_party_problems(document), *_crowd_problems(document)]
    try:
        order = check_document(ContractBody, document).to_order()
    except InvalidError as error:
        between = [*error.problems, *between]
    if between:
        raise InvalidError(f"{len(between)} of the members sent are not acceptable", *between)
    return order


def _party_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    for at, party in _objects(document, "parties"):
        kind, people = party.get("type"), party.get("participants")
        if kind == PartyKind.COMPANY and party.get("name") is None:
            yield Problem(pointer_to("parties", at, "name"), "MISSING", "A company has a name.")
        most = 1 if kind == PartyKind.INDIVIDUAL else MOST_PARTICIPANTS
        if isinstance(people, list) and not 1 <= len(people) <= most:
            detail = "A company has participants, an individual exactly one."
            yield Problem(pointer_to("parties", at, "participants"), "OUT_OF_RANGE", detail)


def _crowd_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    count = 0
    for side, party in _objects(document, "parties"):
        for at, person in _objects(party, "participants"):
            count += 1
            email = str(person.get("email") or "").lower()
            if email and email in seen:
                pointer = pointer_to("parties", side, "participants", at, "email")
                yield Problem(pointer, "DUPLICATE", "The contract has a participant with this address already.")
            seen.add(email)
    if count > MOST_PARTICIPANTS and len(document["parties"]) > 1:
        detail = f"A contract has at most {MOST_PARTICIPANTS} participants."
        yield Problem(pointer_to("parties"), "OUT_OF_RANGE", detail)


def _objects(document: Mapping[str, Any], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    found = document.get(name)
    for at, each in enumerate(found if isinstance(found, list) else ()):
        if isinstance(each, dict):
            yield at, each
