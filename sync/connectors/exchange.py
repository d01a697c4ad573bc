"""One principal's requests to a remote system: within the budget, with a token, again when that may help."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from sync.connectors.budget import Budget
from sync.connectors.faults import Fault, fault_of
from sync.connectors.http import Answer, Web
from sync.connectors.rulings import Move, Ruling, ruling_on
from sync.connectors.waiting import Chance, Waiter
from sync.engine.retry import ATTEMPTS, delay_after, parse_retry_after
from sync.model.errors import RetryLaterError, SyncError
from sync.model.secret import Secret
from sync.ports import Clock

_HOPEFUL = frozenset({Move.AGAIN, Move.SILENCE, Move.RENEW})


class SignIn(Protocol):
    """Tokens of one connection."""

    def get(self) -> Secret:
        """Return a valid token.

        Raises:
            SetupError: A person must change the connection.
            RetryLaterError: There is none at present.
        """
        ...

    def invalidate(self, token: Secret) -> None:
        """Never return this token again: it was refused."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """What every exchange of a process shares; `patience` is the longest that a worker waits, in seconds."""

    web: Web
    clock: Clock
    waiter: Waiter
    chance: Chance
    patience: float = 20.0


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing to ask for: its address, its name in messages, headers of its own, and what is sent along."""

    url: str
    what: str
    headers: Mapping[str, str]
    method: str = "GET"
    body: Mapping[str, Any] | bytes | None = None


@dataclass(frozen=True, slots=True)
class Setback:
    """A request that did not work, but may, and the token it was sent with."""

    move: Move
    error: SyncError
    token: Secret | None = None
    retry_after: float | None = None
    announced: bool = False
    """Whether the remote system itself named that time."""


def bearer(token: Secret) -> dict[str, str]:
    """Return the header that shows a bearer token."""
    return {"Authorization": f"Bearer {token.reveal()}"}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a remote system is spoken to; Business Central's way unless told otherwise."""

    show: Callable[[Secret], Mapping[str, str]] = bearer
    """The headers that show a token."""
    fault: Callable[[Answer], Fault] = fault_of
    ruling: Callable[[Fault], Ruling] = ruling_on
    unheard: frozenset[Move] = frozenset({Move.RENEW})
    """Moves after which even a change is sent again: what was refused so was not carried out."""


class Exchange:
    """Sends requests for one principal, and has the patience to send those again that only read."""

    def __init__(self, means: Means, budget: Budget, sign_in: SignIn, *, manner: Manner | None = None) -> None:
        self._means = means
        self._manner = manner or Manner()
        self._budget = budget
        self._sign_in = sign_in

    def get[T](self, wish: Wish, read: Callable[[Answer], T]) -> T:
        """Return what `read` makes of the reply.

        A RetryLaterError from `read` counts as a reply that did not arrive whole.

        Raises:
            SetupError: Credentials, permissions, company or environment need a person.
            RetryLaterError: Throttled or unavailable for longer than the patience lasts.
            RefusedError: The request itself is refused.
        """
        deadline = self._means.waiter.monotonic() + self._means.patience
        setbacks: list[Move] = []
        while True:
            result = self._try(wish, read, deadline)
            if not isinstance(result, Setback):
                return result
            setbacks.append(result.move)
            if result.move is Move.RENEW:
                self._renew(result, setbacks.count(Move.RENEW))
            elif result.move is Move.AGAIN:
                self._pause(result, setbacks.count(Move.AGAIN), deadline)

    def send[T](self, wish: Wish, read: Callable[[Answer], T]) -> T:
        """Send what changes something once, and again only when it was surely not carried out.

        Raises:
            SetupError: Credentials, permissions, company or environment need a person.
            RetryLaterError: Throttled or unavailable; the request may have been carried out all the same.
            RefusedError: The request itself is refused.
        """
        deadline = self._means.waiter.monotonic() + self._means.patience
        times = 0
        while isinstance(result := self._try(wish, read, deadline), Setback):
            if result.move not in self._manner.unheard:
                raise result.error
            if result.move is Move.RENEW:
                times += 1
                self._renew(result, times)
        return result

    def _try[T](self, wish: Wish, read: Callable[[Answer], T], deadline: float) -> T | Setback:
        try:
            token = self._sign_in.get()
        except RetryLaterError as error:
            return Setback(Move.AGAIN, error, retry_after=error.delay)
        sent_at = self._budget.enter(deadline)
        try:
            answer = self._ask(wish, {**wish.headers, **self._manner.show(token)})
            self._note(answer, sent_at)
        except RetryLaterError as error:
            return Setback(Move.AGAIN, error, token)
        finally:
            self._budget.leave()
        if not _is_good(answer):
            return self._judge(answer, wish, token)
        try:
            return read(answer)
        except RetryLaterError as error:
            return Setback(Move.AGAIN, error, token)

    def _ask(self, wish: Wish, headers: Mapping[str, str]) -> Answer:
        if wish.method == "GET":
            return self._means.web.get(wish.url, headers)
        return self._means.web.send(wish.method, wish.url, headers, wish.body)

    def _note(self, answer: Answer, sent_at: float) -> None:
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            self._budget.throttled(sent_at, retry_after=self._retry_after(answer))
        elif _is_good(answer):
            self._budget.succeeded()

    def _judge(self, answer: Answer, wish: Wish, token: Secret) -> Setback:
        fault = self._manner.fault(answer)
        ruling = self._manner.ruling(fault)
        error = ruling.error(fault, what=wish.what)
        if ruling.move not in _HOPEFUL:
            raise error
        retry_after = self._retry_after(answer)
        return Setback(ruling.move, error, token, retry_after, announced=retry_after is not None)

    def _retry_after(self, answer: Answer) -> float | None:
        headers = answer.headers
        now = self._means.clock.now()
        return parse_retry_after(headers.get("Retry-After"), date=headers.get("Date"), now=now)

    def _renew(self, setback: Setback, times: int) -> None:
        if setback.token is None or times > 1:
            raise setback.error
        self._sign_in.invalidate(setback.token)

    def _pause(self, setback: Setback, times: int, deadline: float) -> None:
        error = setback.error
        waiter = self._means.waiter
        delay = delay_after(times, retry_after=setback.retry_after, jitter=self._means.chance.fraction())
        if times >= ATTEMPTS or waiter.monotonic() + delay > deadline:
            raise RetryLaterError(error.message, delay=delay, code=error.code, announced=setback.announced) from error
        waiter.sleep(delay)


def _is_good(answer: Answer) -> bool:
    return answer.status in range(200, 300)
