"""Webhooks: made, listed, changed, removed; and who wants to hear of what."""

from typing import Any

from sandbox.oneflow.bodies import Json, text_of
from sandbox.oneflow.doing import Doing
from sandbox.oneflow.model import Contract, Event, Webhook
from sandbox.oneflow.refusals import Problems

_LONGEST_URL = 1000
_MOST_RULES = 2
_MOST_VALUES = 50
_KINDS = {"EVENT_TYPE": str, "WORKSPACE": int}


def make(body: Json, doing: Doing) -> Webhook:
    """Make a webhook.

    Raises:
        OneflowError: 400.
    """
    webhook = Webhook(0, "", None, None, None, None)
    _fill(webhook, {"callback_url": None, **body}, doing)
    webhook.id = doing.numbers.next("webhook")
    doing.account.webhooks[webhook.id] = webhook
    doing.note("webhook", id=webhook.id, to="created")
    return webhook


def change(webhook: Webhook, body: Json, doing: Doing) -> Webhook:
    """Change what is in the body; the rest stays.

    Raises:
        OneflowError: 400.
    """
    _fill(webhook, body, doing)
    doing.note("webhook", id=webhook.id, to="changed")
    return webhook


def remove(webhook: Webhook, doing: Doing) -> None:
    """Remove a webhook."""
    del doing.account.webhooks[webhook.id]
    doing.note("webhook", id=webhook.id, to="deleted")


def wants(webhook: Webhook, contract: Contract, event: Event) -> bool:
    """Tell whether a webhook hears of an event: one filter is enough, and all of its rules must agree."""
    kind = contract.template.type
    if webhook.template_group_id is not None and (kind is None or kind.id != webhook.template_group_id):
        return False
    if webhook.filters is None:
        return True
    facts: dict[object, object] = {"EVENT_TYPE": event.type, "WORKSPACE": contract.workspace}
    return any(all(_agrees(rule, facts) for rule in each["filter_rules"]) for each in webhook.filters)


def _agrees(rule: dict[str, object], facts: dict[object, object]) -> bool:
    values = rule["values"]
    return isinstance(values, list) and facts[rule["type"]] in values


def _fill(webhook: Webhook, body: Json, doing: Doing) -> None:
    problems = Problems()
    url = text_of(body, "callback_url", "", problems, _LONGEST_URL)
    key = text_of(body, "sign_key", "", problems)
    schemes = ("https://",) if doing.switches.callback_scheme == "https" else ("https://", "http://")
    if "callback_url" in body and not url.startswith(schemes):
        problems.add("callback_url", "Not a valid URL.")
    if body.get("filters") is not None:
        _check_filters(body["filters"], problems)
    problems.check()
    webhook.callback_url = url or webhook.callback_url
    webhook.sign_key = (key or None) if "sign_key" in body else webhook.sign_key
    for name in ("template_group_id", "integration_process_id", "filters"):
        if name in body:
            setattr(webhook, name, body[name])


def _check_filters(filters: Any, problems: Problems) -> None:
    if not isinstance(filters, list):
        problems.add("filters", "Not a valid list.")
        return
    for at, each in enumerate(filters):
        rules = each.get("filter_rules") if isinstance(each, dict) else None
        path = f"filters[{at}].filter_rules"
        if not isinstance(rules, list) or not 1 <= len(rules) <= _MOST_RULES:
            problems.add(path, f"Must have 1 to {_MOST_RULES} rules.")
        elif not all(_is_rule(rule) for rule in rules):
            problems.add(path, "Must be of type EVENT_TYPE or WORKSPACE, with 1 to 50 fitting values.")


def _is_rule(rule: Any) -> bool:
    if not isinstance(rule, dict) or str(rule.get("type")) not in _KINDS:
        return False
    values, kind = rule.get("values"), _KINDS[rule["type"]]
    return (
        isinstance(values, list) and 1 <= len(values) <= _MOST_VALUES and all(isinstance(one, kind) for one in values)
    )
