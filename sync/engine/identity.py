"""By what a platform-made record is recognised when the source brings the same vendor or item."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

_FILLING = re.compile(r"[\s.\-]")


def marks_of(fields: Mapping[str, Any]) -> frozenset[str]:
    """Return a record's tax id and number, each in the form in which they are compared."""
    texts = {name: fields.get(name) for name in _FORMS}
    formed = {name: _FORMS[name](text) for name, text in texts.items() if isinstance(text, str)}
    return frozenset(f"{name}:{text}" for name, text in formed.items() if text)


_FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "taxId": lambda text: _FILLING.sub("", text).casefold(),
        "number": lambda text: text.strip().casefold(),
    }
)
