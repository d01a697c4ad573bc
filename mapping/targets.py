"""The platform's fields: what a mapping may fill."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class TargetKind(Enum):
    """Which values a target holds; the value is the phrase for people."""

    TEXT = "text"
    FLAG = "true or false"
    SCALAR = "text, a number, true or false"


@dataclass(frozen=True, slots=True)
class Target:
    """One platform field; `max_length` is in characters and holds for text."""

    name: str
    kind: TargetKind = TargetKind.TEXT
    max_length: int = 50
    required: bool = False

    def accepts(self, value: object) -> bool:
        """Tell whether a value that is not blank has a type this field can hold; its length is another matter."""
        if isinstance(value, bool):
            return self.kind is not TargetKind.TEXT
        if isinstance(value, str):
            return self.kind is not TargetKind.FLAG
        return self.kind is TargetKind.SCALAR and _is_storable_number(value)


Targets = Mapping[str, Target]

LONGEST_TEXT = 16_000
"""Characters in a custom text: at most 32,000 UTF-16 units, which every store takes."""

_CUSTOM = re.compile(r"custom\.[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)


def _table(*targets: Target) -> Targets:
    return MappingProxyType({target.name: target for target in targets})


TARGETS: Mapping[str, Targets] = MappingProxyType(
    {
        "suppliers": _table(
            Target("name", max_length=100, required=True),
            Target("number", max_length=20),
            Target("address", max_length=250),
            Target("city", max_length=100),
            Target("state", max_length=100),
            Target("country", max_length=100),
            Target("postalCode", max_length=20),
            Target("email", max_length=250),
            Target("phone"),
            Target("website", max_length=255),
            Target("taxId"),
            Target("blocked"),
        ),
        "products": _table(
            Target("name", max_length=100, required=True),
            Target("number", max_length=20),
            Target("hsCode", max_length=10),
            Target("type"),
            Target("category", max_length=100),
            Target("unit"),
            Target("gtin", max_length=14),
            Target("countryOfOrigin", max_length=100),
            Target("blocked", TargetKind.FLAG),
        ),
    },
)
"""Platform fields by entity type."""

EVERY_TARGET: Targets = MappingProxyType(
    {
        **TARGETS["suppliers"],
        **TARGETS["products"],
        "blocked": Target("blocked", TargetKind.SCALAR),
    },
)
"""The fields of all entity types together, for a mapping whose entity type is not known."""


def find_target(name: str, targets: Targets) -> Target | None:
    """Return the platform field or custom field of this name, or None if there is no such field."""
    if name in targets:
        return targets[name]
    return Target(name, TargetKind.SCALAR, LONGEST_TEXT) if _CUSTOM.fullmatch(name) else None


def _is_storable_number(value: object) -> bool:
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, float) and math.isfinite(value)
