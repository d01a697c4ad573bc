"""Which columns a mapping needs of a joined page."""

import re

from mapping.paths import parse_path
from mapping.rules import Join, MappingRules

_PLAIN = re.compile(r"[A-Za-z_]\w*\.([A-Za-z_]\w*)(?:\..*)?", re.ASCII)


def columns_of(join: Join, rules: MappingRules) -> tuple[str, ...]:
    """Return the columns that the fields read of a joined page, none for all of them, the one it is joined on first."""
    texts = [text for rule in rules.fields for text in rule.sources if join.prefix in parse_path(text).navigated]
    found = [_PLAIN.fullmatch(text) for text in texts]
    if not all(found):
        return ()
    return tuple(dict.fromkeys((join.on, *(each[1] for each in found if each is not None))))
