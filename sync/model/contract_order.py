"""What a caller wants to be made in Oneflow: a contract from a record, and its counterparties."""

from dataclasses import dataclass
from enum import StrEnum


class PartyKind(StrEnum):
    """A counterparty is a company with people, or one person."""

    COMPANY = "company"
    INDIVIDUAL = "individual"


@dataclass(frozen=True, slots=True)
class Participant:
    """A person of a counterparty; one that signs unless told otherwise."""

    name: str
    email: str
    phone: str | None = None
    signatory: bool = True


@dataclass(frozen=True, slots=True)
class Party:
    """A counterparty; `name` is None for a person whose participant has one."""

    kind: PartyKind
    country_code: str
    participants: tuple[Participant, ...]
    name: str | None = None
    identification_number: str | None = None


@dataclass(frozen=True, slots=True)
class ContractOrder:
    """A contract to be made from a record; what is None is taken from the mapping, or from the record."""

    entity: str
    record_id: str
    template_id: int | None = None
    workspace_id: int | None = None
    name: str | None = None
    parties: tuple[Party, ...] = ()
    another: bool = False
    """Whether the record may have a contract already."""

    @property
    def people(self) -> dict[str, str]:
        """Values of the virtual tables: of the first counterparty, and its first participant."""
        if not self.parties:
            return {}
        party = self.parties[0]
        person = party.participants[0]
        told = {
            "party.name": party.name or person.name,
            "party.countryCode": party.country_code,
            "party.identificationNumber": party.identification_number,
            "participant.name": person.name,
            "participant.email": person.email,
            "participant.phone": person.phone,
        }
        return {name: value for name, value in told.items() if value}
