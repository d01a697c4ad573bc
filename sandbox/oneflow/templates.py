"""Template types: made, and their data fields replaced."""

from typing import Any

from sandbox.oneflow.bodies import Json, objects_of, text_of
from sandbox.oneflow.doing import Doing
from sandbox.oneflow.fields import LONGEST_VALUE
from sandbox.oneflow.model import TemplateType, TypeField
from sandbox.oneflow.refusals import Problems, forbidden

_TEXTS = ("name", "description", "placeholder", "value")


def make_type(body: Json, email: str, doing: Doing) -> TemplateType:
    """Make a template type without fields.

    Raises:
        OneflowError: 400 without a name, 403 for a user who is no admin.
    """
    _check_admin(email, doing)
    problems = Problems()
    name = text_of(body, "name", "", problems)
    if not name:
        problems.add("name", "Missing data for required field.")
    problems.check()
    kind = TemplateType(doing.numbers.next("type"), name, doing.now, text_of(body, "description", "", problems))
    doing.account.types[kind.id] = kind
    doing.note("template_type", id=kind.id, to=name)
    return kind


def replace_fields(kind: TemplateType, body: Json, email: str, doing: Doing) -> TemplateType:
    """Replace all data fields: what is not listed is removed, from the templates, too.

    Raises:
        OneflowError: 400, or 403 for a user who is no admin.
    """
    _check_admin(email, doing)
    problems = Problems()
    items = objects_of(body, "data_fields", problems)
    fields: dict[str, TypeField] = {}
    for at, item in enumerate(items):
        path = f"data_fields[{at}]."
        custom_id = text_of(item, "custom_id", path, problems)
        if not custom_id or custom_id in fields:
            problems.add(f"{path}custom_id", "Must be there, and unique within the template type.")
            continue
        fields[custom_id] = _merged(kind.fields.get(custom_id), custom_id, item, path, doing, problems)
    problems.check()
    doing.note("template_fields", None, id=kind.id, **{"from": list(kind.fields), "to": list(fields)})
    for template in doing.account.templates.values():
        if template.type is kind:
            added = {name: field.value for name, field in fields.items() if name not in kind.fields}
            template.values = {name: value for name, value in template.values.items() if name in fields} | added
    kind.fields, kind.updated = fields, doing.now
    return kind


def _merged(
    known: TypeField | None, custom_id: str, item: Json, path: str, doing: Doing, problems: Problems
) -> TypeField:
    field = known or TypeField(doing.numbers.next("type_field"), custom_id, custom_id)
    values: dict[str, Any] = {
        name: text_of(item, name, path, problems, LONGEST_VALUE) for name in _TEXTS if name in item
    }
    return TypeField(
        field.id,
        custom_id,
        values.get("name", field.name),
        values.get("description", field.description),
        values.get("placeholder", field.placeholder),
        values.get("value", field.value),
        field.source,
        field.active,
    )


def _check_admin(email: str, doing: Doing) -> None:
    user = doing.account.user(email)
    if user is not None and not user.admin:
        raise forbidden("Only an admin may change template types.")
