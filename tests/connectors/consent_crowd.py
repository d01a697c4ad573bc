"""Processes whose threads all act for one user when that user's token has ended; started by their test."""

import json
import multiprocessing
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from sync.codec import from_wire
from sync.model.errors import SyncError
from sync.model.integration import Connection
from sync.model.secret import Secret
from tests.connectors.crowd import tokens

type Place = tuple[str, str, str]


def work(place: Place, who: tuple[Connection, str], start: Barrier, answers: "Queue[list[str]]") -> None:
    """Let this process's callers ask at the moment when all callers of all processes are there."""
    here, (connection, secret) = tokens(*place), who

    def call(_: int) -> str:
        start.wait()
        try:
            return here.get(connection, Secret(secret)).reveal()
        except SyncError as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        answers.put(list(pool.map(call, range(4))))


def main(entra_url: str, connection_string: str, prefix: str, connection: str, secret: str) -> None:
    """Print what four callers in each of three processes got."""
    place = (entra_url, connection_string, prefix)
    who = (from_wire(Connection, json.loads(connection)), secret)
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(12), context.Queue()
    processes = [context.Process(target=work, args=(place, who, start, answers)) for _ in range(3)]
    for process in processes:
        process.start()
    print(json.dumps([answers.get(timeout=60) for _ in processes]))  # noqa: T201 - the test reads it
    for process in processes:
        process.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
