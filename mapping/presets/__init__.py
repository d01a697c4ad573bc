"""The mappings that hold until a person sets others."""

import json
from functools import cache
from importlib.resources import files

from mapping.codec import parse
from mapping.rules import MappingRules
from mapping.targets import TARGETS

PRESETS = tuple(TARGETS)
"""The names of the presets: the entity types of the platform."""


@cache
def preset(name: str) -> MappingRules:
    """Return the mapping of this name, one of `PRESETS`.

    Raises:
        KeyError: There is none.
    """
    targets = TARGETS[name]
    return parse(json.loads(files(__name__).joinpath(f"{name}.json").read_text("utf-8")), targets)
