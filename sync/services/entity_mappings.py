"""Shows and replaces the mappings of tables: what their owners write is checked against both ends first."""

from dataclasses import dataclass, replace

from sync.engine.config_changes import paired
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.errors import InvalidError, KeyTakenError, Problem, StaleRecordError
from sync.model.field_sync import ConflictPolicy, Direction
from sync.model.integration import Bridge
from sync.services.bridge_desk import BridgeDesk
from sync.services.config_notes import note_mapped
from sync.services.pairing import PairOrder, unfit_pairs
from sync.services.templating import TemplateOrder, unfit_template


@dataclass(frozen=True, slots=True)
class EntityMappingOrder:
    """The mapping of a table as a caller describes it."""

    fields: tuple[PairOrder, ...]
    template: TemplateOrder


def current(desk: BridgeDesk, bridge: Bridge, entity: str) -> EntityMapping:
    """Return the mapping of a table; one without fields and version until somebody writes it."""
    return desk.mappings.get(bridge.id, entity) or EntityMapping(bridge.id, entity)


def unfit(desk: BridgeDesk, bridge: Bridge, entity: str, order: EntityMappingOrder) -> list[Problem]:
    """Return everything that speaks against a mapping of a table; nothing is written.

    Raises:
        RefusedError: Dataverse has no such table (ENTITY_NOT_FOUND).
        SyncError: As Dynamics and Oneflow raise, when one of them cannot be asked.
    """
    problems = unfit_pairs(desk.dynamics(bridge), entity, order.fields)
    return problems + unfit_template(desk, bridge, order.template, tuple(each.data_field for each in order.fields))


def save(desk: BridgeDesk, bridge: Bridge, known: EntityMapping, order: EntityMappingOrder) -> EntityMapping:
    """Replace the mapping that the caller has seen.

    Raises:
        InvalidError: It cannot be used; carries every problem.
        RefusedError: Dataverse has no such table (ENTITY_NOT_FOUND).
        StaleRecordError: Somebody else wrote it meanwhile.
        SyncError: As Dynamics and Oneflow raise, when one of them cannot be asked.
    """
    problems = unfit(desk, bridge, known.entity, order)
    if problems:
        raise InvalidError(f"The mapping cannot be used: {len(problems)} problems", *problems)
    made = replace(
        known,
        fields=tuple(map(_pair, order.fields)),
        template_id=order.template.template_number,
        workspace_id=order.template.workspace_number,
        products=order.template.products,
        key_field=order.template.key_field,
        updated_at=desk.clock.now(),
    )
    saved = desk.mappings.save(made) if known.version else _first(desk, made)
    found = paired(known, saved)
    if found:
        note_mapped(desk, bridge.id, saved.entity, found, user_id=bridge.owner.user_id)
    return saved


def _first(desk: BridgeDesk, mapping: EntityMapping) -> EntityMapping:
    try:
        return desk.mappings.create(mapping)
    except KeyTakenError as error:
        raise StaleRecordError("The table was mapped by someone else meanwhile: read it again") from error


def _pair(order: PairOrder) -> FieldPair:
    return FieldPair(
        entity=order.entity or "",
        via=order.via,
        column=order.column or "",
        data_field=order.data_field or "",
        direction=Direction(order.direction or ""),
        policy=ConflictPolicy(order.policy),
        time_zone=order.time_zone,
    )
