"""What Oneflow's replies tell: pages, contracts, data fields, templates, webhooks."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sync.connectors.faults import decoded
from sync.connectors.odata import own
from sync.model.contract_life import Life
from sync.model.errors import RefusedError, RetryLaterError
from sync.ports import Contract, ContractField, DataFieldDefinition, Hook, Template, Workspace

type Json = Mapping[str, Any]


def read_any(body: bytes) -> Any:
    """Return the JSON of a reply.

    Raises:
        RetryLaterError: The body is cut or no JSON.
    """
    try:
        return decoded(body)
    except ValueError as error:
        message = "Oneflow's reply is cut or no JSON"
        raise RetryLaterError(message, delay=0, code="SOURCE_UNAVAILABLE") from error


def read_object(body: bytes) -> Json:
    """Return the JSON object of a reply (RetryLaterError as read_any; RefusedError SOURCE_UNREADABLE otherwise)."""
    document = read_any(body)
    if not isinstance(document, dict):
        raise _unreadable("an object")
    return document


def read_page[T](body: bytes, read: Callable[[Json], T], *, url: str, base: str) -> tuple[tuple[T, ...], str | None]:
    """Return the items of a page, and the address of the next one.

    Raises:
        RefusedError: It is no page (SOURCE_UNREADABLE), or the next one is foreign or this one again (CURSOR_LOOP).
        RetryLaterError: The body is cut or no JSON.
    """
    page = read_object(body)
    items = page.get("data")
    if not isinstance(items, list):
        raise _unreadable("a list")
    following = _part(_part(page, "_links"), "next").get("href")
    if not isinstance(following, str):
        return tuple(map(read, items)), None
    if own(following, base) == url:
        raise RefusedError("Oneflow's next page is the same page again", code="CURSOR_LOOP")
    return tuple(map(read, items)), following


def read_contract(document: Json) -> Contract:
    """Return a contract; its name and template are in its private parts (Contract)."""
    private, ownerside = _part(document, "_private"), _part(document, "_private_ownerside")
    return Contract(
        id=_id(document),
        name=_text(private.get("name")),
        state=_text(document.get("state")),
        lifecycle_state=_part(document, "lifecycle_state").get("lifecycle_state"),
        workspace_id=private.get("workspace_id"),
        template_id=ownerside.get("template_id"),
        created_at=ownerside.get("created_time"),
        updated_at=document.get("updated_time"),
        fields=tuple(read_field(each) for each in document.get("data_fields") or ()),
        signed=any(each.get("sign_state") == "signed" for each in _people(document)),
        life=read_life(document),
    )


def read_life(document: Json) -> Life:
    """Return the times of a contract's life; a cancellation that was taken back is none."""
    course = _part(document, "lifecycle_state")
    return Life(
        published=_time(document, "published_time"),
        moved=_time(document, "state_updated_time"),
        expires=_time(document, "signing_period_expiry_time"),
        starts=_time(course, "contract_start_time"),
        ends=_time(course, "contract_end_time"),
        canceled=None if course.get("is_canceled") is False else _time(course, "cancel_time"),
        period_ends=_time(course, "period_end_time"),
        recurring=course.get("is_recurring") is True,
    )


def _people(document: Json) -> Iterator[Json]:
    """Yield the participants of all parties; an individual has one of its own."""
    for party in document.get("parties") or ():
        yield from party.get("participants") or ()
        yield _part(party, "participant")


def read_field(document: Json) -> ContractField:
    """Return a data field of a contract; its custom id stands at the top, or in its private part."""
    ownerside = _part(document, "_private_ownerside")
    return ContractField(
        id=_id(document),
        custom_id=_text(document.get("custom_id") or ownerside.get("custom_id")),
        name=_text(document.get("name")),
        value=_text(document.get("value")),
        updated_at=ownerside.get("updated_time"),
    )


def read_definition(document: Json) -> DataFieldDefinition:
    """Return a data field of a template type."""
    return DataFieldDefinition(
        id=_id(document),
        custom_id=_text(document.get("custom_id")),
        name=_text(document.get("name")),
        description=_text(document.get("description")),
        placeholder=_text(document.get("placeholder")),
        system=document.get("source") == "system",
        active=document.get("active") is not False,
        value=_text(document.get("value")),
    )


def read_workspace(document: Json) -> Workspace:
    """Return a workspace."""
    may = _part(document, "_permissions").get("contract:create")
    return Workspace(_id(document), _text(document.get("name")), may is True)


def read_template(document: Json) -> Template:
    """Return a template."""
    return Template(
        id=_id(document),
        name=_text(document.get("name")),
        active=document.get("template_active") is not False,
        type_id=_part(document, "template_type").get("id"),
        takes_products=_part(document, "available_options").get("can_receive_products") is True,
    )


def read_hooks(document: Any) -> tuple[Hook, ...]:
    """Return the webhooks of a listing, which may come bare or wrapped."""
    rows = document
    if isinstance(document, dict):
        rows = document.get("data") or document.get("webhooks") or ()
    return tuple(read_hook(each) for each in rows)


def read_hook(document: Json) -> Hook:
    """Return a webhook; the documentation has two names for its id."""
    number = document.get("id") or document.get("webhook_id")
    return Hook(_id({"id": number}), _text(document.get("callback_url")))


def _part(document: Json, name: str) -> Json:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _id(document: Json) -> int:
    found = document.get("id")
    if not isinstance(found, int):
        raise _unreadable("an id")
    return found


def _time(document: Json, name: str) -> str | None:
    return _text(document.get(name)) or None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _unreadable(expected: str) -> RefusedError:
    return RefusedError(f"Oneflow's reply does not have {expected} where it belongs", code="SOURCE_UNREADABLE")
