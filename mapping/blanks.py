"""What Business Central sends where it has nothing to say."""

import re

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
_FIRST_DAY = re.compile(r"0001-01-01(T00:00:00(\.0+)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


def is_blank(text: str) -> bool:
    """Tell whether a text stands for no value: white space, the zero GUID, the first day of year 1."""
    return not text or text.isspace() or text == ZERO_GUID or _FIRST_DAY.fullmatch(text) is not None


def without_blank(value: object) -> object:
    """Return None for a text that stands for no value, and anything else as it is."""
    return None if isinstance(value, str) and is_blank(value) else value
