"""What the simulated systems send by themselves, to loopback addresses only."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp

_MOST = 4096


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back; only the beginning of the body is kept."""

    status: int
    body: bytes


class Courier(Protocol):
    """Carries a request, and brings back what was answered."""

    async def carry(
        self, method: str, url: str, *, seconds: float, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Heard | None:
        """Return the answer, or None when there is none in time."""
        ...


class LoopbackCourier:
    """Sends over HTTP, follows no redirect, and reaches nothing but this machine."""

    async def carry(
        self, method: str, url: str, *, seconds: float, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Heard | None:
        """Return the answer, or None when there is none in time."""
        if not _is_loopback(url):
            return None
        limit = aiohttp.ClientTimeout(total=seconds)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.request(method, url, data=body, headers=headers, allow_redirects=False) as reply,
            ):
                return Heard(reply.status, await reply.content.read(_MOST))
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
