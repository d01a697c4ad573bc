"""Writes the daily notices about client secrets that will end."""

import logging
from dataclasses import replace

from sync.codec import time_text
from sync.engine.forecast import MARKS, Forecast, mark_of, notice_due
from sync.model.errors import SyncError
from sync.model.integration import Announced, Integration
from sync.model.log import Action, LogEntry, LogStatus
from sync.services.desk import Desk
from sync.services.integrations import revise

logger = logging.getLogger(__name__)


def announce(desk: Desk) -> int:
    """Write what is due about any integration, each notice once; return how many were written.

    A crash at the wrong moment writes one twice, never none; trouble with one integration does not concern the others.
    """
    written = sum(_announce_safely(desk, integration) for integration in desk.integrations.everyone())
    logger.info("ends announced", extra={"notices": written})
    return written


def _announce_safely(desk: Desk, integration: Integration) -> bool:
    try:
        return _announce(desk, integration)
    except SyncError as error:
        logger.warning("an end was not announced", extra={"integration": integration.id, "code": error.code})
        return False


def _announce(desk: Desk, integration: Integration) -> bool:
    forecast = notice_due(integration, desk.clock.now())
    if forecast is None:
        return False
    told = Announced(forecast.expires_at, mark_of(forecast))
    desk.logs.append(_entry(desk, integration, forecast))
    revise(desk.integrations, integration, lambda current: replace(current, announced=told))
    return True


def _entry(desk: Desk, integration: Integration, forecast: Forecast) -> LogEntry:
    return LogEntry(
        id=desk.ids.new("log"),
        integration_id=integration.id,
        entity_type=None,
        action=Action.NOTICE,
        status=LogStatus.ERROR if mark_of(forecast) == MARKS[-1] else LogStatus.PARTIAL,
        records_affected=0,
        created_at=desk.clock.now(),
        metadata={
            "code": forecast.code,
            "message": forecast.detail,
            "daysLeft": forecast.days_left,
            "expiresAt": time_text(forecast.expires_at),
            "errors": [],
        },
    )
