"""Turns the fields of one system into the fields of another; pure, and knows nothing of either's transport."""

from mapping.check import check_rules
from mapping.codec import parse, to_json
from mapping.compiler import CompiledMapping, Mapped, compile_rules
from mapping.presets import PRESETS, preset
from mapping.problems import FieldCode, FieldProblem, RuleCode, RuleProblem, RulesError
from mapping.rules import FieldRule, Join, JsonValue, MappingRules, TransformSpec
from mapping.targets import TARGETS, Target, TargetKind, Targets

__all__ = [
    "PRESETS",
    "TARGETS",
    "CompiledMapping",
    "FieldCode",
    "FieldProblem",
    "FieldRule",
    "Join",
    "JsonValue",
    "Mapped",
    "MappingRules",
    "RuleCode",
    "RuleProblem",
    "RulesError",
    "Target",
    "TargetKind",
    "Targets",
    "TransformSpec",
    "check_rules",
    "compile_rules",
    "parse",
    "preset",
    "to_json",
]
