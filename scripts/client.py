"""A caller of the hub's HTTP API, as a platform's own back end would be one."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

_SECONDS = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered: status, headers and body."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def data(self) -> Any:
        """The data of a success; AnswerError when it is none."""
        if not isinstance(self.body, dict) or not self.body.get("success"):
            raise AnswerError(self)
        return self.body["data"]

    @property
    def etag(self) -> str:
        """The ETag, as If-Match wants it."""
        return self.headers["ETag"]


class AnswerError(Exception):
    """The hub did not do what was asked."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}: {answer.body}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub, seen by one user."""

    url: str
    token: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request; a path that begins with http is taken as it is."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        target = path if path.startswith("http") else self.url + path
        with requests.Session() as session:
            session.trust_env = False
            sent = {} if body is None else {"json": body}
            reply = session.request(
                method,
                target,
                headers={"Authorization": f"Bearer {self.token}", **named},
                timeout=_SECONDS,
                allow_redirects=False,
                **sent,
            )
        is_json = "json" in reply.headers.get("Content-Type", "")
        return Answer(reply.status_code, dict(reply.headers), reply.json() if is_json else reply.text)

    def get(self, path: str) -> Any:
        """Return the data of a GET."""
        return self.call("GET", path).data

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Return the data of a POST."""
        return self.call("POST", path, body, **headers).data

    def everything(self, path: str) -> list[Any]:
        """Return the items of all pages of a list."""
        items: list[Any] = []
        following: str | None = path
        while following:
            answer = self.call("GET", following)
            items += answer.data
            following = answer.body.get("nextLink")
        return items

    def record(self, integration_id: str, entity: str, external_id: str) -> str:
        """Return the path of one record."""
        return f"/api/integrations/{integration_id}/{entity}/{quote(external_id, safe='')}"
