"""Lists of contracts, templates and workspaces: which rows a query wants."""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.oneflow.model import Account, Contract, State, Template, Workspace
from sandbox.oneflow.paging import Key, Wanted, listed, within
from sandbox.oneflow.refusals import bad_request
from sandbox.oneflow.switches import OneflowSwitches

type Test = Callable[[Any], bool]

CONTRACT_KEYS: dict[str, Key] = {
    "name": lambda each: str(each.name),
    "state": lambda each: str(each.state),
    "state_updated_time": lambda each: int(each.state_updated),
    "published_time": lambda each: each.published,
}
NAME_KEYS: dict[str, Key] = {"name": lambda each: str(each.name)}
EVENT_KEYS: dict[str, Key] = {
    "created_time": lambda each: int(each.created),
    "id": lambda each: int(each.id),
    "type": lambda each: str(each.type),
}
_LONGEST_MATCH = 600


def contracts(rows: Iterable[Contract], wanted: Wanted, switches: OneflowSwitches) -> list[Contract]:
    """Return the contracts that pass every filter.

    Raises:
        OneflowError: 400: a filter is malformed, or not known where that is refused.
    """
    builders = _CONTRACT_FILTERS if switches.contract_filters == "known" else {**_CONTRACT_FILTERS, **_MORE_FILTERS}
    return _passing(rows, wanted, builders, switches)


def templates(rows: Iterable[Template], wanted: Wanted, switches: OneflowSwitches) -> list[Template]:
    """Return the templates that pass every filter; only active ones if not asked otherwise.

    Raises:
        OneflowError: 400: a filter is malformed, or not known where that is refused.
    """
    kind = wanted.plain.get("template_type_id")
    found = [each for each in rows if kind is None or (each.type is not None and str(each.type.id) == kind)]
    asked = {"active": "true", **wanted.filters}
    again = Wanted(wanted.limit, wanted.offset, wanted.sort, asked, wanted.plain)
    return _passing(found, again, _TEMPLATE_FILTERS, switches)


def workspaces(rows: Iterable[Workspace], wanted: Wanted, switches: OneflowSwitches) -> list[Workspace]:
    """Return the workspaces that pass every filter.

    Raises:
        OneflowError: 400: a filter is not known where that is refused.
    """
    return _passing(rows, wanted, _WORKSPACE_FILTERS, switches)


def _passing[T](
    rows: Iterable[T], wanted: Wanted, builders: dict[str, Callable[[str], Test]], switches: OneflowSwitches
) -> list[T]:
    tests: list[Test] = []
    for name, value in wanted.filters.items():
        if name in builders:
            tests.append(builders[name](value))
        elif switches.unknown_filter == "400":
            raise bad_request(f"filter[{name}]", "Unknown field.")
    return [row for row in rows if all(test(row) for test in tests)]


def _by_state(value: str) -> Test:
    asked = listed(value)
    if not set(asked) <= set(State):
        raise bad_request("filter[states]", f"Must be among {', '.join(State)}.")
    return lambda each: each.state in asked


def _by_published(value: str) -> Test:
    test = within(value, "published_time")
    return lambda each: test(each.published)


def _by_created(value: str) -> Test:
    test = within(value, "created_time")
    return lambda each: test(each.created)


def _by_text(value: str) -> Test:
    wanted = value.casefold()
    return lambda each: wanted in each.name.casefold()


def _by_field(value: str) -> Test:
    custom_id, _, text = value.partition(":")
    if not text or len(value) > _LONGEST_MATCH:
        raise bad_request("filter[data_field_match]", "Must be custom_id:value, at most 600 characters.")

    def test(each: Contract) -> bool:
        found = each.field_of(custom_id)
        return found is not None and found.value == text

    return test


def _by_person(value: str) -> Test:
    return lambda each: any(one.identification_number == value for one in each.participants)


def _by_email(value: str) -> Test:
    return lambda each: any(one.email.lower() == value.lower() for one in each.participants)


def _by_workspace(value: str) -> Test:
    asked = listed(value)
    return lambda each: str(each.workspace) in asked


def _shared_with(value: str) -> Test:
    asked = set(listed(value))
    return lambda each: bool(asked & {str(one) for one in each.workspaces})


def _by_activity(value: str) -> Test:
    return lambda each: each.active is (value.lower() == "true")


_CONTRACT_FILTERS: dict[str, Callable[[str], Test]] = {
    "states": _by_state,
    "published_time": _by_published,
    "query": _by_text,
    "data_field_match": _by_field,
    "participant_identification_number": _by_person,
}
_MORE_FILTERS: dict[str, Callable[[str], Test]] = {
    "name": lambda value: lambda each: each.name == value,
    "created_time": _by_created,
    "participant_email": _by_email,
    "workspace_ids": _by_workspace,
}
_TEMPLATE_FILTERS: dict[str, Callable[[str], Test]] = {"active": _by_activity, "workspace_ids": _shared_with}
_WORKSPACE_FILTERS: dict[str, Callable[[str], Test]] = {
    "name": lambda value: lambda each: each.name == value,
    "id": lambda value: lambda each: str(each.id) in listed(value),
}


def visible(account: Account, email: str) -> list[Contract]:
    """Return the contracts of the workspaces that a user may enter."""
    return [each for each in account.contracts.values() if account.may_enter(email, each.workspace)]
