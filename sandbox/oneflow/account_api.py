"""What the API answers about the account: workspaces, templates, users, webhooks."""

from typing import Any

from sandbox.oneflow import searching, templates, webhooks
from sandbox.oneflow.asked import Asked, list_of, route
from sandbox.oneflow.bodies import as_object
from sandbox.oneflow.model import TemplateType, Webhook
from sandbox.oneflow.paging import page, read_query
from sandbox.oneflow.refusals import not_found

_VERSION = "1.0.0"


def _root(_: Asked) -> Any:
    return {"api_version": _VERSION, "description": "Oneflow API", "documentation": "", "message": "Welcome."}


def _users(asked: Asked) -> Any:
    return list_of(asked, asked.account.users, asked.write.user, searching.NAME_KEYS)


def _workspaces(asked: Asked) -> Any:
    seen = [each for each in asked.account.workspaces.values() if asked.account.may_enter(asked.email, each.id)]
    rows = searching.workspaces(seen, read_query(asked.query), asked.doing.switches)
    return list_of(asked, rows, lambda each: asked.write.workspace(each, asked.account.name), searching.NAME_KEYS)


def _workspace(asked: Asked) -> Any:
    found = asked.account.workspaces.get(asked.number(0))
    if found is None:
        raise not_found()
    return asked.write.workspace(found, asked.account.name)


def _templates(asked: Asked) -> Any:
    rows = searching.templates(asked.account.templates.values(), read_query(asked.query), asked.doing.switches)
    return list_of(asked, rows, asked.write.template, searching.NAME_KEYS)


def _template(asked: Asked) -> Any:
    found = asked.account.templates.get(asked.number(0))
    if found is None:
        raise not_found()
    places = [asked.account.workspaces[each] for each in found.workspaces]
    return asked.write.full_template(found, [asked.write.workspace(each, asked.account.name) for each in places])


def _choices(asked: Asked) -> Any:
    kind = read_query(asked.query).plain.get("template_type_id")
    rows = []
    for place in asked.account.workspaces.values():
        if place.may_create and asked.account.may_enter(asked.email, place.id):
            shared = [each for each in asked.account.templates.values() if place.id in each.workspaces and each.active]
            fitting = [each for each in shared if kind is None or (each.type and str(each.type.id) == kind)]
            shown = [asked.write.template(each) for each in fitting]
            rows.append({"id": place.id, "name": place.name, "templates": shown})
    return rows


def _types(asked: Asked) -> Any:
    return list_of(asked, list(asked.account.types.values()), asked.write.template_type, searching.NAME_KEYS)


def _type(asked: Asked) -> TemplateType:
    found = asked.account.types.get(asked.number(0))
    if found is None:
        raise not_found()
    return found


def _type_fields(asked: Asked) -> Any:
    return {"data_fields": [asked.write.type_field(each) for each in _type(asked).fields.values()]}


def _replace_type_fields(asked: Asked) -> Any:
    templates.replace_fields(_type(asked), as_object(asked.body), asked.email, asked.doing)
    return _type_fields(asked)


def _make_type(asked: Asked) -> Any:
    return asked.write.full_type(templates.make_type(as_object(asked.body), asked.email, asked.doing))


def _webhooks(asked: Asked) -> Any:
    rows = [asked.write.webhook(each) for each in asked.account.webhooks.values()]
    wrapper = asked.doing.switches.webhook_list
    if wrapper == "data":
        return page(rows, read_query(asked.query), asked.address, asked.query)
    return rows if wrapper == "bare" else {"webhooks": rows}


def _webhook(asked: Asked) -> Webhook:
    found = asked.account.webhooks.get(asked.number(0))
    if found is None:
        raise not_found()
    return found


def _make_webhook(asked: Asked) -> Any:
    return asked.write.webhook(webhooks.make(as_object(asked.body), asked.doing))


def _change_webhook(asked: Asked) -> Any:
    return asked.write.webhook(webhooks.change(_webhook(asked), as_object(asked.body), asked.doing))


def _remove_webhook(asked: Asked) -> Any:
    webhooks.remove(_webhook(asked), asked.doing)
    return {}


ROUTES = (
    route("GET", "/?", _root),
    route("GET", "/ping", lambda _: {}),
    route("GET", "/accounts/me", lambda asked: asked.write.account(asked.account)),
    route("GET", "/users", _users),
    route("GET", "/workspaces", _workspaces),
    route("GET", "/workspaces/ID", _workspace),
    route("GET", "/templates", _templates),
    route("GET", "/templates/ID", _template),
    route("GET", "/template_types", _types),
    route("POST", "/template_types", _make_type),
    route("GET", "/template_types/ID", lambda asked: asked.write.full_type(_type(asked))),
    route("PUT", "/template_types/ID/data_fields", _replace_type_fields),
    route("GET", "/helpers/contract_create_data", _choices),
    route("GET", "/helpers/template_types/ID/data_fields", _type_fields),
    route("GET", "/webhooks", _webhooks),
    route("POST", "/webhooks", _make_webhook),
    route("GET", "/webhooks/ID", lambda asked: asked.write.webhook(_webhook(asked))),
    route("PUT", "/webhooks/ID", _change_webhook),
    route("DELETE", "/webhooks/ID", _remove_webhook),
)
