"""GUIDs, the ids of Microsoft's systems, as text."""

import re

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def is_guid(text: str) -> bool:
    """Tell whether a text is a GUID of 36 characters, in any case and without braces."""
    return _GUID.fullmatch(text) is not None
