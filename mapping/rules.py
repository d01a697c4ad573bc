"""A mapping as values: where records come from and how their fields become ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field

type JsonValue = bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None
type Source = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class TransformSpec:
    """One named transform with its options."""

    name: str
    options: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one target field is filled.

    `source` is a column, a dotted path, a JMESPath expression, several of
    them for a transform that combines, or None for no source. `default`
    stands in for a value that is blank after the transforms.
    """

    source: Source
    target: str
    transforms: tuple[TransformSpec, ...] = ()
    default: JsonValue = None
    required: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the source expressions, none, one or several."""
        if self.source is None:
            return ()
        return (self.source,) if isinstance(self.source, str) else self.source


@dataclass(frozen=True, slots=True)
class Join:
    """Another page of the same company, whose row belongs to a record when its `on` is the record's id.

    Fields read its columns below `prefix`. `modified_field` is None when the page cannot be asked for changes.
    """

    entity_set: str
    route: str
    prefix: str
    on: str = "id"
    modified_field: str | None = "lastModifiedDateTime"


@dataclass(frozen=True, slots=True)
class MappingRules:
    """Where one kind of record comes from, and a rule per target field.

    `modified_field` is None when the source cannot be asked for changes.
    """

    entity_set: str
    route: str
    fields: tuple[FieldRule, ...]
    filter: str | None = None
    expand: tuple[str, ...] = ()
    id_field: str = "id"
    modified_field: str | None = "lastModifiedDateTime"
    version: int = 1
    joins: tuple[Join, ...] = ()

    @property
    def tells_changes(self) -> bool:
        """Whether the source and all that is joined to it can be asked for changes."""
        return self.modified_field is not None and all(join.modified_field is not None for join in self.joins)
