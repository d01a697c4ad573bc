"""Mappings to and from their JSON form, the Sync Config."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from mapping.check import check_rules, transform_pointers
from mapping.problems import RuleCode, RuleProblem, RulesError
from mapping.rules import FieldRule, Join, JsonValue, MappingRules, Source, TransformSpec
from mapping.targets import EVERY_TARGET, Targets
from mapping.transforms import pointer_token

_SOURCE_MEMBERS = frozenset({"route", "entitySet", "filter", "expand", "idField", "modifiedField", "joins"})
_JOIN_MEMBERS = frozenset({"route", "entitySet", "prefix", "on", "modifiedField"})
_FIELD_MEMBERS = frozenset({"source", "target", "transform", "default", "required"})
_USUAL = MappingRules(entity_set="", route="", fields=())
_USUAL_JOIN = Join(entity_set="", route="", prefix="")


def parse(document: object, targets: Targets = EVERY_TARGET) -> MappingRules:
    """Return the mapping that a JSON document describes, fit for these targets.

    Members beside `source`, `fields` and `version` are ignored.

    Raises:
        RulesError: The document is no usable mapping; it carries every problem.
    """
    reader = _Reader()
    rules = reader.read_rules(document)
    problems = list(reader.problems)
    problems += [found for found in check_rules(rules, targets) if not reader.has_touched(found.pointer)]
    if problems:
        raise RulesError(problems)
    return rules


def to_json(rules: MappingRules) -> dict[str, JsonValue]:
    """Return the JSON form of a mapping, without members that hold their usual value."""
    source: dict[str, JsonValue] = {"route": rules.route, "entitySet": rules.entity_set}
    if rules.filter is not None:
        source["filter"] = rules.filter
    if rules.expand:
        source["expand"] = list(rules.expand)
    if rules.id_field != _USUAL.id_field:
        source["idField"] = rules.id_field
    if rules.modified_field != _USUAL.modified_field:
        source["modifiedField"] = rules.modified_field
    if rules.joins:
        source["joins"] = [_join_json(join) for join in rules.joins]
    return {"source": source, "fields": [field_to_json(rule) for rule in rules.fields], "version": rules.version}


def _join_json(join: Join) -> JsonValue:
    document: dict[str, JsonValue] = {"route": join.route, "entitySet": join.entity_set}
    if join.prefix != join.entity_set:
        document["prefix"] = join.prefix
    if join.on != _USUAL_JOIN.on:
        document["on"] = join.on
    if join.modified_field != _USUAL_JOIN.modified_field:
        document["modifiedField"] = join.modified_field
    return document


def field_to_json(rule: FieldRule) -> dict[str, JsonValue]:
    """Return the JSON form of one field, without members that hold their usual value."""
    source: JsonValue = list(rule.source) if isinstance(rule.source, tuple) else rule.source
    document: dict[str, JsonValue] = {"source": source, "target": rule.target}
    transforms: list[JsonValue] = [_transform_json(spec) for spec in rule.transforms]
    if transforms:
        document["transform"] = transforms[0] if len(transforms) == 1 else transforms
    if rule.default is not None:
        document["default"] = rule.default
    if rule.required:
        document["required"] = True
    return document


def _transform_json(spec: TransformSpec) -> JsonValue:
    return {"name": spec.name, **spec.options} if spec.options else spec.name


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


class _Reader:
    """Reads a document to the end whatever is wrong with it, and notes every problem on the way."""

    def __init__(self) -> None:
        self.problems: list[RuleProblem] = []

    def has_refused(self, pointer: str) -> bool:
        """Tell whether the member here, or one around it, has been refused already."""
        return any(f"{pointer}/".startswith(f"{problem.pointer}/") for problem in self.problems)

    def has_touched(self, pointer: str) -> bool:
        """Tell whether a refused member makes it idle to say more about the member here."""
        inside = pointer != "/fields" and any(found.pointer.startswith(f"{pointer}/") for found in self.problems)
        return inside or self.has_refused(pointer)

    def read_rules(self, document: object) -> MappingRules:
        members = self._members(document, "", known=None)
        source = self._members(self._needed(members, "source", ""), "/source", known=_SOURCE_MEMBERS)
        expand = source.get("expand")
        return MappingRules(
            entity_set=self._text(self._needed(source, "entitySet", "/source"), "/source/entitySet"),
            route=self._text(self._needed(source, "route", "/source"), "/source/route"),
            fields=self._fields(self._needed(members, "fields", "")),
            filter=self._text_or_null(source.get("filter"), "/source/filter"),
            expand=() if expand is None else self._texts(expand, "/source/expand"),
            id_field=self._text(source.get("idField", _USUAL.id_field), "/source/idField"),
            modified_field=self._text_or_null(
                source.get("modifiedField", _USUAL.modified_field),
                "/source/modifiedField",
            ),
            version=self._typed(members.get("version", _USUAL.version), "/version", _is_whole, "a whole number") or 0,
            joins=self._joins(source.get("joins")),
        )

    def _joins(self, value: object) -> tuple[Join, ...]:
        joins = () if value is None else self._typed(value, "/source/joins", _is_list, "a list")
        return tuple(self._join(item, f"/source/joins/{index}") for index, item in enumerate(joins or ()))

    def _join(self, value: object, pointer: str) -> Join:
        members = self._members(value, pointer, known=_JOIN_MEMBERS)
        entity_set = self._text(self._needed(members, "entitySet", pointer), f"{pointer}/entitySet")
        return Join(
            entity_set=entity_set,
            route=self._text(self._needed(members, "route", pointer), f"{pointer}/route"),
            prefix=self._text(members.get("prefix", entity_set), f"{pointer}/prefix"),
            on=self._text(members.get("on", _USUAL_JOIN.on), f"{pointer}/on"),
            modified_field=self._text_or_null(
                members.get("modifiedField", _USUAL_JOIN.modified_field),
                f"{pointer}/modifiedField",
            ),
        )

    def _fields(self, value: object) -> tuple[FieldRule, ...]:
        fields = self._typed(value, "/fields", _is_list, "a list")
        return tuple(self._field(item, f"/fields/{index}") for index, item in enumerate(fields or ()))

    def _field(self, value: object, pointer: str) -> FieldRule:
        members = self._members(value, pointer, known=_FIELD_MEMBERS)
        required = members.get("required", False)
        return FieldRule(
            source=self._source(self._needed(members, "source", pointer), f"{pointer}/source"),
            target=self._text(self._needed(members, "target", pointer), f"{pointer}/target"),
            transforms=self._transforms(members.get("transform"), f"{pointer}/transform"),
            default=members.get("default"),
            required=bool(self._typed(required, f"{pointer}/required", _is_flag, "true or false")),
        )

    def _source(self, value: object, pointer: str) -> Source:
        if value is None or isinstance(value, str):
            return value
        return self._texts(value, pointer)

    def _transforms(self, value: object, pointer: str) -> tuple[TransformSpec, ...]:
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        pointers = transform_pointers(pointer, len(items))
        return tuple(self._transform(item, where) for item, where in zip(items, pointers, strict=True))

    def _transform(self, value: object, pointer: str) -> TransformSpec:
        if isinstance(value, str):
            return TransformSpec(value)
        members = self._members(value, pointer, known=None)
        name = self._text(self._needed(members, "name", pointer), f"{pointer}/name")
        return TransformSpec(name, {option: given for option, given in members.items() if option != "name"})

    def _members(self, value: object, pointer: str, *, known: Collection[str] | None) -> Mapping[str, Any]:
        members: Mapping[str, Any] = self._typed(value, pointer, _is_object, "an object") or {}
        for name in members:
            if known is not None and name not in known:
                where = f"{pointer}/{pointer_token(name)}"
                self._refuse(where, RuleCode.MEMBER_UNKNOWN, f"There is no member {name} here.")
        return members

    def _needed(self, members: Mapping[str, Any], name: str, pointer: str) -> Any:
        """Return a member that must be there; None, noted as missing, if it is not."""
        where = f"{pointer}/{name}"
        if name not in members and not self.has_refused(where):
            self._refuse(where, RuleCode.MEMBER_MISSING, f"The member {name} is missing.")
        return members.get(name)

    def _text(self, value: object, pointer: str) -> str:
        return self._typed(value, pointer, _is_text, "a text") or ""

    def _text_or_null(self, value: object, pointer: str) -> str | None:
        return None if value is None else self._text(value, pointer)

    def _texts(self, value: object, pointer: str) -> tuple[str, ...]:
        return tuple(self._typed(value, pointer, _is_list_of_texts, "a list of texts") or ())

    def _typed(self, value: Any, pointer: str, fits: Callable[[object], bool], what: str) -> Any:
        """Return the value if it has the type that belongs here; None, noted, if it has not."""
        if fits(value):
            return value
        if not self.has_refused(pointer):
            self._refuse(pointer, RuleCode.WRONG_TYPE, f"This must be {what}.")
        return None

    def _refuse(self, pointer: str, code: RuleCode, detail: str) -> None:
        self.problems.append(RuleProblem(pointer, code, detail))
