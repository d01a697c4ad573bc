"""Azurite with its data on disk: started when nobody listens, shared when somebody does."""

import fcntl
import os
import time
from pathlib import Path

from scripts.azurite import Ports, Presence, command, presence
from scripts.children import Child, start_child

START_PATIENCE = 60.0
_LOG_TAIL = 2000


class StorageError(Exception):
    """There is no storage to work with; the message says why and what to do."""


def shared_or_started(ports: Ports, folder: Path) -> Child | None:
    """Return an Azurite that we started and that listens, or None when one was listening already.

    Raises:
        StorageError: The ports or the folder are taken, or Azurite did not come up.
    """
    folder.mkdir(exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _locked(lock, ports):
            return None
        return _started(ports, folder, lock)
    finally:
        os.close(lock)  # Azurite inherits it: the folder is taken for as long as Azurite lives


def _locked(lock: int, ports: Ports) -> bool:
    """Take the data folder; wait for an Azurite that is about to end. False: one listens on the ports."""
    deadline = time.monotonic() + START_PATIENCE
    while True:
        found = presence(ports)
        if found is Presence.AZURITE:
            return False
        if found is Presence.NOBODY and _try_lock(lock):
            return True
        if time.monotonic() > deadline:
            raise StorageError(_taken(found, ports))
        time.sleep(0.2)


def _taken(found: Presence, ports: Ports) -> str:
    if found is Presence.STRANGER:
        return f"Ports {ports} are not free, and what listens is not Azurite: set HUB_AZURITE_PORTS=blob,queue,table."
    return ".azurite is in use by an Azurite on other ports: end that one, or set HUB_AZURITE_PORTS to its ports."


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _started(ports: Ports, folder: Path, lock: int) -> Child:
    log = folder / "azurite.log"
    with log.open("wb") as output:
        child = start_child("Azurite", command(ports, folder), orphaned="TERM", output=output, keeps=(lock,))
    deadline = time.monotonic() + START_PATIENCE
    while presence(ports) is not Presence.AZURITE:
        if child.has_ended() or time.monotonic() > deadline:
            child.end()
            message = f"Azurite did not start on {ports}:\n{log.read_text(encoding='utf-8')[-_LOG_TAIL:]}"
            raise StorageError(message)
        time.sleep(0.05)
    return child
