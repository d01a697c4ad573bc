"""Which bodies belong to which kind of integration."""

from collections.abc import Mapping
from typing import Any

from sync.model.bridge import BridgeConnection
from sync.model.integration import AnyConnection, AnyIntegration, Kind
from sync.services.integrations import IntegrationOrder
from sync.triggers.bodies import IntegrationBody, NewIntegrationBody, writable
from sync.triggers.bridge_bodies import Allowed, BridgeBody, NewBridgeBody, writable_ends
from sync.triggers.documents import check_document

type AnyBody = IntegrationBody | BridgeBody

_BODIES: dict[Kind, type[AnyBody]] = {Kind.BUSINESS_CENTRAL: IntegrationBody, Kind.ONEFLOW: BridgeBody}
_NEW_BODIES: dict[Kind, type[AnyBody]] = {Kind.BUSINESS_CENTRAL: NewIntegrationBody, Kind.ONEFLOW: NewBridgeBody}


def new_order(document: Mapping[str, Any], allowed: Allowed) -> IntegrationOrder:
    """Return what a caller wants to be made (InvalidError with every problem otherwise)."""
    kind = Kind.ONEFLOW if document.get("kind") == Kind.ONEFLOW else Kind.BUSINESS_CENTRAL
    return check_document(_NEW_BODIES[kind], document, knowing=allowed).to_order()


def checked(kind: Kind, document: Mapping[str, Any], allowed: Allowed) -> AnyBody:
    """Return a changed integration of this kind (InvalidError with every problem otherwise)."""
    return check_document(_BODIES[kind], {**document, "kind": kind.value}, knowing=allowed)


def outline(integration: AnyIntegration, patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of an integration that its owner may change, as this merge patch finds it."""
    return {
        "name": integration.name,
        "kind": integration.kind.value,
        "connection": _writable(integration.connection, patch),
        "schedule": integration.schedule,
        "settings": integration.settings,
    }


def _writable(connection: AnyConnection, patch: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(connection, BridgeConnection):
        return writable_ends(connection, patch)
    return writable(connection, patch)
