"""Function keys: who may call what."""

import hmac
from dataclasses import dataclass
from enum import Enum

from aiohttp import web


class Level(Enum):
    """What a caller must show; SYSTEM is the durable webhooks' own level."""

    ANONYMOUS = "ANONYMOUS"
    FUNCTION = "FUNCTION"
    ADMIN = "ADMIN"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class Keys:
    """The host's keys; without host and master key nothing is asked for, as under Core Tools."""

    system: str
    host: str | None = None
    master: str | None = None

    def allow(self, request: web.Request, level: Level) -> bool:
        """Tell whether the request shows a key for this level, in x-functions-key or code."""
        if level is Level.ANONYMOUS or (self.host is None and self.master is None):
            return True
        shown = request.headers.get("x-functions-key") or request.query.get("code") or ""
        accepted = {
            Level.FUNCTION: (self.host, self.master),
            Level.ADMIN: (self.master,),
            Level.SYSTEM: (self.system, self.master),
        }[level]
        return any(hmac.compare_digest(shown.encode(), key.encode()) for key in accepted if key)
