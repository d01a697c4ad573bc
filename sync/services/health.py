"""Whether an integration does well, and whether the hub's dependencies answer."""

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sync.engine.forecast import Forecast, forecasts
from sync.model.errors import SyncError
from sync.model.integration import HELD, AnyIntegration
from sync.model.run import Run, RunStatus

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a dependency may take to show a sign of life."""


class HealthState(StrEnum):
    """How an integration does."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Health:
    """How an integration does, why not better, and what will end soon."""

    state: HealthState
    detail: str | None = None
    warnings: tuple[Forecast, ...] = ()


@dataclass(frozen=True, slots=True)
class Sign:
    """Whether a dependency showed a sign of life, and why not."""

    ok: bool
    detail: str | None = None


_STATES = {
    RunStatus.SUCCEEDED: HealthState.OK,
    RunStatus.PARTIAL: HealthState.DEGRADED,
    RunStatus.FAILED: HealthState.FAILING,
}
_UNTROUBLED = frozenset({HealthState.OK, HealthState.UNKNOWN})
_DETAILS = {HealthState.DEGRADED: "Some records had errors", HealthState.FAILING: "The last run failed"}


def health_of(integration: AnyIntegration, runs: Iterable[Run], *, now: datetime) -> Health:
    """Return an integration's health by its status, the newest of these runs with a result, and what ends soon."""
    health, warnings = _standing(integration, runs), forecasts(integration, now)
    if warnings and health.state in _UNTROUBLED:
        return Health(HealthState.DEGRADED, warnings[0].detail, warnings)
    return replace(health, warnings=warnings)


def _standing(integration: AnyIntegration, runs: Iterable[Run]) -> Health:
    if integration.standing in HELD:
        return Health(HealthState.FAILING, integration.status_reason)
    told = next((run for run in runs if run.status in _STATES), None)
    quiet = told is None or told.status is RunStatus.SUCCEEDED
    if quiet and integration.realtime_trouble is not None:
        return Health(HealthState.DEGRADED, f"Changes are not told at once: {integration.realtime_trouble}")
    if told is None:
        return Health(HealthState.UNKNOWN)
    state = _STATES[told.status]
    return Health(state, told.error.message if told.error is not None else _DETAILS.get(state))


def readiness(probes: Mapping[str, Callable[[], object]], *, patience: float = PATIENCE) -> dict[str, Sign]:
    """Ask all dependencies at once for a sign of life, and return their signs by name."""
    pool = ThreadPoolExecutor(max(1, len(probes)))
    asked = {name: pool.submit(probe) for name, probe in probes.items()}
    wait(asked.values(), timeout=patience)
    pool.shutdown(wait=False, cancel_futures=True)
    return {name: _sign(name, future) for name, future in asked.items()}


def _sign(name: str, future: "Future[object]") -> Sign:
    if not future.done():
        return Sign(ok=False, detail="No answer in time")
    error = future.exception()
    if error is None:
        return Sign(ok=True)
    logger.warning("dependency does not answer", exc_info=error, extra={"dependency": name})
    return Sign(ok=False, detail=error.message if isinstance(error, SyncError) else "No usable answer")
