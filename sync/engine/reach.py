"""Which addresses webhooks may go to: none that leads into the hub's own network."""

import re
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from sync.model.errors import Problem

LONGEST_URL = 2_048

_WIRE_SERVER = IPv4Address("168.63.129.16")
"""Azure's platform services, at an address that looks public (What is IP address 168.63.129.16)."""
_NEAR = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
"""Networks of one's own (RFC 1918, RFC 4193)."""
_GLOBAL_V6 = IPv6Network("2000::/3")
_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
"""6to4 and Teredo: IPv6 addresses behind which any IPv4 address may be."""
_NUMERIC = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE | re.ASCII)
"""Hosts whose last part is a number are addresses, whichever way they are written (WHATWG URL, ends in a number)."""
_PRINTABLE = re.compile(r"[!-~]+", re.ASCII)


class Reach(StrEnum):
    """Where webhooks may go."""

    PUBLIC = "public"
    """To public addresses over https: in Azure."""
    LOCAL = "local"
    """Also over http, and to addresses of the same machine and network: on a developer's machine."""


def is_allowed(address: str, reach: Reach) -> bool:
    """Tell whether a request may go to an IP address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    is_near = found.is_loopback or any(found in network for network in _NEAR)
    return _is_public(found) or (reach is Reach.LOCAL and is_near)


def check_url(url: str, reach: Reach) -> Problem | None:
    """Return what is wrong with the address of an endpoint, None when nothing is; names are not looked up."""
    if len(url) > LONGEST_URL:
        return Problem("/url", "OUT_OF_RANGE", f"An address has at most {LONGEST_URL} characters.")
    parts = _split(url)
    if parts is None:
        detail = "An address is written as https://host/path, without a user, a password or a fragment."
        return Problem("/url", "INVALID_URL", detail)
    if parts.scheme != "https" and reach is Reach.PUBLIC:
        return Problem("/url", "HTTPS_REQUIRED", "Webhooks go over https only.")
    if not _is_fit(str(parts.hostname), reach):
        return address_refused()
    return None


def address_refused() -> Problem:
    """Return the problem of an address that webhooks may not go to."""
    return Problem("/url", "ADDRESS_REFUSED", "Webhooks go to public addresses only.")


def _split(url: str) -> SplitResult | None:
    """Return the parts of an address that is one, else None."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    is_plain = _PRINTABLE.fullmatch(url) is not None and "\\" not in url and "@" not in parts.netloc
    is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and "#" not in url
    return parts if is_plain and is_whole else None


def _is_fit(host: str, reach: Reach) -> bool:
    if ":" in host or _NUMERIC.fullmatch(host):
        return is_allowed(host, reach)
    name = host.rstrip(".").lower()
    is_local = name == "localhost" or name.endswith((".localhost", ".local", ".internal"))
    return reach is Reach.LOCAL or not is_local


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and address != _WIRE_SERVER
    return address.is_global and address in _GLOBAL_V6 and not any(address in tunnel for tunnel in _TUNNELS)
