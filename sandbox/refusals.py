"""Refusals of Business Central, as a status, a code and a message."""

from dataclasses import dataclass


@dataclass(eq=False)
class RefusedError(Exception):
    """The request is answered with an error body; correlated messages end with a CorrelationId."""

    status: int
    code: str
    message: str
    correlated: bool = True


def bad_request(message: str, *, code: str = "BadRequest") -> RefusedError:
    """400 with this message."""
    return RefusedError(400, code, message)


def unknown_property(name: str, entity: str) -> RefusedError:
    """400 as captured for a property that the entity does not have."""
    return bad_request(f"Could not find a property named '{name}' on type 'Microsoft.NAV.{entity}'.")


def unknown_segment(segment: str) -> RefusedError:
    """404 as captured for a misspelt entity set."""
    return RefusedError(404, "BadRequest_ResourceNotFound", f"Resource not found for the segment '{segment}'.")


def record_not_found() -> RefusedError:
    """404 for a key without a row."""
    return RefusedError(404, "Internal_RecordNotFound", "The requested record cannot be found.")


def unauthorized() -> RefusedError:
    """401 for a token that is unknown, expired, for someone else, or of an app that is not enabled."""
    return RefusedError(401, "Authentication_InvalidCredentials", "The server has rejected the client credentials.")


def no_environment() -> RefusedError:
    """404 of the gateway for an environment that is renamed, deleted or misspelt."""
    return RefusedError(404, "NoEnvironment", "Environment does not exist.", correlated=False)


def too_many(actual: int, maximum: int) -> RefusedError:
    """429 with the text of the quota."""
    message = f"Too many requests reached. Actual ({actual}). Maximum ({maximum})."
    return RefusedError(429, "Application_TooManyRequests", message, correlated=False)


def method_not_allowed(method: str, segment: str) -> RefusedError:
    """405: the simulator is read only."""
    message = (
        f"'{method}' requests for '{segment}' of EdmType 'Entity' are not allowed "
        "within Microsoft Dynamics NAV OData web services."
    )
    return RefusedError(405, "BadRequest_MethodNotAllowed", message)
