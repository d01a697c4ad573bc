"""Data fields of contracts: made from the template, written one by one or together."""

from collections.abc import Iterable
from typing import Any

from sandbox.oneflow.bodies import Json
from sandbox.oneflow.doing import Doing
from sandbox.oneflow.model import Contract, DataField, Template, TypeField
from sandbox.oneflow.refusals import OneflowError, Problems, not_found

LONGEST_VALUE = 1024

_PREFIX = "c::"


def inherited(template: Template, doing: Doing) -> list[DataField]:
    """Return the data fields that a new contract takes from its template: those that are active."""
    kind = template.type
    return [_copied(each, template, doing) for each in kind.fields.values() if each.active] if kind else []


def _copied(field: TypeField, template: Template, doing: Doing) -> DataField:
    value = template.values.get(field.custom_id, field.value)
    return DataField(
        doing.numbers.next("field"),
        field.custom_id,
        field.name,
        field.description,
        field.placeholder,
        value,
        field.source,
        doing.now,
    )


def fill(fields: Iterable[DataField], given: list[Json], doing: Doing, problems: Problems) -> None:
    """Put the values of a create into the new contract's fields."""
    known = {each.custom_id: each for each in fields}
    for at, item in enumerate(given):
        path = f"data_fields[{at}]"
        custom_id = item.get("custom_id")
        if not isinstance(custom_id, str):
            problems.add(f"{path}.custom_id", "Missing data for required field.")
        elif custom_id not in known:
            if doing.switches.unknown_field_on_create == "400":
                problems.add(f"{path}.custom_id", f"There is no data field {custom_id} in the template.")
        else:
            field, value = known[custom_id], _value(item, f"{path}.value", problems)
            field.value = field.value if value is None or field.source == "system" else value


def write_one(contract: Contract, key: str, given: Json, doing: Doing) -> DataField:
    """Write a data field that is named by its id or by c:: and its custom id; without a value nothing changes.

    Raises:
        OneflowError: 404 for an unknown field, 400 when the body names another or the value does not fit, 409 when
            the contract is locked.
    """
    by_custom_id = key.startswith(_PREFIX)
    names = {"custom_id": key.removeprefix(_PREFIX)} if by_custom_id else {"id": key}
    field = _find(contract, names)
    if field is None:
        raise not_found()
    problems = Problems()
    _compare(field, given, "", problems)
    value = _value(given, "value", problems)
    problems.check()
    write(contract, [(field, value)], doing)
    return field


def write_many(contract: Contract, items: list[Json], doing: Doing) -> list[DataField]:
    """Write several data fields, all or none of them (or the good ones, if switched).

    Raises:
        OneflowError: 400 or 404 when an item is at fault, 409 when the contract is locked.
    """
    problems = Problems()
    status = 400
    writes: list[tuple[DataField, str | None]] = []
    for at, item in enumerate(items):
        path, before = f"data_fields[{at}].", len(problems.found)
        names = {"id": str(item.get("id", "")), "custom_id": _private_id(item)}
        field = _find(contract, {name: value for name, value in names.items() if value})
        if field is None:
            problems.add(f"{path}id", "There is no such data field.")
            status = int(doing.switches.bulk_unknown)
            continue
        _compare(field, item, path, problems)
        value = _value(item, f"{path}value", problems)
        if len(problems.found) == before:
            writes.append((field, value))
    if not problems.found or doing.switches.bulk_failure == "rest":
        write(contract, writes, doing)
    if problems.found:
        raise OneflowError(status, "The request could not be processed.", problems.found)
    return [field for field, _ in writes]


def write(contract: Contract, writes: list[tuple[DataField, str | None]], doing: Doing) -> None:
    """Write values; a field of the system stays as it is, and None changes nothing.

    Raises:
        OneflowError: 409: the contract is locked.
    """
    if doing.is_locked(contract) and doing.switches.locked_reply == "200":
        return
    doing.refuse_locked(contract)
    changed = [
        (field, value)
        for field, value in writes
        if value is not None and field.source != "system" and field.value != value
    ]
    for field, value in changed:
        doing.note("data_field", contract, custom_id=field.custom_id, **{"from": field.value, "to": value})
        field.value, field.updated = value, doing.now
    if changed:
        doing.content_changed(contract, *["data_field:update"] * len(changed))


def _find(contract: Contract, names: dict[str, str]) -> DataField | None:
    for each in contract.fields:
        mine = {"id": str(each.id), "custom_id": each.custom_id}
        if names and mine.items() >= names.items():
            return each
    return None


def _private_id(item: Json) -> str:
    private = item.get("_private_ownerside")
    return str(private.get("custom_id", "")) if isinstance(private, dict) else ""


def _compare(field: DataField, given: Json, path: str, problems: Problems) -> None:
    if str(given.get("id", field.id)) != str(field.id):
        problems.add(f"{path}id", "Does not match the data field in the path.")
    if (_private_id(given) or field.custom_id) != field.custom_id:
        problems.add(f"{path}_private_ownerside.custom_id", "Does not match the data field in the path.")


def _value(given: Json, path: str, problems: Problems) -> str | None:
    if "value" not in given:
        return None
    value: Any = given["value"]
    if value is None:
        return ""
    if not isinstance(value, str):
        problems.add(path, "Not a valid string.")
        return None
    if len(value) > LONGEST_VALUE:
        problems.add(path, f"Longer than maximum length {LONGEST_VALUE}.")
        return None
    return value
