"""Shows the failures that are still open, and when each is tried again."""

from collections.abc import Sequence
from dataclasses import dataclass

from sync.engine.failures import FailureClass, Outlook
from sync.model.entity import EntityType
from sync.model.errors import InvalidError, Problem
from sync.model.integration import Integration
from sync.model.record import Failure
from sync.ports import FailureFilter, Page
from sync.services.desk import Desk
from sync.services.retrying import outlooks

_TYPES = {entity.log_name: entity for entity in EntityType}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure with its outlook; None when it is open no longer."""

    failure: Failure
    outlook: Outlook | None


def listed(
    desk: Desk, integration: Integration, asked: dict[str, str | None], *, cursor: str | None, limit: int
) -> Page[Trouble]:
    """Return open failures, those open the longest first; `asked` holds entityType, class and code.

    Raises:
        InvalidError: There is no such entity type or class.
    """
    problems = [*_unknown("entityType", asked, _TYPES), *_unknown("class", asked, list(FailureClass))]
    if problems:
        raise InvalidError("The failures cannot be filtered like this", *problems)
    entity, kind = asked.get("entityType"), asked.get("class")
    which = FailureFilter(
        entity=None if entity is None else _TYPES[entity],
        kind=None if kind is None else FailureClass(kind),
        code=asked.get("code"),
    )
    page = desk.failures.list(integration.id, which, cursor=cursor, limit=limit)
    return Page(tuple(with_outlooks(desk, integration, page.items)), page.cursor)


def with_outlooks(desk: Desk, integration: Integration, failures: Sequence[Failure]) -> list[Trouble]:
    """Return the failures, each with when it is tried again."""
    return [Trouble(*pair) for pair in zip(failures, outlooks(desk, integration, failures), strict=True)]


def of_record(desk: Desk, integration: Integration, entity: EntityType, external_id: str) -> Trouble | None:
    """Return the open failure of a record, or None."""
    found = desk.failures.find(integration.id, entity, [external_id]).get(external_id)
    return None if found is None else with_outlooks(desk, integration, [found])[0]


def _unknown(name: str, asked: dict[str, str | None], known: Sequence[str] | dict[str, EntityType]) -> list[Problem]:
    value = asked.get(name)
    if value is None or value in known:
        return []
    return [Problem(f"/{name}", "UNKNOWN_VALUE", f"One of {', '.join(sorted(known))} is needed.")]
