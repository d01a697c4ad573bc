"""What is not confirmed about Dataverse, and its limits: everything a test may switch."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class DataverseSwitches:
    """One value a question that no source answers, and the numbers of the documented limits."""

    price_engine: Literal["on", "off"] = "on"
    """Whether amounts are computed from the lines, over what an update sent."""
    closed_quotes: Literal["read_only", "writable"] = "read_only"
    """Whether a quote that is no draft refuses changes."""
    read_only_status: Literal["400", "403"] = "400"
    """Status of a refused change of such a quote."""
    unguarded_status: Literal["400", "412"] = "400"
    """Status of If-Match on a table without optimistic concurrency."""
    bad_date_status: Literal["400", "500"] = "400"
    """Status of a date that is none."""
    disabled_status: Literal["403", "401"] = "403"
    """Status for a disabled user."""
    unauthorized_body: Literal["empty", "json"] = "empty"
    """Body of a 401."""
    unknown_segment_code: Literal["0x80060888", "0x8006088a"] = "0x80060888"
    """Code for a path that names nothing: live, or as documented."""
    unknown_property_code: Literal["0x80048d19", "0x0"] = "0x80048d19"
    """Code for a body with an unknown property: live, or as documented."""
    code_form: Literal["hexadecimal", "blank"] = "hexadecimal"
    """Codes of 404 and 412 as the service sends them, or blank as in old samples."""
    gone_text: Literal["quoted", "plain"] = "quoted"
    """Wording of the 404 for a row: "Entity 'x' With Id = …" or the older "x With Id = …"."""
    excess_precision: Literal["rounded", "refused"] = "rounded"
    """What happens to more decimals than a column has."""
    unchanged_write: Literal["new_version", "same_version"] = "new_version"
    """Whether sending the values that are there makes a new version."""
    patch_entity_id: Literal["sent", "absent"] = "sent"
    """Whether a 204 to a PATCH has OData-EntityId."""
    one_definition: Literal["object", "value"] = "object"
    """One EntityDefinition as itself, or inside value as an old sample shows it."""
    delta_expired_code: Literal["0x80044352", "0x80040203"] = "0x80044352"
    """Code of an expired delta token."""
    tag_in_webhook: Literal["present", "absent"] = "present"
    """Whether ?tag= reaches a webhook's SharedVariables."""
    bypassed_webhooks: Literal["sent", "suppressed"] = "sent"
    """Whether a write that bypasses custom logic still calls webhooks."""
    stripped_lists: Literal["empty", "absent"] = "empty"
    """What a webhook over 256 KB has in place of its parameters."""
    decimal_places: Literal["ten", "stored"] = "ten"
    """Decimals on the wire: ten places, or as many as the column has."""
    user_zone: Literal["America/Los_Angeles", "UTC", "Europe/Stockholm"] = "America/Los_Angeles"
    """Time zone of formatted dates."""
    request_limit: int = 6000
    """Requests of one user in the sliding window."""
    execution_limit_ms: float = 1_200_000.0
    """Execution time of one user in the sliding window."""
    concurrent_limit: int = 52
    """Requests of one user at once."""
    window_seconds: float = 300.0
    """Length of the sliding window, on the simulators' clock."""
    request_ms: float = 20.0
    """Execution time that one request counts; the parts of a batch add up."""
    latency_ms: float = 0.0
    """Real milliseconds that each request takes."""
    parallelism: int = 5
    """x-ms-dop-hint."""
    page_limit: int = 5000
    """Default and largest page, and the largest count."""
    webhook_seconds: float = 60.0
    """Real seconds that a receiver has to answer."""
    webhook_bytes: int = 262_144
    """Larger webhook bodies lose their parameters."""
    token_days: int = 7
    """Life of a delta token, on the simulators' clock."""
