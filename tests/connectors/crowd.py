"""Processes whose threads all need a token at the same moment; started by their test."""

import base64
import json
import multiprocessing
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from sync.connectors.entra import TOKEN_TIMEOUTS, Entra
from sync.connectors.http import Web
from sync.connectors.tokens import EntraTokens, Shared
from sync.edge import SystemChance, SystemClock, SystemIds, SystemWaiter
from sync.storage.connection import table_service
from sync.storage.leases import TableLeaseStore
from sync.storage.secrets import TableSecretStore, encryption_key
from sync.storage.tables import Tables
from tests.connectors.kit import CONNECTION, SECRET

KEY = encryption_key(base64.b64encode(bytes(32)).decode())


def tokens(entra_url: str, connection_string: str, prefix: str) -> EntraTokens:
    """Return the tokens of a process that keeps them in tables that are there already."""
    tables = Tables(table_service(connection_string), prefix=prefix)
    shared = Shared(
        TableSecretStore(tables, KEY),
        TableLeaseStore(tables),
        ids=SystemIds(),
        clock=SystemClock(),
        waiter=SystemWaiter(),
        chance=SystemChance(),
    )
    return EntraTokens(Entra(entra_url, Web(lambda: "crowd", timeouts=TOKEN_TIMEOUTS), SystemClock()), shared)


def work(place: tuple[str, str, str], callers: int, start: Barrier, answers: "Queue[list[str]]") -> None:
    """Let this process's callers ask at the moment when all callers of all processes are there."""
    here = tokens(*place)

    def call(_: int) -> str:
        start.wait()
        return here.get(CONNECTION, SECRET).reveal()

    with ThreadPoolExecutor(callers) as pool:
        answers.put(list(pool.map(call, range(callers))))


def main(entra_url: str, connection_string: str, prefix: str, *crowds: str) -> None:
    """Get a token, let it end, and print the tokens that each process's callers got then."""
    place = (entra_url, connection_string, prefix)
    Tables(table_service(connection_string), prefix=prefix).create_tables()
    tokens(*place).get(CONNECTION, SECRET)
    time.sleep(1)
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(sum(map(int, crowds))), context.Queue()
    processes = [context.Process(target=work, args=(place, int(callers), start, answers)) for callers in crowds]
    for process in processes:
        process.start()
    print(json.dumps([answers.get(timeout=60) for _ in processes]))  # noqa: T201 - the test reads it
    for process in processes:
        process.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
