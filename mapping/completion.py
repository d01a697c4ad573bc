"""Makes mappings to the same targets comparable: all fields, in one order, and no custom field without a value."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mapping.compiler import CompiledMapping, compile_rules
from mapping.generation import Problems, Run
from mapping.rules import FieldRule, JsonValue, MappingRules
from mapping.targets import Targets

_ASKED = ("select", "expand")


def complete(rules: MappingRules, targets: Targets) -> MappingRules:
    """Return the mapping with a rule for each of these targets, in their order, then custom fields by name.

    A target that the mapping leaves out is filled with nothing. Two mappings that give a record the same
    values give them in the same form then, so that the record's content hash is the same, too.
    """
    known = {rule.target: rule for rule in rules.fields}
    usual = [known.get(name) or FieldRule(None, name) for name in targets]
    custom = sorted((rule for rule in rules.fields if rule.target not in targets), key=lambda rule: rule.target)
    return replace(rules, fields=(*usual, *custom))


def compile_complete(rules: MappingRules, targets: Targets) -> CompiledMapping:
    """Return the completed mapping ready for use.

    Raises:
        RulesError: The mapping cannot be used; it carries every problem.
    """
    compiled = _without_joined(compile_rules(complete(rules, targets), targets))
    if all(rule.target in targets for rule in rules.fields):
        return compiled
    return replace(compiled, run=_sparse(compiled.run))


def _without_joined(compiled: CompiledMapping) -> CompiledMapping:
    """Return the mapping without what joined pages give: the record's own page must not be asked for it."""
    prefixes = {join.prefix for join in compiled.rules.joins}
    if not prefixes:
        return compiled
    own = {name: tuple(each for each in getattr(compiled, name) if each not in prefixes) for name in _ASKED}
    return replace(compiled, select=own["select"], expand=own["expand"])


def _sparse(run: Run) -> Run:
    """Return the same without custom fields that have no value."""

    def sparse(raw: Mapping[str, Any]) -> tuple[dict[str, JsonValue], Problems]:
        fields, problems = run(raw)
        return {name: value for name, value in fields.items() if value is not None or "." not in name}, problems

    return sparse
