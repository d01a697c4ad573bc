"""How notices of remote systems come in: read with care, answered at once and without their address."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import azure.functions as func
import orjson

from sync.model.errors import NotFoundError, SyncError
from sync.triggers.http import respond, trace_id_of
from sync.triggers.problems import write_problem

logger = logging.getLogger(__name__)

_TAKEN = 200
"""Oneflow takes every other answer for a failure, 202 and 204 too; Dataverse takes any 2xx."""
_PLAIN = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where notices of one system arrive, and how large they may be; a larger one looks like an unknown address."""

    path: str
    largest: int
    """In bytes."""
    take: Callable[[func.HttpRequest, object], None]
    """Remembers what a notice asks for; a body that is no JSON comes as None."""

    def answer(self, request: func.HttpRequest) -> func.HttpResponse:
        """Take a notice, and answer at once; the work is done later."""
        try:
            self.take(request, self._document(request))
        except Exception as error:  # noqa: BLE001 - a trigger answers for everything
            return self._refused(request, error)
        return func.HttpResponse(status_code=_TAKEN, headers=_PLAIN)

    def _document(self, request: func.HttpRequest) -> object:
        body = request.get_body()
        if len(body) > self.largest:
            raise NotFoundError("There is no such address")
        try:
            document: object = orjson.loads(body)
        except orjson.JSONDecodeError:
            return None
        return document

    def _refused(self, request: func.HttpRequest, error: Exception) -> func.HttpResponse:
        """Return the problem without the address: whatever is unknown or forged looks alike."""
        known = error if isinstance(error, SyncError) else SyncError("Something went wrong; it is logged")
        trace_id = trace_id_of(request)
        if known is not error:
            logger.error("notice not taken", exc_info=error, extra={"trace": trace_id})
        return respond(write_problem(known, instance=f"/{self.path}", trace_id=trace_id), trace_id)
