"""The host: settings, worker, durable, HTTP, timers and queues of one app, started and ended together."""

import logging
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from devhost.admin import Admin
from devhost.durable import Durable
from devhost.keys import Keys
from devhost.management import Management
from devhost.refusals import check
from devhost.settings import QueueOptions, StartError, apply_settings, read_host_json
from devhost.timers import Timers
from devhost.web import LARGEST_BODY, Web
from devhost.worker import Worker

if TYPE_CHECKING:
    from devhost.queues import Queues

logger = logging.getLogger("devhost")

_PATIENCE = 0.5  # seconds that requests in hand may take when the host ends


@dataclass(frozen=True, slots=True)
class _Parts:
    worker: Worker
    durable: Durable
    queues: "Queues | None"
    timers: Timers
    runner: web.AppRunner


class Host:
    """One app, served on loopback."""

    def __init__(self, root: Path, keys: Keys) -> None:
        self._root = root.resolve()
        self._keys = keys
        self._parts: _Parts | None = None

    async def start(self, port: int) -> str:
        """Serve the app and return its address; port 0 takes a free one.

        Raises:
            StartError: The host in Azure would not start the app, or the port is taken.
        """
        listener = _listen(port)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        apply_settings(self._root)
        if self._root.is_dir():
            os.chdir(self._root)
        os.environ.setdefault("WEBSITE_HOSTNAME", address.removeprefix("http://"))
        parts = self._parts = await self._load()
        parts.durable.start(address, self._keys.system)
        await parts.runner.setup()
        await web.SockSite(parts.runner, listener).start()
        logger.info("serving %d functions of %s", len(parts.worker.functions), self._root.name)
        return address

    def listen(self) -> None:
        """Start the timers and queue listeners."""
        if (parts := self._parts) is not None:
            parts.timers.start()
            if parts.queues is not None:
                parts.queues.start()

    async def close(self) -> None:
        """End everything within about two seconds, whatever runs."""
        if (parts := self._parts) is None:
            return
        await parts.timers.close()
        if parts.queues is not None:
            await parts.queues.close()
        await parts.durable.close()
        await parts.runner.cleanup()
        parts.worker.close()

    async def _load(self) -> _Parts:
        options = read_host_json(self._root)
        worker = Worker(self._root, function_timeout=options.function_timeout)
        await worker.load()
        check(worker.functions.values(), options)
        queues = _queues(worker, options.queues)
        durable = Durable(worker, options.durable)
        timers = Timers(worker.of_kind("timerTrigger"), worker.invoke)
        app = web.Application(client_max_size=LARGEST_BODY)
        Admin(worker, self._keys).add_to(app)
        Management(durable.backend, self._keys).add_to(app)
        app.router.add_route("*", "/{path:.*}", Web(worker, options.route_prefix, self._keys).handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_PATIENCE)
        return _Parts(worker, durable, queues, timers, runner)


def _queues(worker: Worker, options: QueueOptions) -> "Queues | None":
    kinds = {binding["type"] for function in worker.functions.values() for binding in function.bindings}
    if not kinds & {"queue", "queueTrigger"}:
        return None
    from devhost.queues import Queues  # noqa: PLC0415 - most apps have no queues, and the storage client loads slowly

    queues = Queues(worker, options)
    worker.send_output = queues.write
    return queues


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port), backlog=1024)
    except OSError as error:
        raise StartError(f"port {port} cannot be used: {error.strerror}") from error
