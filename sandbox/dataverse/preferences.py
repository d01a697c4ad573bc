"""The Prefer header."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

FORMATTED = "OData.Community.Display.V1.FormattedValue"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"
TARGET = "Microsoft.Dynamics.CRM.lookuplogicalname"

_ANNOTATIONS = re.compile(r'odata\.include-annotations\s*=\s*"?([^"]*)"?', re.IGNORECASE)
_SIZE = re.compile(r"odata\.maxpagesize\s*=\s*(\d+)", re.IGNORECASE)
_WORDS = ("odata.track-changes", "odata.continue-on-error")


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the caller would like."""

    represented: bool = False
    annotations: tuple[str, ...] = ()
    size: int | None = None
    tracked: bool = False
    goes_on: bool = False
    applied: str = ""
    """What Preference-Applied says."""

    def wants(self, annotation: str) -> bool:
        """Whether an annotation of this name was asked for."""
        return any(fnmatchcase(annotation, pattern) for pattern in self.annotations)


def preferences(header: str) -> Preferences:
    """Read a Prefer header."""
    annotations, size = _ANNOTATIONS.search(header), _SIZE.search(header)
    rest = _ANNOTATIONS.sub("", header).lower()
    represented = "return=representation" in rest.replace(" ", "")
    tracked, goes_on = (word in rest for word in _WORDS)
    told = (
        "return=representation" if represented else "",
        f'odata.include-annotations="{annotations[1]}"' if annotations else "",
        f"odata.maxpagesize={size[1]}" if size else "",
        _WORDS[0] if tracked else "",
        _WORDS[1] if goes_on else "",
    )
    patterns = tuple(part.strip() for part in annotations[1].split(",")) if annotations else ()
    return Preferences(
        represented,
        patterns,
        max(1, int(size[1])) if size else None,
        tracked,
        goes_on,
        ",".join(each for each in told if each),
    )
