"""python -m devhost APP_DIR --port N: run an Azure Functions app on this machine."""

import argparse
import asyncio
import atexit
import logging
import os
import signal
import sys
import threading
import uuid
from pathlib import Path

from devhost.host import Host
from devhost.keys import Keys
from devhost.settings import StartError

_CHATTY = ("azure", "durabletask", "aiohttp", "grpc")
_LONGEST_END = 2.5  # seconds
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def main() -> int:
    """Serve until INT or TERM; returns 1 when the app cannot start."""
    options = _parser().parse_args()
    _log_to_stderr(options.log.upper())
    keys = Keys(system=uuid.uuid4().hex, host=options.host_key, master=options.master_key)
    try:
        asyncio.run(_serve(Host(options.app, keys), options))
    except StartError as error:
        logging.getLogger("devhost").critical("start error: %s", error)
        return 1
    return 0


async def _serve(host: Host, options: argparse.Namespace) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    address = await host.start(options.port)
    if not options.no_listeners:
        host.listen()
    sys.stdout.write(f"ready {address}\n")
    sys.stdout.flush()
    await stop.wait()
    watchdog = threading.Timer(_LONGEST_END, _end_now, [0])
    watchdog.daemon = True
    watchdog.start()
    await host.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="devhost", description=__doc__)
    parser.add_argument("app", type=Path, help="folder with function_app.py and host.json")
    parser.add_argument("--port", type=int, default=7071, help="0 takes a free one")
    parser.add_argument("--host-key", default=os.environ.get("DEVHOST_HOST_KEY"), help="opens functions")
    parser.add_argument("--master-key", default=os.environ.get("DEVHOST_MASTER_KEY"), help="opens everything")
    parser.add_argument("--no-listeners", action="store_true", help="run no timers and no queue triggers")
    parser.add_argument("--log", default=os.environ.get("DEVHOST_LOG", "INFO"), help="DEBUG, INFO, WARNING or ERROR")
    return parser


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(level=level, format=_FORMAT)
    if logging.root.level > logging.DEBUG:
        for name in _CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)


def _leave(code: int) -> None:
    # A function that still sleeps in its thread must not hold the process.
    if any(not thread.daemon for thread in threading.enumerate()[1:]):
        _end_now(code)
    sys.exit(code)


def _end_now(code: int) -> None:
    atexit._run_exitfuncs()  # noqa: SLF001 - what a normal end would run
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    _leave(main())
