"""Storage-queue triggers with retries and poison queues, and the queue output binding."""

import asyncio
import base64
import json
import logging
from collections.abc import Mapping
from typing import Any

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from devhost.settings import QueueOptions, connection, resolve
from devhost.worker import Datum, Function, FunctionError, Worker, datum

logger = logging.getLogger("devhost.queues")

_AZURITE = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
)
_HIDDEN_WHILE_HANDLED = 600  # seconds, as the host asks for
_SHORTEST_POLL = 0.1


class Queues:
    """Every queue that the app listens or writes to."""

    def __init__(self, worker: Worker, options: QueueOptions) -> None:
        self._worker = worker
        self._options = options
        self._services: dict[str, QueueServiceClient] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._listened = worker.of_kind("queueTrigger")
        for binding in _bindings(worker):
            connection(_connection_name(binding))
            resolve(binding["queueName"])

    def start(self) -> None:
        """Begin to listen."""
        for function in self._listened:
            self._spawn(self._listen(function))

    async def close(self) -> None:
        """Stop listening; messages in hand come back after their hidden time."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for service in self._services.values():
            await service.close()

    async def write(self, binding: Mapping[str, Any], value: Datum) -> None:
        """Send what a function put into its queue output.

        Raises:
            FunctionError: The storage does not take it.
        """
        client = self._client(binding)
        try:
            for message in _messages(value):
                await self._send(client, message)
        except AzureError as error:
            logger.error("queue %s: %s", client.queue_name, error)  # noqa: TRY400 - a line says it all
            raise FunctionError(type(error).__name__, str(error)) from error

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _client(self, binding: Mapping[str, Any], suffix: str = "") -> QueueClient:
        name = _connection_name(binding)
        if name not in self._services:
            given = connection(name)
            is_development = given.lower().startswith("usedevelopmentstorage=true")
            self._services[name] = QueueServiceClient.from_connection_string(_AZURITE if is_development else given)
        return self._services[name].get_queue_client(resolve(binding["queueName"]) + suffix)

    async def _send(self, client: QueueClient, message: str) -> None:
        content = base64.b64encode(message.encode()).decode() if self._options.base64 else message
        try:
            await client.send_message(content)
        except ResourceNotFoundError:
            try:
                await client.create_queue()
            except ResourceExistsError:
                logger.debug("queue %s was made meanwhile", client.queue_name)
            await client.send_message(content)

    async def _listen(self, function: Function) -> None:
        client, wait = self._client(function.trigger), _SHORTEST_POLL
        running: set[asyncio.Task[None]] = set()
        while True:
            has_room = len(running) <= self._options.new_batch_threshold
            found = await self._receive(client) if has_room else []
            for message in found:
                task = self._spawn(self._handle(function, client, message))
                running.add(task)
                task.add_done_callback(running.discard)
            is_busy = bool(found or running)
            wait = _SHORTEST_POLL if is_busy else min(self._options.max_polling_interval, wait * 2)
            await asyncio.sleep(0 if found else wait)

    async def _receive(self, client: QueueClient) -> list[QueueMessage]:
        size = self._options.batch_size
        pages = client.receive_messages(
            messages_per_page=size, max_messages=size, visibility_timeout=_HIDDEN_WHILE_HANDLED
        )
        try:
            return [message async for message in pages]
        except ResourceNotFoundError:
            return []
        except AzureError as error:
            logger.warning("queue %s: %s", client.queue_name, error)
            return []

    async def _handle(self, function: Function, client: QueueClient, message: QueueMessage) -> None:
        try:
            await self._worker.invoke(function, datum(self._body(message)), _metadata(message))
        except (FunctionError, ValueError) as error:
            logger.warning("queue function %s failed at try %s: %s", function.name, message.dequeue_count, error)
            if (message.dequeue_count or 0) < self._options.max_dequeue_count:
                again = int(self._options.visibility_timeout)
                await client.update_message(message, visibility_timeout=again)
                return
            await self._send(self._client(function.trigger, "-poison"), self._poison(message))
        await client.delete_message(message)

    def _body(self, message: QueueMessage) -> str:
        content = str(message.content)
        return base64.b64decode(content, validate=True).decode() if self._options.base64 else content

    def _poison(self, message: QueueMessage) -> str:
        try:
            return self._body(message)
        except ValueError:
            return str(message.content)


def _bindings(worker: Worker) -> list[Mapping[str, Any]]:
    kinds = {"queue", "queueTrigger"}
    return [b for function in worker.functions.values() for b in function.bindings if b["type"] in kinds]


def _connection_name(binding: Mapping[str, Any]) -> str:
    return str(binding.get("connection") or "AzureWebJobsStorage")


def _messages(value: Datum) -> list[str]:
    if value.type != "json":
        return [value.value.decode() if isinstance(value.value, bytes) else value.value]
    content = json.loads(value.value)
    items = content if isinstance(content, list) else [content]
    return [item if isinstance(item, str) else item.get("body", json.dumps(item)) for item in items]


def _metadata(message: QueueMessage) -> dict[str, Datum]:
    times = {
        "ExpirationTime": message.expires_on,
        "InsertionTime": message.inserted_on,
        "NextVisibleTime": message.next_visible_on,
    }
    metadata = {name: datum(json.dumps(time.isoformat()), "json") for name, time in times.items() if time}
    metadata["Id"] = datum(message.id)
    metadata["PopReceipt"] = datum(message.pop_receipt)
    metadata["DequeueCount"] = datum(json.dumps(message.dequeue_count), "json")
    return metadata
