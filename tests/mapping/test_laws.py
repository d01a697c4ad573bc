import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mapping import (
    TARGETS,
    FieldRule,
    MappingRules,
    RulesError,
    TransformSpec,
    compile_rules,
    parse,
    preset,
    to_json,
)
from mapping.problems import TransformError
from mapping.steps import country_iso, hs_code, unescape
from tests.mapping.samples import NAME

few = settings(max_examples=40, deadline=None)
texts = st.text(max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
telling = st.sampled_from(
    ["", " ", "_x0020_", "0001-01-01", "4407.29", "UK", "a;b", "yes", "2024-06-15T01:02:03Z", "1.50", "1e9"],
)
columns = st.sampled_from(["displayName", "number", "country", "blocked", "type", "lines", "unit"])
records = st.dictionaries(columns, documents | telling, max_size=7)

specs = st.sampled_from(
    [
        *(TransformSpec(name) for name in ("trim", "upper", "lower", "title", "digits", "enum", "hsCode", "date")),
        *(TransformSpec(name) for name in ("decimal", "countryIso", "bool", "split", "blank")),
        TransformSpec("countryIso", {"table": {"NI": "GB"}}),
        TransformSpec("lookup", {"table": {"a": 1, "b": None}, "default": "x"}),
        TransformSpec("truncate", {"max": 3}),
        TransformSpec("constant", {"value": 5}),
    ],
)
combining = st.sampled_from([TransformSpec("concat", {"separator": ", "}), TransformSpec("first")])
paths = columns | st.sampled_from(["unit.code", "unit.code || number", "lines[0].code", "length(lines)", "lines[::0]"])


@st.composite
def field_rules(draw: st.DrawFn, target: str) -> FieldRule:
    several = draw(st.booleans())
    source = tuple(draw(st.lists(paths, min_size=1, max_size=3))) if several else draw(st.none() | paths)
    first = (draw(combining),) if several else ()
    transforms = (*first, *draw(st.lists(specs, max_size=3)))
    return FieldRule(source, target, transforms, draw(st.none() | telling), required=draw(st.booleans()))


@st.composite
def mappings(draw: st.DrawFn) -> MappingRules:
    targets = draw(st.lists(st.sampled_from([f"custom.{letter}" for letter in "abcdef"]), unique=True, max_size=4))
    return MappingRules(
        entity_set="vendors",
        route=draw(st.sampled_from(["v2.0", "contoso/eudr/v1.0"])),
        fields=(NAME, *(draw(field_rules(target)) for target in targets)),
        filter=draw(st.none() | st.just("blocked eq ' '")),
        expand=tuple(draw(st.lists(st.sampled_from(["lines", "unit($select=code)"]), unique=True))),
        id_field=draw(st.sampled_from(["id", "systemId"])),
        modified_field=draw(st.sampled_from(["lastModifiedDateTime", "systemModifiedAt", None])),
        version=draw(st.integers(1, 99)),
    )


def escape(name: str) -> str:
    """Return a name as XmlConvert writes it: letters and digits as they are, the rest by its code."""

    def escaped(found: re.Match[str]) -> str:
        code_point = ord(found[0])
        return f"_x{code_point:04X}_" if code_point <= 0xFFFF else f"_x{code_point:08X}_"

    return re.sub(r"[^A-Za-z0-9]", escaped, name)


@few
@given(st.text())
def test_an_escaped_name_comes_back(name: str) -> None:
    assert unescape(escape(name)) == name


@few
@given(st.text(st.characters(exclude_characters="_")))
def test_a_name_without_escapes_stays(name: str) -> None:
    assert unescape(name) == name


@few
@given(texts | st.sampled_from(["UK", "el", " deu ", "Viet Nam"]))
def test_a_country_once_mapped_stays(name: str) -> None:
    step = country_iso({})
    assert step(step(name)) == step(name)


@few
@given(st.text("0123456789. ", max_size=14) | texts)
def test_an_hs_code_is_digits_or_a_problem_and_stays(came: str) -> None:
    try:
        code = hs_code(came)
    except TransformError:
        return
    assert re.fullmatch("[0-9]{2,10}", code)
    assert hs_code(code) == code


@few
@given(mappings(), st.lists(records, max_size=3))
def test_no_record_makes_a_mapping_raise_and_every_target_is_there(
    rules: MappingRules,
    raws: list[dict[str, Any]],
) -> None:
    compiled = compile_rules(rules)
    assert all(tuple(compiled.apply(raw).fields) == compiled.targets for raw in raws)


@few
@given(st.sampled_from(sorted(TARGETS)), st.data())
def test_a_preset_fills_every_target_whatever_came(name: str, data: st.DataObject) -> None:
    compiled = compile_rules(preset(name), TARGETS[name])
    wanted = st.dictionaries(st.sampled_from(compiled.select), documents | telling)
    assert tuple(compiled.apply(data.draw(wanted)).fields) == tuple(TARGETS[name])


@few
@given(mappings(), records)
def test_a_record_maps_the_same_way_every_time(rules: MappingRules, raw: dict[str, Any]) -> None:
    compiled = compile_rules(rules)
    assert compiled.apply(raw) == compile_rules(rules).apply(raw) == compiled.apply(raw)


@few
@given(mappings(), records)
def test_a_field_at_fault_is_null(rules: MappingRules, raw: dict[str, Any]) -> None:
    mapped = compile_rules(rules).apply(raw)
    assert all(mapped.fields[problem.target] is None for problem in mapped.problems)


@few
@given(mappings(), records)
def test_no_blank_text_is_ever_stored(rules: MappingRules, raw: dict[str, Any]) -> None:
    stored = compile_rules(rules).apply(raw).fields.values()
    assert all(value.strip() and not value.startswith("0001-01-01") for value in stored if isinstance(value, str))


@few
@given(mappings())
def test_the_json_form_reads_back_as_the_same_mapping(rules: MappingRules) -> None:
    assert parse(to_json(rules)) == rules


def told(document: object) -> set[str]:
    """Return the pointers of all problems with a document, none if it is read."""
    try:
        parse(document)
    except RulesError as error:
        return {problem.pointer for problem in error.problems}
    return set()


@few
@given(documents)
def test_any_document_that_is_no_mapping_is_refused_with_reasons(document: object) -> None:
    assert told(document)


@few
@given(st.sets(st.sampled_from(["source", "target", "transform", "default", "required"]), min_size=1))
def test_every_broken_member_is_told(broken: set[str]) -> None:
    bad: dict[str, object] = {"source": 5, "target": 5, "transform": 5, "default": [], "required": 5}
    good = {"source": "x", "target": "custom.x"}
    document = {
        "source": {"route": "v2.0", "entitySet": "vendors"},
        "fields": [{"source": "displayName", "target": "name"}, good | {name: bad[name] for name in broken}],
    }
    # Whether a default fits is only known for a target that exists.
    expected = broken - {"default"} if "target" in broken else broken
    assert told(document) == {f"/fields/1/{name}" for name in expected}
