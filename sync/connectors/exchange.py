"""One principal's requests to Business Central: within the budget, with a token, again when that may help."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from sync.connectors.budget import Budget
from sync.connectors.faults import fault_of
from sync.connectors.http import Answer, Web
from sync.connectors.rulings import Move, ruling_on
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
    body: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Setback:
    """A request that did not work, but may, and the token it was sent with."""

    move: Move
    error: SyncError
    token: Secret | None = None
    retry_after: float | None = None
    announced: bool = False
    """Whether Business Central itself named that time."""


class Exchange:
    """Sends requests for one principal, and has the patience to send those again that only read."""

    def __init__(self, means: Means, budget: Budget, sign_in: SignIn) -> None:
        self._means = means
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
        """Send what changes something once, and once more only when the token was refused.

        Raises:
            SetupError: Credentials, permissions, company or environment need a person.
            RetryLaterError: Throttled or unavailable; the request may have been carried out all the same.
            RefusedError: The request itself is refused.
        """
        deadline = self._means.waiter.monotonic() + self._means.patience
        times = 0
        while isinstance(result := self._try(wish, read, deadline), Setback):
            times += 1
            if result.move is not Move.RENEW:
                raise result.error
            self._renew(result, times)
        return result

    def _try[T](self, wish: Wish, read: Callable[[Answer], T], deadline: float) -> T | Setback:
        try:
            token = self._sign_in.get()
        except RetryLaterError as error:
            return Setback(Move.AGAIN, error, retry_after=error.delay)
        sent_at = self._budget.enter(deadline)
        try:
            answer = self._ask(wish, {**wish.headers, "Authorization": f"Bearer {token.reveal()}"})
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
        fault = fault_of(answer)
        ruling = ruling_on(fault)
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
