"""The Functions app: registers what the triggers package offers."""

from sync.edge import calm_collector
from sync.settings import read_settings
from sync.triggers import (
    annals,
    catalog,
    conflicts,
    connections,
    consents,
    contracts,
    downloads,
    durable,
    dynamics_notices,
    entity_mappings,
    health,
    history,
    integrations,
    mappings,
    merging,
    notices,
    oneflow_notices,
    plans,
    records,
    runs,
    schedules,
    sources,
    static,
    summaries,
    syncing,
    timers,
    webhooks,
)
from sync.triggers.hub import lazy
from sync.wiring import build_hub

_settings = read_settings()
_hubs = lazy(lambda: build_hub(_settings))
_schedules = _settings.schedules

app = durable.application()
for _blueprint in (
    static.routes(_settings.console),
    health.routes(_hubs),
    integrations.routes(_hubs),
    summaries.routes(_hubs),
    connections.routes(_hubs),
    schedules.routes(_hubs),
    catalog.routes(_hubs),
    entity_mappings.routes(_hubs),
    contracts.routes(_hubs),
    consents.routes(_hubs),
    runs.routes(_hubs),
    downloads.routes(_hubs),
    annals.routes(_hubs),
    plans.routes(_hubs),
    records.routes(_hubs),
    conflicts.routes(_hubs),
    history.routes(_hubs),
    sources.routes(_hubs),
    mappings.routes(_hubs),
    merging.routes(_hubs),
    syncing.routes(_hubs),
    webhooks.routes(_hubs),
    durable.workflow(_hubs),
    notices.routes(_hubs),
    oneflow_notices.routes(_hubs),
    dynamics_notices.routes(_hubs),
    oneflow_notices.timers(_hubs, hooks=_schedules.hooks, cleaning=_schedules.cleaning),
    oneflow_notices.errands(_hubs, schedule=_schedules.errands, walks=_schedules.walks),
    webhooks.timers(_hubs, deliveries=_schedules.deliveries, cleaning=_schedules.cleaning),
    notices.timers(_hubs, subscriptions=_schedules.subscriptions, notices=_schedules.notices),
    timers.timers(_hubs, delta=_schedules.delta, sweep_every=_schedules.sweep, cleaning=_schedules.cleaning),
):
    app.register_functions(_blueprint)
calm_collector()
