"""By what platform-made records are recognised, and what became of those that are no more."""

from collections.abc import Collection, Mapping
from typing import Protocol

from sync.model.record import SetKey


class IdentityStore(Protocol):
    """The identities of a set's platform-made records: hints beside the records, which have the last word."""

    def put(self, key: SetKey, record_id: str, marks: Collection[str]) -> None:
        """Say by what a record is recognised, whatever was said before."""
        ...

    def known(self, key: SetKey) -> Mapping[str, str]:
        """Return the id of a record for each of the marks by which one is recognised."""
        ...

    def move(self, key: SetKey, record_id: str, external_id: str) -> None:
        """Forget by what a record is recognised, and remember which one it became."""
        ...

    def moved(self, key: SetKey, record_id: str) -> str | None:
        """Return the external id of the record that one became, or None."""
        ...
