"""Servers that run in a thread and a loop of their own while a context is open."""

import asyncio
import threading
from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Self


class InThread(ABC):
    """A server that listens before the context is entered, and is gone when it is left."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._started = False
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._halt: asyncio.Event | None = None
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name=name, daemon=True)

    @abstractmethod
    def serving(self) -> AbstractAsyncContextManager[None]:
        """Listen while this context is open."""
        ...

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if not self._started:
            self._thread.join()
            raise OSError(f"the {self._name} did not start") from self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop and self._halt:
            self._loop.call_soon_threadsafe(self._halt.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._halt = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with self.serving():
                self._started = True
                self._ready.set()
                await self._halt.wait()
        except OSError as error:
            self._failure = error
        finally:
            self._ready.set()
