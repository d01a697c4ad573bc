"""What a webhook says: which steps a change concerns, and the context that is sent for it."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET  # the settings come from tests on this machine

from sandbox.dataverse.columns import CHOICES, Column, Kind
from sandbox.dataverse.home import ORGANIZATION_ID, ROOT_UNIT, Change, Home, Values
from sandbox.dataverse.schema import Table, stable_id
from sandbox.dataverse.store import Ref, Row
from sandbox.rows import dumped

type Json = dict[str, Any]

_SCHEMA = "http://schemas.microsoft.com/xrm/2011/Contracts"
_WEBHOOK = 8
_AHEAD = 7 * 3600
"""OperationCreatedOn is written in local time with its offset, as in Microsoft's own sample."""
_PRE, _POST = frozenset({0, 2}), frozenset({1, 2})
_KEY, _HEADER, _QUERY = 4, 5, 6
_SETTING = re.compile(r"^[\w-]+$")


@dataclass(frozen=True, slots=True)
class Post:
    """One delivery: where to, and what."""

    url: str
    headers: dict[str, str]
    body: bytes
    step: str
    change: Change
    operation: str


def posts_of(home: Home, change: Change) -> list[Post]:
    """Return what is to be sent for a change."""
    if change.bypassed and home.switches().bypassed_webhooks == "suppressed":
        return []
    return [_post(home, step, change) for step in home.store.table("sdkmessageprocessingstep").values()
            if _concerns(home, step, change)]  # fmt: skip


def _concerns(home: Home, step: Row, change: Change) -> bool:
    message = home.follow(step.values.get("sdkmessageid"))
    narrowed = home.follow(step.values.get("sdkmessagefilterid"))
    endpoint = home.follow(step.values.get("eventhandler"))
    columns = {name.strip() for name in (step.values.get("filteringattributes") or "").split(",") if name.strip()}
    return (
        step.values.get("statecode", 0) == 0
        and endpoint is not None
        and endpoint.values.get("contract") == _WEBHOOK
        and message is not None
        and message.values.get("name") == change.operation
        and (narrowed is None or narrowed.values.get("primaryobjecttypecode") == change.table)
        and (change.operation != "Update" or not columns or bool(columns & set(change.sent)))
    )


def _post(home: Home, step: Row, change: Change) -> Post:
    endpoint = home.follow(step.values["eventhandler"])
    values = endpoint.values if endpoint else {}
    operation = stable_id("operation", step.id, str(change.version))
    context = _context(home, step, change, operation)
    headers = {
        "Content-Type": "application/json",
        "x-ms-dynamics-organization": "contoso.crm4.dynamics.com",
        "x-ms-dynamics-entity-name": change.table,
        "x-ms-dynamics-request-name": change.operation,
        "x-ms-correlation-request-id": str(context["CorrelationId"]),
        "x-request-id": str(context["CorrelationId"]),
    }
    body = _written(context)
    if len(body) > home.switches().webhook_bytes:
        headers["x-ms-dynamics-msg-size-exceeded"] = "true"
        body = _written(_stripped(context, home.switches().stripped_lists))
    url, more = _authorized(str(values.get("url")), values)
    return Post(url, headers | more, body, step.id, change, operation)


def _authorized(url: str, values: Values) -> tuple[str, dict[str, str]]:
    kind, secret = values.get("authtype"), str(values.get("authvalue") or "")
    mark = "&" if "?" in url else "?"
    if kind == _KEY:
        return f"{url}{mark}code={quote(secret, safe='')}", {}
    settings = _settings(secret)
    if kind == _QUERY and settings:
        told = "&".join(f"{name}={quote(value, safe='')}" for name, value in settings.items())
        return f"{url}{mark}{told}", {}
    return url, settings if kind == _HEADER else {}


def _settings(text: str) -> dict[str, str]:
    try:
        root = ET.fromstring(text)  # noqa: S314  written by the test that registers the endpoint
    except ET.ParseError:
        return {}
    pairs = {each.get("name", ""): each.get("value", "") for each in root.iter("setting")}
    return {name: value for name, value in pairs.items() if _SETTING.match(name)}


def _context(home: Home, step: Row, change: Change, operation: str) -> Json:
    table = home.catalog.tables[change.table]
    shared = [{"key": "tag", "value": change.tag}] if change.tag else []
    told = shared if home.switches().tag_in_webhook == "present" else []
    local = int(home.clock.now() * 1000)
    return {
        "BusinessUnitId": ROOT_UNIT,
        "CorrelationId": stable_id("correlation", change.id, str(change.version)),
        "Depth": 1,
        "InitiatingUserId": change.user,
        "InputParameters": [{"key": "Target", "value": _target(table, change)}],
        "IsExecutingOffline": False,
        "IsInTransaction": False,
        "IsOfflinePlayback": False,
        "IsolationMode": 1,
        "MessageName": change.operation,
        "Mode": 1,
        "OperationCreatedOn": f"/Date({local + _AHEAD * 1000}-0700)/",
        "OperationId": operation,
        "OrganizationId": ORGANIZATION_ID,
        "OrganizationName": "org",
        "OutputParameters": [],
        "OwningExtension": _reference(Ref("sdkmessageprocessingstep", step.id)),
        "ParentContext": None,
        "PostEntityImages": _images(home, step, table, change, _POST),
        "PreEntityImages": _images(home, step, table, change, _PRE),
        "PrimaryEntityId": change.id,
        "PrimaryEntityName": change.table,
        "RequestId": None,
        "SecondaryEntityName": "none",
        "SharedVariables": told,
        "Stage": 40,
        "UserId": change.user,
    }


def _stripped(context: Json, lists: str) -> Json:
    dropped = ("ParentContext", "InputParameters", "PreEntityImages", "PostEntityImages")
    if lists == "absent":
        return {name: value for name, value in context.items() if name not in dropped}
    return {name: (value if name not in dropped or value is None else []) for name, value in context.items()}


def _target(table: Table, change: Change) -> Json:
    if change.operation == "Delete":
        return _reference(Ref(table.name, change.id), typed=True)
    stamps = ("modifiedon", "modifiedby")
    names = [*change.sent, *stamps] if change.operation == "Update" else list(change.after)
    return _entity(table, change.id, change.after, list(dict.fromkeys(names)))


def _images(home: Home, step: Row, table: Table, change: Change, kinds: frozenset[int]) -> list[Json]:
    wanted = Ref("sdkmessageprocessingstep", step.id)
    values = change.before if kinds is _PRE else change.after
    found = []
    for image in home.store.table("sdkmessageprocessingstepimage").values():
        mine = image.values.get("sdkmessageprocessingstepid") == wanted and image.values.get("imagetype") in kinds
        if not mine or not values:
            continue
        columns = [name.strip() for name in (image.values.get("attributes") or "").split(",") if name.strip()]
        entity = _entity(table, change.id, values, columns or list(values))
        found.append({"key": image.values.get("entityalias"), "value": entity})
    return found


def _entity(table: Table, key: str, values: Values, names: list[str]) -> Json:
    known = [table.by_name[name] for name in names if name in table.by_name and name != table.key]
    attributes = [{"key": column.name, "value": _value(column, values.get(column.name))} for column in known]
    return {
        "__type": f"Entity:{_SCHEMA}",
        "Attributes": [*attributes, {"key": table.key, "value": key}],
        "EntityState": None,
        "FormattedValues": [],
        "Id": key,
        "KeyAttributes": [],
        "LogicalName": table.name,
        "RelatedEntities": [],
        "RowVersion": None,
    }


def _value(column: Column, value: Any) -> Any:
    if isinstance(value, Ref):
        return _reference(value, typed=True)
    if isinstance(value, tuple):
        return [_typed("OptionSetValue", number) for number in value]
    if isinstance(value, date):
        return _date(value)
    if value is not None and column.kind in CHOICES:
        return _typed("OptionSetValue", value)
    if isinstance(value, Decimal) and column.kind is Kind.MONEY:
        return _typed("Money", value)
    return value


def _typed(kind: str, value: Any) -> Json:
    return {"__type": f"{kind}:{_SCHEMA}", "Value": value}


def _date(value: date) -> str:
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
    return f"/Date({int(moment.timestamp() * 1000)})/"


def _reference(ref: Ref, *, typed: bool = False) -> Json:
    head = {"__type": f"EntityReference:{_SCHEMA}"} if typed else {}
    return {**head, "Id": ref.id, "KeyAttributes": [], "LogicalName": ref.table, "Name": None, "RowVersion": None}


def _written(context: Json) -> bytes:
    return dumped(context).replace(b"/", b"\\/")
