"""What a merge has seen of a contract and its record, and what it did to each field."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mapping.columns import Column
from mapping.contract_text import to_text
from mapping.stored import from_stored, to_stored
from mapping.values import Typed
from sync.engine.deciding import REASONS, agreed, confirmed, contested, has_landed, settled
from sync.model.contract_link import ContractLink, FieldMemory, Trial, conflict_id
from sync.model.field_sync import NO_BASE, Action, FieldState, NoBase, SkipCode, Write
from sync.model.merge import FieldChange, FieldContest, FieldSkip, MergeReport, Verdict
from sync.ports import Contract
from sync.services.carrying import Order, Result
from sync.services.field_sides import Reading, Route, holder_of, states

_WRITES = frozenset({Action.TO_ONEFLOW, Action.TO_DYNAMICS})


@dataclass(frozen=True, slots=True)
class Look:
    """Both sides as they were read, what is known of each field, and which writes have arrived unnoticed."""

    at: datetime
    reading: Reading
    contract: Contract
    fields: Mapping[str, tuple[Route, FieldState]]
    known: Mapping[str, FieldMemory]
    arrived: Mapping[str, Trial]

    def texts(self, key: str) -> dict[str, str | None]:
        """Return base and both sides of a field as Oneflow shows them."""
        route, state = self.fields[key]
        held = {each.custom_id: each.value for each in self.contract.fields}
        unreadable = state.dynamics.problem is not None
        return {
            "base": None if isinstance(state.base, NoBase) else text_of(route.column, state.base),
            "dynamics": None if unreadable else text_of(route.column, state.dynamics.value),
            "oneflow": held.get(route.pair.data_field),
        }


def looked_at(reading: Reading, contract: Contract, link: ContractLink, *, at: datetime) -> Look:
    """Return what was read, beside what is known."""
    fields = states(reading, contract.fields, link)
    remembered = {key: link.memory(key).of(holder_of(route, reading.row)) for key, (route, _) in fields.items()}
    known = {key: settled(remembered[key], state) for key, (_, state) in fields.items()}
    trials = {key: memory.trial for key, memory in remembered.items()}
    arrived = {key: trial for key, trial in trials.items() if trial is not None and has_landed(trial, fields[key][1])}
    seen = {key: (route, replace(state, base=known[key].value)) for key, (route, state) in fields.items()}
    return Look(at, reading, contract, seen, known, arrived)


def text_of(column: Column, value: Typed) -> str | None:
    """Return a value as Oneflow shows it, None when it cannot."""
    text = to_text(column, value)
    return text if isinstance(text, str) else None


class Ledger:
    """Keeps account of a merge: what is remembered of each field from now on, and what was done to it."""

    def __init__(self, link: ContractLink) -> None:
        self._before = link
        self._memory = dict(link.fields)
        self._changes: list[FieldChange] = []
        self._told = 0
        self._skips: dict[str, FieldSkip] = {}
        self._contests: dict[str, FieldContest] = {}
        self._calm: set[str] = set()
        self._news = False

    @property
    def memory(self) -> dict[str, FieldMemory]:
        """What is remembered of each field."""
        return dict(self._memory)

    def judge(self, look: Look, verdicts: Mapping[str, Verdict]) -> dict[str, Order]:
        """Note the verdicts, and return what is to be written."""
        for kept in (self._skips, self._contests):
            kept.clear()
        self._calm.clear()
        self._memory |= {key: known for key, known in look.known.items() if key in self._memory}
        for key, trial in look.arrived.items():
            self._claim(look, key, trial)
        for key, verdict in verdicts.items():
            self._note(look, key, verdict)
        self._drop_unmapped(look)
        return {key: _order(look, key, each) for key, each in verdicts.items() if each.action in _WRITES}

    def rehearse(self, orders: Mapping[str, Order]) -> None:
        """Note orders as if they had been carried out."""
        self._changes += map(_change, orders.values())

    def announce(self, orders: Mapping[str, Order]) -> None:
        """Remember what is about to be sent."""
        for key, order in orders.items():
            trial = Trial(order.action, to_stored(order.value), order.before)
            self._memory[key] = replace(self._memory[key], trial=trial)

    def settle(self, orders: Mapping[str, Order], results: Mapping[str, Result], look: Look) -> None:
        """Note what became of orders."""
        for key, result in results.items():
            order, memory = orders[key], self._memory[key]
            if not result.code:
                self._memory[key] = confirmed(memory, Write(order.action, look.at), order.value)
                self._changes.append(_change(order))
                continue
            told = look.known[key].trial
            self._news = self._news or result.lasting or told is None or told.code != result.code
            self._memory[key] = _refused(memory, order, result)
            self._skips[key] = FieldSkip(order.route.pair, result.code, result.reason, order.action)

    def give_up(self, orders: Mapping[str, Order]) -> None:
        """Leave alone what could not be written because somebody else wrote each time."""
        code = SkipCode.KEEPS_CHANGING
        self._skips |= {
            key: FieldSkip(order.route.pair, code.value, REASONS[code], order.action) for key, order in orders.items()
        }
        self._news = True

    def untold(self) -> tuple[FieldChange, ...]:
        """Return, once, what was written since this was asked the last time."""
        found, self._told = tuple(self._changes[self._told :]), len(self._changes)
        return found

    def report(self, link: ContractLink) -> MergeReport:
        """Return what was done so far."""
        return MergeReport(
            link=link,
            updated=tuple(self._changes),
            unchanged=len(self._calm - {change.pair.key for change in self._changes}),
            skipped=tuple(self._skips.values()),
            conflicts=tuple(self._contests.values()),
            news=self._news,
            contested=any(self._is_new(key) for key in self._contests),
        )

    def _is_new(self, key: str) -> bool:
        """Return whether a conflict is none that the link knew when the merge began."""
        return _detected_at(self._memory[key]) != _detected_at(self._before.memory(key))

    def _note(self, look: Look, key: str, verdict: Verdict) -> None:
        (route, state), memory = look.fields[key], look.known[key]
        if verdict.action in {Action.IN_STEP, Action.NEW_BASE}:
            self._calm.add(key)
            memory = agreed(memory, verdict.value)
        elif verdict.action is Action.CONFLICT:
            texts = look.texts(key)
            memory = contested(memory, state, texts, now=look.at)
            self._contests[key] = _contest(look, key, texts)
        elif verdict.action is Action.SKIPPED:
            self._skips[key] = FieldSkip(route.pair, verdict.code, verdict.reason, verdict.wanted)
            memory = self._left(memory, verdict)
        self._memory[key] = memory

    def _left(self, memory: FieldMemory, verdict: Verdict) -> FieldMemory:
        trial = memory.trial
        if verdict.wanted is None:
            return replace(memory, conflict=None, trial=trial if trial is not None and trial.lasting else None)
        if trial is not None and trial.code == verdict.code:
            return replace(memory, conflict=None)
        self._news = True
        told = Trial(verdict.wanted, to_stored(verdict.value), None, verdict.code, verdict.reason)
        return replace(memory, conflict=None, trial=told)

    def _claim(self, look: Look, key: str, trial: Trial) -> None:
        """A write that arrived unnoticed is told now."""
        route, _ = look.fields[key]
        after = text_of(route.column, from_stored(trial.value))
        self._changes.append(FieldChange(route.pair, trial.action, trial.before, after))

    def _drop_unmapped(self, look: Look) -> None:
        for key in self._memory.keys() - look.fields.keys():
            self._memory[key] = replace(self._memory[key], conflict=None, trial=None)


def _detected_at(memory: FieldMemory) -> datetime | None:
    return None if memory.conflict is None else memory.conflict.detected_at


def _order(look: Look, key: str, verdict: Verdict) -> Order:
    route, _ = look.fields[key]
    target = "oneflow" if verdict.action is Action.TO_ONEFLOW else "dynamics"
    return Order(route, verdict.action, verdict.value, look.texts(key)[target])


def _change(order: Order) -> FieldChange:
    return FieldChange(order.route.pair, order.action, order.before, text_of(order.route.column, order.value))


def _refused(memory: FieldMemory, order: Order, result: Result) -> FieldMemory:
    value = to_stored(order.value)
    trial = Trial(order.action, value, order.before, result.code, result.reason, result.lasting)
    known = memory if result.base is NO_BASE else agreed(memory, result.base)
    return replace(known, conflict=None, trial=trial)


def _contest(look: Look, key: str, texts: Mapping[str, str | None]) -> FieldContest:
    route, _ = look.fields[key]
    named = conflict_id(look.contract.id, key)
    return FieldContest(named, route.pair, texts["base"], texts["dynamics"], texts["oneflow"])
