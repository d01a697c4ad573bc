"""By what a platform-made record is recognised when the source brings the same vendor or item."""

import re
from collections.abc import Mapping
from typing import Any

_FILLING = re.compile(r"[\s.\-]")


def marks_of(fields: Mapping[str, Any]) -> frozenset[str]:
    """Return a record's tax id and number, each in the form in which they are compared."""
    marks = []
    for name, form in _FORMS:
        text = fields.get(name)
        if isinstance(text, str) and (formed := form(text)):
            marks.append(f"{name}:{formed}")
    return frozenset(marks)


def _tax_id(text: str) -> str:
    return (text if text.isalnum() else _FILLING.sub("", text)).casefold()


def _number(text: str) -> str:
    return text.strip().casefold()


_FORMS = (("taxId", _tax_id), ("number", _number))
