"""What a merge of both sides of a contract does to each field, and what came of it."""

from dataclasses import dataclass

from mapping.values import Typed
from sync.model.contract_link import ContractLink
from sync.model.entity_mapping import FieldPair
from sync.model.field_sync import Action


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a field: `value` is written, or is the new base; one that is left alone has code and reason."""

    action: Action
    value: Typed = None
    wanted: Action | None = None
    """The write that is left out because something is wrong; None when nothing is."""
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A value that was written; texts as Oneflow shows them, None when it cannot show one."""

    pair: FieldPair
    action: Action
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class FieldSkip:
    """A field that was left alone; `wanted` is the write that something stood in the way of."""

    pair: FieldPair
    code: str
    reason: str
    wanted: Action | None = None


@dataclass(frozen=True, slots=True)
class FieldContest:
    """A field that a person has to decide about; texts as Oneflow shows them."""

    id: str
    pair: FieldPair
    base: str | None
    dynamics: str | None
    oneflow: str | None


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What a merge did, field by field, and the link as it left it."""

    link: ContractLink
    updated: tuple[FieldChange, ...] = ()
    unchanged: int = 0
    skipped: tuple[FieldSkip, ...] = ()
    conflicts: tuple[FieldContest, ...] = ()
    news: bool = False
    """Whether a field has a problem that was not told before."""
    contested: bool = False
    """Whether a conflict was not known before, or both sides were other ones."""

    @property
    def problems(self) -> tuple[FieldSkip, ...]:
        """Fields that could not be written, though they were to be."""
        return tuple(each for each in self.skipped if each.wanted is not None)

    def written(self, action: Action) -> tuple[FieldChange, ...]:
        """Return what was written to one side."""
        return tuple(each for each in self.updated if each.action is action)
