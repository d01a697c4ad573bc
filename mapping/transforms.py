"""The transforms that a mapping may name, and the options they take."""

import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from mapping import steps
from mapping.problems import RuleCode, RuleProblem
from mapping.rules import TransformSpec
from mapping.steps import Options, Step, text_step
from mapping.targets import LONGEST_TEXT


class OptionKind(Enum):
    """Which values an option takes; the value is the phrase for people."""

    TEXT = "a text"
    WORD = "a text that is not empty"
    WORDS = "a list of texts"
    INDEX = "a whole number from 0"
    SIZE = f"a whole number from 1 to {LONGEST_TEXT}"
    SCALAR = "a text, a number, true, false or null"
    CODES = "an object of texts"
    TABLE = "an object of texts, numbers, true, false or null"


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a transform."""

    kind: OptionKind
    required: bool = False


@dataclass(frozen=True, slots=True)
class Transform:
    """A named transform: its options, and how a step is built from them."""

    build: Callable[[Options], Step]
    options: Mapping[str, Option] = MappingProxyType({})
    combines: bool = False
    takes_null: bool = False


TRANSFORMS: Mapping[str, Transform] = MappingProxyType(
    {
        "trim": Transform(text_step(str.strip)),
        "upper": Transform(text_step(str.upper)),
        "lower": Transform(text_step(str.lower)),
        "title": Transform(text_step(string.capwords)),
        "digits": Transform(text_step(steps.only_digits)),
        "enum": Transform(text_step(steps.unescape)),
        "hsCode": Transform(text_step(steps.hs_code)),
        "date": Transform(text_step(steps.to_date)),
        "decimal": Transform(lambda _: steps.to_decimal),
        "countryIso": Transform(steps.country_iso, {"table": Option(OptionKind.CODES)}),
        "bool": Transform(steps.to_bool, {"true": Option(OptionKind.WORDS), "false": Option(OptionKind.WORDS)}),
        "lookup": Transform(
            steps.lookup,
            {"table": Option(OptionKind.TABLE, required=True), "default": Option(OptionKind.SCALAR)},
        ),
        "concat": Transform(steps.concat, {"separator": Option(OptionKind.TEXT)}, combines=True),
        "first": Transform(steps.first, combines=True),
        "constant": Transform(
            steps.constant,
            {"value": Option(OptionKind.SCALAR, required=True)},
            combines=True,
            takes_null=True,
        ),
        "split": Transform(
            steps.split,
            {"separator": Option(OptionKind.WORD), "index": Option(OptionKind.INDEX)},
        ),
        "truncate": Transform(steps.truncate, {"max": Option(OptionKind.SIZE, required=True)}),
        "blank": Transform(steps.blank, {"values": Option(OptionKind.WORDS)}),
    },
)
"""Every transform by its name in a mapping."""


def check_transform(spec: TransformSpec, pointer: str) -> Iterator[RuleProblem]:
    """Yield what is wrong with a transform's name and options."""
    transform = TRANSFORMS.get(spec.name)
    if transform is None:
        yield RuleProblem(pointer, RuleCode.UNKNOWN_TRANSFORM, f"There is no transform {spec.name}.")
        return
    for name, option in transform.options.items():
        if option.required and name not in spec.options:
            detail = f"The transform {spec.name} needs {name}."
            yield RuleProblem(f"{pointer}/{name}", RuleCode.OPTION_MISSING, detail)
    for name, value in spec.options.items():
        yield from _check_option(transform.options.get(name), value, f"{pointer}/{pointer_token(name)}")


def pointer_token(name: str) -> str:
    """Return a member's name as it stands in a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def is_scalar(value: object) -> bool:
    """Tell whether a JSON value is neither a list nor an object."""
    return value is None or isinstance(value, (str, bool, int, float))


def _check_option(option: Option | None, value: object, pointer: str) -> Iterator[RuleProblem]:
    if option is None:
        yield RuleProblem(pointer, RuleCode.UNKNOWN_OPTION, "The transform has no such option.")
    elif not _FITS[option.kind](value):
        yield RuleProblem(pointer, RuleCode.INVALID_OPTION, f"The option must be {option.kind.value}.")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= LONGEST_TEXT


def _is_object_of(value: object, holds: Callable[[object], bool]) -> bool:
    return isinstance(value, Mapping) and all(map(holds, value.values()))


_FITS: Mapping[OptionKind, Callable[[object], bool]] = {
    OptionKind.TEXT: _is_text,
    OptionKind.WORD: lambda value: _is_text(value) and value != "",
    OptionKind.WORDS: lambda value: isinstance(value, list) and all(map(_is_text, value)),
    OptionKind.INDEX: lambda value: _is_whole(value, 0),
    OptionKind.SIZE: lambda value: _is_whole(value, 1),
    OptionKind.SCALAR: is_scalar,
    OptionKind.CODES: lambda value: _is_object_of(value, _is_text),
    OptionKind.TABLE: lambda value: _is_object_of(value, is_scalar),
}
