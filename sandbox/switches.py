"""What is not confirmed about the real systems, and the limits: everything a test may switch."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Switches:
    """One value a question that no source answers, and the numbers of the documented limits."""

    row_order: Literal["id", "number"] = "id"
    """Order of rows without $orderby."""
    dead_cursor: Literal["continues", "400", "404"] = "continues"
    """Reply to a $skiptoken whose row is gone."""
    throttle_retry_after: Literal["absent", "seconds", "date"] = "absent"
    """Retry-After on the 429 of a quota."""
    count_option: Literal["supported", "ignored"] = "supported"
    """Whether $count=true adds @odata.count."""
    count_mark: Literal["absent", "sent"] = "absent"
    """Whether the text of /$count starts with a byte order mark."""
    preference: Literal["forgotten", "remembered"] = "forgotten"
    """Whether a nextLink remembers the page size of the request that made it."""
    preference_applied: Literal["absent", "sent"] = "absent"
    """Whether a reply says Preference-Applied."""
    oversize_page: Literal["clamped", "413"] = "clamped"
    """Reply to a maxpagesize above the server's maximum."""
    companies_list: Literal["all", "filtered"] = "all"
    """Whether companies lists only those the caller may use."""
    company_not_found: Literal["404", "400"] = "404"
    """Status of Internal_CompanyNotFound."""
    display_name_2: Literal["present", "absent"] = "present"
    """Whether items have displayName2."""
    computed_filter: Literal["refused", "allowed"] = "refused"
    """Filters on properties that the page computes (taxRegistrationNumber, currencyCode, inventory, …)."""
    enum_filter: Literal["allowed", "refused"] = "allowed"
    """Filters on enum properties."""
    date_header: Literal["sent", "absent"] = "sent"
    """Whether replies carry Date."""
    compression: Literal["off", "gzip"] = "off"
    """Whether lists are compressed for a caller who accepts gzip."""
    refresh_rotation: Literal["lenient", "strict"] = "lenient"
    """Whether a used refresh token stays good, as Entra's do, or revokes its whole family."""
    refresh_in_reply: Literal["sent", "absent"] = "sent"
    """Whether the reply to a refresh brings a new refresh token."""
    handshake_method: Literal["POST", "GET"] = "POST"
    """Method of the request that validates a notification URL."""
    notification_scheme: Literal["any", "https"] = "any"
    """Schemes of notification URLs that are accepted."""
    notice_resource: Literal["absent", "present", "absolute"] = "absent"
    """Whether the resource of a notice begins with a slash, or is a whole address."""
    stale_tag: Literal["409", "412"] = "409"
    """Status when If-Match names an older version."""
    notice_seconds: float = 30.0
    """How long after the first change notices are sent, on the simulators' clock."""
    notice_limit: int = 1000
    """Notices of one subscription in one batch; more become a single collection."""
    subscription_limit: int = 200
    """Subscriptions of one environment."""
    subscription_seconds: float = 259_200.0
    """Lifetime of a subscription since it was made or renewed, on the simulators' clock."""
    max_page_size: int = 20_000
    """Default and largest page, in rows."""
    running_limit: int = 5
    """Requests of one principal that run at once."""
    queued_limit: int = 95
    """Requests of one principal that wait; one more is refused."""
    queue_seconds: float = 480.0
    """Longest wait in the queue, in real seconds; then 503."""
    window_limit: int = 6000
    """Requests of one principal in the sliding window."""
    window_seconds: float = 300.0
    """Length of the sliding window, on the simulators' clock."""
    latency_ms: float = 0.0
    """Real milliseconds that each Business Central request takes."""
    record_us: float = 0.0
    """Real microseconds that each returned row adds."""
    token_seconds: int = 3599
    """Lifetime of access tokens for Business Central, on the simulators' clock."""
    platform_token_seconds: int = 3600
    """Lifetime of tokens for the product's own API that a sign-in brings, in real seconds."""


def changed[T: "DataclassInstance"](switches: T, values: dict[str, Any]) -> T:
    """Return the switches with some values replaced.

    Raises:
        ValueError: A name is unknown, or a value is not one of those allowed.
    """
    hints = get_type_hints(type(switches))
    return replace(switches, **{name: _checked(name, value, hints) for name, value in values.items()})


def _checked(name: str, value: Any, hints: dict[str, Any]) -> Any:
    if name not in hints:
        raise ValueError(f"unknown switch {name}; known: {', '.join(hints)}")
    kind = hints[name]
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise ValueError(f"{name} is one of {', '.join(get_args(kind))}, not {value!r}")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{name} is a number that is not negative, not {value!r}")
    return kind(value)
