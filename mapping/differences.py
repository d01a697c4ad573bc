"""What one mapping does otherwise than another."""

import json
from dataclasses import dataclass, replace

from mapping.codec import field_to_json, to_json
from mapping.rules import FieldRule, MappingRules


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A target that both mappings fill, and fill differently."""

    before: FieldRule
    after: FieldRule


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one mapping to another; the order of fields does not count."""

    source_changed: bool
    added: tuple[FieldRule, ...]
    removed: tuple[FieldRule, ...]
    changed: tuple[FieldChange, ...]

    @property
    def is_none(self) -> bool:
        """Tell whether the two mappings do the same."""
        return not (self.source_changed or self.added or self.removed or self.changed)


def difference(before: MappingRules, after: MappingRules) -> Difference:
    """Return what changed from one mapping to another."""
    old = {rule.target: rule for rule in before.fields}
    new = {rule.target: rule for rule in after.fields}
    both = [(old[target], rule) for target, rule in new.items() if target in old]
    return Difference(
        source_changed=_source(before) != _source(after),
        added=tuple(rule for target, rule in new.items() if target not in old),
        removed=tuple(rule for target, rule in old.items() if target not in new),
        changed=tuple(FieldChange(one, other) for one, other in both if _text(one) != _text(other)),
    )


def _source(rules: MappingRules) -> str:
    return json.dumps(to_json(replace(rules, fields=(), version=1)))


def _text(rule: FieldRule) -> str:
    """Return a field as text: in it, 1 and true differ."""
    return json.dumps(field_to_json(rule), sort_keys=True)
