"""Processes with a Key Vault whose threads all need a token at the same moment; started by their test."""

import json
import multiprocessing
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

import requests
from azure.core.credentials import AccessToken

from sync.connectors.entra import TOKEN_TIMEOUTS, Entra
from sync.connectors.http import Web
from sync.connectors.tokens import EntraTokens, Shared
from sync.edge import SystemChance, SystemClock, SystemIds, SystemWaiter
from sync.storage.connection import table_service
from sync.storage.custody import CustodySecretStore
from sync.storage.leases import TableLeaseStore
from sync.storage.sealing import SealedSecretStore
from sync.storage.tables import Tables
from sync.storage.vault import VaultSecretStore, open_vault
from tests.connectors.kit import CONNECTION, SECRET
from tests.support.vaults import HOST, transport_over


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything is: Entra, the tables, the vault."""

    entra: str
    storage: str
    prefix: str
    vault_port: str
    authority: str
    token: str

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        """Return the identity's token."""
        return AccessToken(self.token, int(time.time()) + 3600)

    def tables(self) -> Tables:
        """Return the hub's tables."""
        return Tables(table_service(self.storage), prefix=self.prefix)

    def tokens(self) -> EntraTokens:
        """Return the tokens of a process."""
        clock, waiter, tables = SystemClock(), SystemWaiter(), self.tables()
        transport = transport_over(requests.Session(), int(self.vault_port), self.authority)
        vault = VaultSecretStore(open_vault(f"https://{HOST}", self, transport=transport), clock, waiter.sleep)
        secrets = CustodySecretStore(vault, SealedSecretStore(vault, tables), clock)
        shared = Shared(secrets, TableLeaseStore(tables), SystemIds(), clock, waiter, SystemChance())
        return EntraTokens(Entra(self.entra, Web(lambda: "crowd", timeouts=TOKEN_TIMEOUTS), clock), shared)


def work(place: Place, callers: int, start: Barrier, answers: "Queue[list[str]]") -> None:
    """Let this process's callers ask at the moment when all callers of all processes are there."""
    here = place.tokens()

    def call(_: int) -> str:
        start.wait()
        return here.get(CONNECTION, SECRET).reveal()

    with ThreadPoolExecutor(callers) as pool:
        answers.put(list(pool.map(call, range(callers))))


def main(*arguments: str) -> None:
    """Get a token, let it end, and print the tokens that each process's callers got then."""
    place, crowds = Place(*arguments[:6]), [int(each) for each in arguments[6:]]
    place.tables().create_tables()
    place.tokens().get(CONNECTION, SECRET)
    time.sleep(1)
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(sum(crowds)), context.Queue()
    processes = [context.Process(target=work, args=(place, callers, start, answers)) for callers in crowds]
    for process in processes:
        process.start()
    print(json.dumps([answers.get(timeout=60) for _ in processes]))  # noqa: T201 - the test reads it
    for process in processes:
        process.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
