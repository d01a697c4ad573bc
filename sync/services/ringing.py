"""Notices of Dataverse: where an administrator lets them be sent, and what they ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sync.engine.changes import read_change, told_columns
from sync.engine.directions import goes_out_by_itself
from sync.engine.genuine import digest
from sync.engine.walking import is_open
from sync.model.errand import Listener
from sync.model.errors import KeyTakenError, NotFoundError, StaleRecordError, StateError
from sync.model.integration import Bridge
from sync.model.secret import Secret
from sync.services.bridge_desk import BridgeDesk

PATH = "api/webhooks/dataverse"
"""Where Dataverse's notices arrive, below the hub's own address."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What an administrator enters in Dataverse."""

    url: str = field(repr=False)
    """Holds the token: whoever knows it may bring notices."""
    columns: Mapping[str, tuple[str, ...]]
    """The columns by table of which changes are to be told."""
    is_heeded: bool
    """Whether notices lead to anything: only where changes go out by themselves."""


def registration_of(desk: BridgeDesk, bridge: Bridge) -> Registration:
    """Return what is to be registered in Dataverse; the address is made once, at the first question.

    Raises:
        StateError: The hub has no address that Dataverse could call (PUBLIC_URL_MISSING).
    """
    base = desk.listening.public_url
    if base is None:
        message = "The hub has no public address that Dataverse could call: set HUB_PUBLIC_URL"
        raise StateError(message, code="PUBLIC_URL_MISSING")
    url = f"{base}/{PATH}/{bridge.id}/{_token(desk, bridge).reveal()}"
    return Registration(url, told_columns(desk.mappings.list(bridge.id)), goes_out_by_itself(bridge.settings))


def heed_change(desk: BridgeDesk, integration_id: str, *, token: str, document: object) -> None:
    """Leave an errand for each open contract of the record that a notice names; any other notice asks for nothing.

    Raises:
        NotFoundError: The token is wrong, or there is no such address: both look alike.
    """
    listening = desk.listening
    listening.door.check(integration_id, token)
    bridge, notice = desk.integrations.find(integration_id), read_change(document)
    if bridge is None:
        raise NotFoundError("There is no such address")
    if notice is None or not goes_out_by_itself(bridge.settings):
        return
    now = desk.clock.now()
    for link in filter(is_open, desk.links.of_record(integration_id, notice.entity, notice.record_id)):
        if not listening.requests.serve(integration_id, link.contract_id, now):
            listening.requests.ask(listening.inbox, integration_id, link.contract_id, now)


def close_door(desk: BridgeDesk, bridge: Bridge) -> None:
    """Forget the address of an integration that is about to be deleted; what still comes is answered with 404."""
    door = desk.listening.door
    known = door.listeners.get(bridge.id)
    if known is None:
        return
    door.listeners.delete(bridge.id)
    door.forget(bridge.id)
    desk.secrets.delete(known.secret_name)


def _token(desk: BridgeDesk, bridge: Bridge) -> Secret:
    """Return the token of the address; of several that are made at once, one counts."""
    door, secrets = desk.listening.door, desk.secrets
    while True:
        known = door.listeners.get(bridge.id)
        kept = secrets.get(known.secret_name) if known is not None else None
        if kept is not None:
            return kept
        token, name = Secret(desk.listening.new_word()), desk.ids.new("secret").replace("_", "-")
        secrets.set(name, token)
        listener = Listener(bridge.id, desk.clock.now(), secret_name=name, token_digest=digest(token.reveal()))
        try:
            _keep(desk, known, listener)
        except (KeyTakenError, StaleRecordError):
            secrets.delete(name)
        else:
            return token


def _keep(desk: BridgeDesk, known: Listener | None, listener: Listener) -> None:
    door = desk.listening.door
    if known is None:
        door.listeners.create(listener)
    else:
        door.listeners.save(replace(listener, version=known.version))
    door.forget(listener.integration_id)
