"""What can be wrong with a mapping, and with one field of one record."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class RuleCode(StrEnum):
    """Why a mapping is refused."""

    MEMBER_MISSING = "MEMBER_MISSING"
    MEMBER_UNKNOWN = "MEMBER_UNKNOWN"
    WRONG_TYPE = "WRONG_TYPE"
    INVALID_ROUTE = "INVALID_ROUTE"
    INVALID_NAME = "INVALID_NAME"
    INVALID_FILTER = "INVALID_FILTER"
    INVALID_EXPAND = "INVALID_EXPAND"
    INVALID_JOIN = "INVALID_JOIN"
    INVALID_VERSION = "INVALID_VERSION"
    INVALID_SOURCE = "INVALID_SOURCE"
    SOURCES_NOT_COMBINED = "SOURCES_NOT_COMBINED"
    UNKNOWN_TARGET = "UNKNOWN_TARGET"
    DUPLICATE_TARGET = "DUPLICATE_TARGET"
    REQUIRED_TARGET_MISSING = "REQUIRED_TARGET_MISSING"
    UNKNOWN_TRANSFORM = "UNKNOWN_TRANSFORM"
    UNKNOWN_OPTION = "UNKNOWN_OPTION"
    OPTION_MISSING = "OPTION_MISSING"
    INVALID_OPTION = "INVALID_OPTION"
    INVALID_DEFAULT = "INVALID_DEFAULT"
    TOO_MANY_FIELDS = "TOO_MANY_FIELDS"


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One reason to refuse a mapping; `pointer` is the JSON pointer of the member at fault."""

    pointer: str
    code: RuleCode
    detail: str


class RulesError(ValueError):
    """A mapping cannot be used; `problems` holds every reason."""

    def __init__(self, problems: Iterable[RuleProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.pointer or '/'}: {problem.detail}" for problem in self.problems))


class FieldCode(StrEnum):
    """Why one field of one record could not be mapped."""

    REQUIRED_FIELD_MISSING = "REQUIRED_FIELD_MISSING"
    UNEXPECTED_TYPE = "UNEXPECTED_TYPE"
    INVALID_VALUE = "INVALID_VALUE"
    VALUE_TOO_LONG = "VALUE_TOO_LONG"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that could not be mapped.

    `value` is what the source held: null when absent, a list of values for
    several sources. `message` never repeats it.
    """

    code: FieldCode
    target: str
    source: str | tuple[str, ...] | None
    value: object
    message: str

    @property
    def data(self) -> dict[str, object]:
        """Return the source fields at fault with what they held."""
        if self.source is None:
            return {}
        if isinstance(self.source, str):
            return {self.source: self.value}
        values = self.value if isinstance(self.value, list) else [None] * len(self.source)
        return dict(zip(self.source, values, strict=True))


class TransformError(ValueError):
    """A transform cannot turn this value into another; `code` says why."""

    def __init__(self, detail: str, code: FieldCode = FieldCode.INVALID_VALUE) -> None:
        self.code = code
        super().__init__(detail)
