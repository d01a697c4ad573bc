"""What is not confirmed about Oneflow, and its limits: everything a test may switch."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class OneflowSwitches:
    """One value a question that no source answers, and the numbers of the documented limits."""

    time_form: Literal["colon", "plain"] = "colon"
    """Zone of times in replies: +00:00 as captured, or +0000 as documented."""
    throttle_retry_after: Literal["absent", "seconds", "date"] = "absent"
    """Retry-After on 429."""
    window_per: Literal["token", "endpoint"] = "token"
    """What the rate limit counts: all requests of a token, or those of each of its endpoints."""
    window_limit: int = 2000
    """Requests in the sliding window."""
    window_seconds: float = 300.0
    """Length of the sliding window, on the simulators' clock."""
    missing_email: Literal["400", "admin"] = "400"
    """A call that needs x-oneflow-user-email comes without: refused, or done with an admin's rights."""
    field_shape: Literal["private", "top"] = "private"
    """Where a contract's data field shows its custom id."""
    list_fields: Literal["absent", "present"] = "absent"
    """Whether a list of contracts has data fields and products."""
    bulk_request: Literal["wrapped", "list"] = "wrapped"
    """Body of a bulk update of data fields: {"data_fields": […]} or […]; the other form is refused."""
    bulk_reply: Literal["wrapped", "list"] = "wrapped"
    """Reply to a bulk update of data fields."""
    bulk_failure: Literal["nothing", "rest"] = "nothing"
    """What a refused bulk update has written: nothing, or every item that was good."""
    bulk_unknown: Literal["400", "404"] = "400"
    """Status when a bulk update names an unknown data field."""
    unknown_field_on_create: Literal["400", "ignored"] = "400"
    """Reply to a create with a data field that the template does not have."""
    locked_states: Literal["signed_declined", "published", "none"] = "signed_declined"
    """States in which content cannot be changed."""
    locked_reply: Literal["409", "200"] = "409"
    """Reply to a write of a data field in such a state; with 200 nothing changes."""
    signature_reset: Literal["resets", "keeps"] = "resets"
    """What a change of content does to signatures already given."""
    create_value: Literal["value", "_private"] = "value"
    """Member of a create that holds the contract's value."""
    contract_filters: Literal["known", "more"] = "known"
    """Filters of contracts: those with a known name, or also workspace_ids, created_time and participant_email."""
    unknown_filter: Literal["ignored", "400"] = "ignored"
    """Reply to a filter that does not exist."""
    draft_events: Literal["silent", "sent"] = "silent"
    """Whether webhooks hear of contracts that were never sent."""
    echo: Literal["sent", "absent"] = "sent"
    """Whether webhooks hear of content changed through the API."""
    notice_events: Literal["together", "single"] = "together"
    """Whether the events of one act come in one notice or in one each."""
    callback_scheme: Literal["any", "https"] = "any"
    """Schemes of callback URLs that are accepted."""
    webhook_id: Literal["id", "webhook_id"] = "id"
    """Name of a webhook's id."""
    webhook_list: Literal["data", "webhooks", "bare"] = "data"
    """Wrapper of the list of webhooks."""
    unsigned: Literal["hash", "absent", "empty"] = "hash"
    """Signature of a notice without a sign key: sha1 of the callback id alone, none, or an empty text."""
    notice_timeout: float = 10.0
    """Real seconds that the sender of a notice waits for the answer."""
    retry_scale: float = 1.0
    """What the pauses between attempts are multiplied with."""
    pdf_seconds: float = 0.0
    """How long after its creation a contract has its PDF, on the simulators' clock."""
    latency_ms: float = 0.0
    """Real milliseconds that each request takes."""
