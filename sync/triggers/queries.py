"""Values in the query of an address."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import azure.functions as func

from sync.codec import time_value
from sync.model.errors import Problem


def query_choice(
    params: Mapping[str, str], name: str, choices: Iterable[str], *, problems: list[Problem]
) -> str | None:
    """Return a value of the query that must be one of these, None when there is none; others are problems."""
    text, known = params.get(name), tuple(choices)
    if text is None or text in known:
        return text
    problems.append(Problem(f"/{name}", "INVALID_VALUE", f"There are {', '.join(known)}."))
    return None


def is_sent_empty(request: func.HttpRequest, name: str) -> bool:
    """Tell whether the query names a value and gives none; the host leaves such a value out of `params`."""
    return (name, "") in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)


def query_time(params: Mapping[str, str], name: str, *, problems: list[Problem]) -> datetime | None:
    """Return a time of the query, None when there is none; what is wrong with it is added to the problems."""
    text = params.get(name)
    if text is None:
        return None
    try:
        return time_value(text.replace(" ", "+"))  # a plus that was not encoded arrives as a blank
    except (ValueError, OverflowError):
        detail = "A time is written as 2026-01-31T12:00:00Z, with its zone."
        problems.append(Problem(f"/{name}", "INVALID_TIME", detail))
        return None
