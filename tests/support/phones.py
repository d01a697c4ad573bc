"""A company whose vendors have phone numbers, so that something besides the name can change or be emptied."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sync.engine.assess import Breaker, Limit
from sync.ports import PageQuery, SourcePage
from sync.services.policy import Policy
from tests.support.desks import OneSource
from tests.support.office import VENDORS, Office, TroubledSource, open_office

TIGHT = Breaker(changes=Limit(share=0.5, count=3), blanks=Limit(share=0.2, count=1))
"""Limits that a handful of records exceeds."""


@dataclass(slots=True)
class PhoneSource(TroubledSource):
    """A toy source that tells a phone number for each record that has one."""

    phones: dict[str, str] = field(default_factory=dict)

    def page(self, query: PageQuery, cursor: str | None) -> SourcePage:
        page = TroubledSource.page(self, query, cursor)
        return replace(page, records=[self._with_phone(each) for each in page.records])

    def record(self, query: PageQuery, external_id: str) -> dict[str, Any] | None:
        found = TroubledSource.record(self, query, external_id)
        return None if found is None else self._with_phone(found)

    def _with_phone(self, record: dict[str, Any]) -> dict[str, Any]:
        return {**record, "phoneNumber": self.phones.get(record["id"], "")}


@dataclass(slots=True)
class PhoneOffice(Office):
    """An office whose company has phone numbers."""

    source: PhoneSource

    def call(self, ids: Iterable[str], phone: str) -> None:
        """Give these vendors this phone number; an empty one takes it away."""
        for each in ids:
            self.source.phones[each] = phone
            self.company.put(VENDORS, each, self.company.sets[VENDORS][each].name)

    def phones(self, ids: Iterable[str]) -> list[Any]:
        """Return the stored phone numbers."""
        return [self.kept(each).fields["phone"] for each in ids]


def open_phones(vendors: int = 0, breaker: Breaker = TIGHT, **policy: Any) -> tuple[PhoneOffice, tuple[str, ...]]:
    """Return an office after its first full sync of so many vendors with the phone number 1, and their ids."""
    plain = open_office(Policy(breaker=breaker, **policy))
    source = PhoneSource(plain.company)
    desk = replace(plain.desk, sources=OneSource(source))
    plain.host.desk = desk
    office = PhoneOffice(plain.clock, plain.company, source, desk, plain.host, plain.integration)
    ids = office.add(*(f"V{number}" for number in range(vendors)))
    office.call(ids, "1")
    if ids:
        office.sync()
        office.clock.pass_by(3600)
    return office, ids
