"""Runs the app's functions through Microsoft's own language worker library."""

import asyncio
import json
import logging
import re
import sys
import types
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import azure_functions_runtime as runtime  # type: ignore[import-untyped]  # the library has no types
from azure_functions_runtime import native_invocation
from azure_functions_runtime.bindings import datumdef  # type: ignore[import-untyped]  # the library has no types
from azure_functions_runtime.utils import threadpool  # type: ignore[import-untyped]  # the library has no types

from devhost.settings import StartError, is_disabled

logger = logging.getLogger("devhost.functions")
_LIBRARY_LOGGER = "azure.functions"
_OK = 1

Datum = Any
Output = Callable[[Mapping[str, Any], Datum], Awaitable[None]]


class FunctionError(Exception):
    """A function failed; kind, message and stack are what the worker reports of its exception."""

    def __init__(self, kind: str, message: str, stack: str = "") -> None:
        super().__init__(f"{kind}: {message}" if message else kind)
        self.kind = kind
        self.message = message
        self.stack = stack

    @classmethod
    def from_worker(cls, representation: str, stack: str) -> Self:
        """Read kind and message off the traceback's last part; the message may have several lines."""
        name = re.escape(representation.partition("(")[0])
        last_part = re.compile(rf"((?:\w+\.)*{name})(?:: (.*))?\Z", re.DOTALL)
        text = stack.rstrip()
        starts = [0, *(match.end() for match in re.finditer("\n", text))]
        for start in reversed(starts):
            if match := last_part.match(text, start):
                return cls(match[1], match[2] or "", stack)
        return cls("Exception", representation, stack)


@dataclass(frozen=True, slots=True)
class Function:
    """One indexed function with its bindings as the host sees them."""

    name: str
    id: str
    bindings: tuple[Mapping[str, Any], ...]

    @property
    def trigger(self) -> Mapping[str, Any]:
        """The binding that starts the function."""
        return next(binding for binding in self.bindings if binding["type"].endswith("Trigger"))

    @property
    def kind(self) -> str:
        """The trigger's type, such as httpTrigger."""
        return str(self.trigger["type"])

    @property
    def outputs(self) -> dict[str, Mapping[str, Any]]:
        """The output bindings by parameter name, the HTTP reply left out."""
        return {b["name"]: b for b in self.bindings if b["direction"] == "OUT" and b["type"] != "http"}

    @property
    def clients(self) -> list[str]:
        """The parameters that want a durable client."""
        return [b["name"] for b in self.bindings if b["type"] == "durableClient"]


class Worker:
    """The app in this process; one app per process, for the library's registry is global."""

    def __init__(self, root: Path, *, function_timeout: float | None = None) -> None:
        self.root = root.resolve()
        self.functions: dict[str, Function] = {}
        self.client_config = "{}"
        self.send_output: Output = _refuse_output
        self._function_timeout = function_timeout

    async def load(self) -> None:
        """Import and index the app.

        Raises:
            StartError: The library refuses the app; the message is its own.
        """
        sys.path.insert(0, str(self.root))
        logging.getLogger(_LIBRARY_LOGGER).addFilter(_is_no_repeat)
        runtime.start_threadpool_executor()
        init = _Record(capabilities={}, function_app_directory=str(self.root))
        request = _Record(
            request=_Record(worker_init_request=init), properties={"host": "127.0.0.1", "protos": _protos()}
        )
        reply = await runtime.worker_init_request(request)
        if reply.result.status != _OK:
            raise StartError(f"indexing failed: {reply.result.exception.message}")
        listed = await runtime.functions_metadata_request(_Record(properties={}))
        found = [_function(meta) for meta in listed.function_metadata_results or []]
        self.functions = {f.name: f for f in found if not is_disabled(f.name)}

    def of_kind(self, kind: str) -> list[Function]:
        """List the functions with this trigger type."""
        return [function for function in self.functions.values() if function.kind == kind]

    async def invoke(
        self, function: Function, trigger: Datum, metadata: Mapping[str, Datum] | None = None
    ) -> Datum | None:
        """Run one function to its end and send its outputs; returns the value of its $return binding.

        Raises:
            FunctionError: The function raised or outlasted functionTimeout; it is logged already.
        """
        inputs = [(function.trigger["name"], trigger)]
        inputs += [(name, datum(self.client_config)) for name in function.clients]
        succeeded, result, outputs, error, stack = await self._run(function, inputs, metadata or {})
        if not succeeded:
            logger.error("%s failed: %s\n%s", function.name, error, stack.rstrip())
            raise FunctionError.from_worker(error, stack)
        bindings = function.outputs
        if result is not None and "$return" in bindings:
            outputs = [*outputs, ("$return", result)]
        for name, value in outputs:
            await self.send_output(bindings[name], value)
        return result

    def close(self) -> None:
        """Let go of the worker's threads; one that is inside a function ends with it."""
        if (executor := threadpool.get_threadpool_executor()) is not None:
            executor.shutdown(wait=False, cancel_futures=True)

    async def _run(self, function: Function, inputs: list[tuple[str, Datum]], metadata: Mapping[str, Datum]) -> Any:
        try:
            async with asyncio.timeout(self._function_timeout):
                return await native_invocation.invocation_request_native(
                    str(uuid.uuid4()), function.id, inputs, metadata
                )
        except TimeoutError:
            limit = f"Timeout value of {self._function_timeout:g} s exceeded by function: {function.name}"
            return False, None, [], f"FunctionTimeoutException({limit!r})", f"FunctionTimeoutException: {limit}"


def datum(value: Any, kind: str = "string") -> Datum:
    """Wrap a value for the worker; kind is the wire type (string, json, bytes, http)."""
    return datumdef.Datum(value, kind)


def _function(meta: Any) -> Function:
    if meta.retry_options is not None:
        logger.warning("%s: this host does not run retry policies", meta.name)
    return Function(meta.name, meta.function_id, tuple(json.loads(raw) for raw in meta.raw_bindings))


def _is_no_repeat(record: logging.LogRecord) -> bool:
    # The library logs each failure with its own frames; invoke has it with the function's name.
    return record.msg != "Native invocation failed"


async def _refuse_output(binding: Mapping[str, Any], _value: Datum) -> None:
    raise NotImplementedError(f"output binding {binding['type']}")


class _Record:
    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


class _Protos(types.ModuleType):
    """Stands in for the worker's protobuf module: every message is a plain record."""

    def __getattr__(self, name: str) -> type[_Record]:
        if name.startswith("__"):
            raise AttributeError(name)
        record = type(name, (_Record,), {})
        setattr(self, name, record)
        return record


def _protos() -> _Protos:
    protos = _Protos("protos")
    for name, constants in {
        "BindingInfo": {"undefined": 0, "out": 1, "inout": 2},
        "StatusResult": {"Failure": 0, "Success": _OK},
    }.items():
        setattr(protos, name, type(name, (_Record,), constants))
    return protos
