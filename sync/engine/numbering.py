"""Narrows down which record numbers a source counts and does not list, one count at a time."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

LONGEST_NUMBER = 20
"""Characters of a number: Code[20] of vendors and items."""

_CHARACTERS = " &'()+-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
_BEYOND = "\uffff"


@dataclass(frozen=True, slots=True)
class Between:
    """A question: how many records have a number in this half-open span; None is open."""

    low: str | None
    high: str | None


@dataclass(frozen=True, slots=True)
class Exactly:
    """A question: how many records have this number."""

    number: str


type Search = Generator[Between | Exactly, int]
"""Asks for counts; what it wants to tell lies in the list that it was given."""


def hidden_numbers(span: Between, listed: Sequence[str], hidden: int, *, found: list[str]) -> Search:
    """Find the numbers in the span that are counted beyond those listed, which come in the source's order."""
    if hidden <= 0:
        return
    if len(listed) <= 1:
        yield from _in_gap(span, listed, hidden, found=found)
        return
    half = len(listed) // 2
    middle = listed[half]
    before = (yield Between(span.low, middle)) - half
    yield from hidden_numbers(Between(span.low, middle), listed[:half], before, found=found)
    yield from hidden_numbers(Between(middle, span.high), listed[half:], hidden - before, found=found)


def _in_gap(span: Between, listed: Sequence[str], hidden: int, *, found: list[str]) -> Search:
    """Try the numbers beside the one that is listed, then spell out the others."""
    known = set(listed)
    for guesses in [_following(number, step) for number in listed for step in (1, -1)]:
        for guess in guesses:
            if hidden <= 0 or not _inside(span, guess) or not (yield Exactly(guess)):
                break
            found.append(guess)
            known.add(guess)
            hidden -= 1
    yield from _spelled(_common(span), span, known, hidden, found=found)


def _spelled(prefix: str, span: Between, known: set[str], hidden: int, *, found: list[str]) -> Search:
    """Find hidden numbers that begin with the prefix: by halves of the next character, then character by character."""
    if hidden <= 0 or len(prefix) >= LONGEST_NUMBER:
        return
    characters = [each for each in _CHARACTERS if _meets(span, prefix + each)]
    yield from _among(prefix, characters, span, known=known, hidden=hidden, found=found)


def _among(
    prefix: str, characters: Sequence[str], span: Between, *, known: set[str], hidden: int, found: list[str]
) -> Search:
    if hidden <= 0 or not characters:
        return
    if len(characters) == 1:
        number = prefix + characters[0]
        if number not in known and _inside(span, number) and (yield Exactly(number)):
            found.append(number)
            known.add(number)
            hidden -= 1
        yield from _spelled(number, span, known, hidden, found=found)
        return
    half = len(characters) // 2
    middle = prefix + characters[half]
    left, right = Between(span.low, middle), Between(middle, span.high)
    before = (yield left) - sum(1 for each in known if _inside(left, each))
    yield from _among(prefix, characters[:half], left, known=known, hidden=before, found=found)
    yield from _among(prefix, characters[half:], right, known=known, hidden=hidden - before, found=found)


def _following(number: str, step: int) -> Iterator[str]:
    """Yield the numbers after or before this one in its series."""
    digits = "".join(takewhile(str.isdecimal, reversed(number)))[::-1]
    stem = number[: len(number) - len(digits)]
    value = int(digits or 0)
    while digits and value + step >= 0:
        value += step
        yield f"{stem}{value:0{len(digits)}d}"


def _common(span: Between) -> str:
    if span.low is None or span.high is None:
        return ""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(span.low, span.high, strict=False))
    return "".join(each for each, _ in pairs)


def _inside(span: Between, number: str) -> bool:
    return (span.low is None or number >= span.low) and (span.high is None or number < span.high)


def _meets(span: Between, prefix: str) -> bool:
    """Return whether a number that begins so may lie in the span."""
    return (span.low is None or prefix + _BEYOND > span.low) and (span.high is None or prefix < span.high)
