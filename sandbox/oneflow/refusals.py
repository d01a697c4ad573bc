"""Refusals of Oneflow: status, error code and what is wrong with which parameter."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha512
from http import HTTPStatus
from typing import Any

from sandbox.replies import Reply, json_reply

_PER_STATUS = 10_000
_BODY = "application/json"
_DUPLICATE = 3
_ID_BYTES = 40


@dataclass(eq=False)
class OneflowError(Exception):
    """The request is answered with an error body; a code that ends with 0000 is generic."""

    status: int
    detail: str
    problems: dict[str, list[str]] = field(default_factory=dict)
    number: int = 0


@dataclass(slots=True)
class Problems:
    """What is wrong with a request, by the path of the member at fault."""

    found: dict[str, list[str]] = field(default_factory=dict)
    number: int = 0

    def add(self, path: str, text: str) -> None:
        """Note one problem."""
        self.found.setdefault(path, []).append(text)

    def add_duplicate(self, path: str, email: str) -> None:
        """Note a participant who is there twice, which has a code of its own."""
        self.add(path, f"You tried to add a duplicate participant with the email address {email}.")
        self.number = _DUPLICATE

    def check(self) -> None:
        """Do nothing when there is no problem.

        Raises:
            OneflowError: 400 with all problems.
        """
        if self.found:
            raise OneflowError(400, "The request could not be processed.", self.found, self.number)


def bad_request(path: str, text: str) -> OneflowError:
    """400 with one problem."""
    return OneflowError(400, "The request could not be processed.", {path: [text]})


def unauthorized() -> OneflowError:
    """401 for a token or user email that is not known."""
    return OneflowError(401, "The API token or the user email is not valid.")


def forbidden(detail: str) -> OneflowError:
    """403 for a missing permission."""
    return OneflowError(403, detail)


def not_found() -> OneflowError:
    """404 for something that does not exist, or no longer."""
    return OneflowError(404, "An object referenced in the request was not found.")


def conflict(detail: str) -> OneflowError:
    """409 for what the contract's state does not allow."""
    return OneflowError(409, detail)


def refusal(error: OneflowError, number: int, base: str) -> Reply:
    """Return the error as Oneflow writes it; `number` is the request's, `base` the address of the API."""
    code = error.status * _PER_STATUS + error.number
    body: dict[str, Any] = {
        "error_code": code,
        "detail": error.detail,
        "parameter_problems": error.problems,
        "request_id": urlsafe_b64encode(sha512(str(number).encode()).digest()[:_ID_BYTES]).decode(),
        "status": error.status,
        "title": HTTPStatus(error.status).phrase,
        "type": f"{base}/error_codes/{code}",
    }
    return json_reply(body, error.status, _BODY)


def throttled() -> Reply:
    """Return 429 exactly as documented: `info` and no `type`, no `request_id`."""
    body = {
        "detail": "You have reached the 5 minute rate limit for requests. Try again in a few minutes.",
        "error_code": 4_290_000,
        "parameter_problems": {},
        "status": 429,
        "title": "Too Many Requests",
        "info": "https://developer.oneflow.com/reference/api-rate-limit",
    }
    return json_reply(body, 429, _BODY)
