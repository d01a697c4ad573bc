"""What a contract gets of a record: a text for each mapped field, and what became of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from mapping.contract_text import to_text
from mapping.values import Typed, ValueCode, ValueProblem
from sync.model.contract_link import FieldMemory, agreed_on
from sync.ports import ContractField, DataFieldDefinition
from sync.services.field_sides import Reading, Route, dynamics_side, holder_of, oneflow_side

FIELD_REFUSED, READ_ONLY = "FIELD_REFUSED", "ONEFLOW_FIELD_READ_ONLY"
NOT_TAKEN_OVER, FIELD_CHANGED = "NOT_TAKEN_OVER", "FIELD_CHANGED"

type Reason = tuple[str, str]
"""A code, and what it says."""

_LACKING = (ValueCode.FIELD_MISSING.value, "The template has no such data field, or it is not active.")
_SYSTEMS_OWN = (READ_ONLY, "The data field is Oneflow's own: nobody writes it.")
REFUSED = (FIELD_REFUSED, "Oneflow does not take the value.")
_OTHERWISE = (NOT_TAKEN_OVER, "Oneflow holds another value than the one that was sent.")
_CHANGED = (FIELD_CHANGED, "Somebody changed the data field before the contract was linked.")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What kept the value of one field from travelling; `data_field` is None for what has none."""

    field: str
    data_field: str | None
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one data field is to hold: a typed value and its text, or why there is none."""

    route: Route
    value: Typed
    text: str
    problem: Reason | None = None
    holder: str = ""
    """The id of the related row that holds the column, if one does."""

    @property
    def key(self) -> str:
        """The key of the pair."""
        return self.route.pair.key

    @property
    def custom_id(self) -> str:
        """The custom id of the data field."""
        return self.route.pair.data_field

    def hindered(self, reason: Reason) -> FieldProblem:
        """Return the problem that this reason is for the field."""
        return FieldProblem(self.route.pair.column, self.custom_id, *reason)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is remembered of each field by its key, what did not travel, and what did."""

    memories: dict[str, FieldMemory]
    problems: tuple[FieldProblem, ...]
    written: tuple[Wanted, ...]
    """The fields that hold a text of the record."""


def wanted(reading: Reading, people: Mapping[str, str]) -> tuple[Wanted, ...]:
    """Return what all mapped data fields are to hold, whatever their direction: a new contract gets them all."""
    return tuple(_wanted(route, reading, people) for route in reading.routes)


def withheld(fields: Iterable[Wanted], definitions: Iterable[DataFieldDefinition]) -> dict[str, Reason]:
    """Return by key why a field is not sent at all."""
    known = {each.custom_id: each for each in definitions if each.active}
    found: dict[str, Reason] = {}
    for each in fields:
        definition = known.get(each.custom_id)
        if each.problem is not None:
            found[each.key] = each.problem
        elif definition is None:
            found[each.key] = _LACKING
        elif definition.system:
            found[each.key] = _SYSTEMS_OWN
    return found


def sent(
    fields: Iterable[Wanted], definitions: Iterable[DataFieldDefinition], kept_back: Collection[str]
) -> dict[str, str]:
    """Return the texts of a create by custom id; blank ones only where the template has something else."""
    defaults = {each.custom_id: each.value for each in definitions}
    return {
        each.custom_id: each.text
        for each in fields
        if each.key not in kept_back and (each.text or defaults.get(each.custom_id))
    }


def lagging(fields: Iterable[Wanted], held: Iterable[ContractField], kept_back: Collection[str]) -> dict[str, str]:
    """Return by custom id what the contract should hold, and does not."""
    known = {each.custom_id: each for each in held}
    return {
        each.custom_id: each.text
        for each in fields
        if each.key not in kept_back and each.custom_id in known and not _agrees(each, known[each.custom_id])
    }


def touched(fields: Iterable[Wanted], held: Iterable[ContractField]) -> dict[str, Reason]:
    """Return by key the fields that hold something else because somebody has written them."""
    known = {each.custom_id: each for each in held if each.updated_at is not None}
    return {
        each.key: _CHANGED for each in fields if each.custom_id in known and not _agrees(each, known[each.custom_id])
    }


def outcome(fields: Iterable[Wanted], held: Iterable[ContractField], kept_back: Mapping[str, Reason]) -> Outcome:
    """Return what both sides agree on, and a problem for every other field."""
    known = {each.custom_id: each for each in held}
    memories: dict[str, FieldMemory] = {}
    problems: list[FieldProblem] = []
    written: list[Wanted] = []
    for each in fields:
        reason = each.problem or kept_back.get(each.key)
        if reason is not None:
            problems.append(each.hindered(reason))
        elif _agrees(each, known.get(each.custom_id)):
            memories[each.key] = agreed_on(each.value, each.holder)
            written += [each] if each.text else []
        else:
            problems.append(each.hindered(_OTHERWISE if each.custom_id in known else _LACKING))
    return Outcome(memories, tuple(problems), tuple(written))


def _wanted(route: Route, reading: Reading, people: Mapping[str, str]) -> Wanted:
    side, holder = dynamics_side(route, reading.row, people), holder_of(route, reading.row)
    problem = side.problem or side.obstacle
    if problem is not None:
        return Wanted(route, None, "", (problem.code.value, problem.message))
    text = to_text(route.column, side.value)
    return Wanted(route, side.value, "" if isinstance(text, ValueProblem) else text, holder=holder)


def _agrees(each: Wanted, found: ContractField | None) -> bool:
    side = oneflow_side(each.route, found)
    return side.problem is None and side.value == each.value
