"""The durable extension's wire messages and how this host builds and reads them."""

import json
import re
from typing import Any

import grpc  # type: ignore[import-untyped]  # no stubs are installed
from durabletask.internal import orchestrator_service_pb2 as pb
from google.protobuf import json_format, timestamp_pb2, wrappers_pb2  # type: ignore[import-untyped]  # likewise

FINAL = frozenset(
    {
        pb.ORCHESTRATION_STATUS_COMPLETED,
        pb.ORCHESTRATION_STATUS_FAILED,
        pb.ORCHESTRATION_STATUS_TERMINATED,
        pb.ORCHESTRATION_STATUS_CANCELED,
    }
)
_PREFIX = "ORCHESTRATION_STATUS_"


class CallError(Exception):
    """The backend refused a call that was made in this process."""

    def __init__(self, code: Any, details: str) -> None:
        super().__init__(details)
        self.code = code

    @property
    def is_exists(self) -> bool:
        """An instance of this id is running."""
        return bool(self.code == grpc.StatusCode.ALREADY_EXISTS)

    @property
    def is_precondition(self) -> bool:
        """The instance is not in the state that the call needs."""
        return bool(self.code == grpc.StatusCode.FAILED_PRECONDITION)


class LocalContext:
    """The part of a gRPC call's context that the backend uses, for calls made in this process."""

    def __init__(self) -> None:
        self.active = True

    def is_active(self) -> bool:
        """Tell whether the caller still listens."""
        return self.active

    def time_remaining(self) -> None:
        """Set no deadline."""

    def abort(self, code: Any, details: str) -> None:
        """End the call.

        Raises:
            CallError: Always.
        """
        raise CallError(code, details)


def text(value: str) -> Any:
    """Wrap a string for a message field that may be absent."""
    return wrappers_pb2.StringValue(value=value)


def timestamp(value: str) -> Any:
    """Read an ISO 8601 time; one without zone is UTC.

    Raises:
        ValueError: It is not a time.
    """
    stamp = timestamp_pb2.Timestamp()
    stamp.FromJsonString(value if value.endswith("Z") or "+" in value[10:] else value + "Z")
    return stamp


def as_dict(message: Any) -> dict[str, Any]:
    """Return a message as JSON data."""
    return dict(json_format.MessageToDict(message))


def status_name(status: int) -> str:
    """Return the extension's word for a status, such as ContinuedAsNew."""
    word = pb.OrchestrationStatus.Name(status).removeprefix(_PREFIX)
    return "".join(part.capitalize() for part in word.split("_"))


def status_value(name: str) -> int:
    """Return the status of the extension's word.

    Raises:
        ValueError: There is no such status.
    """
    return int(pb.OrchestrationStatus.Value(_PREFIX + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()))


def field_value(state: Any, field: str) -> Any:
    """Return a JSON text field of a state, decoded; None when absent, the text when it is not JSON."""
    value = getattr(state, field).value if state.HasField(field) else ""
    try:
        return json.loads(value) if value else None
    except ValueError:
        return value
