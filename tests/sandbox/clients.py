"""A caller of the simulated Business Central, for the tests of this folder."""

from typing import Any
from urllib.parse import quote, urlsplit

import requests
from requests.adapters import HTTPAdapter

from sandbox.control import Control

SCOPE = "https://api.businesscentral.dynamics.com/.default"


class Loopback(HTTPAdapter):
    """Sends what is meant for Entra to the sandbox."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.url = self._url + str(parts.path) + (f"?{parts.query!s}" if parts.query else "")
        return super().send(request, *args, **more)


class Caller:
    """One application with a token, talking to one company."""

    def __init__(self, control: Control, company: str = "cronus", app: str = "hub") -> None:
        self.control = control
        self.url = control.url
        info = control.info()
        owner, self.client = next(
            (tenant, client) for tenant in info["tenants"] for client in tenant["clients"] if client["name"] == app
        )
        self.tenant = str(owner["id"])
        self.client["tenantId"] = self.tenant
        companies = info["tenants"][0]["environments"][0]["companies"]
        self.company_id = str(next(each["id"] for each in companies if each["key"] == company))
        self.root = f"{self.url}/v2.0/{self.tenant}/Production/api/v2.0"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Accept"] = "application/json"
        self.sign_in()

    def sign_in(self) -> None:
        token = self.ask_token().json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def ask_token(self, tenant: str | None = None, **changes: str) -> requests.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client["clientId"],
            "client_secret": self.client["clientSecret"],
            "scope": SCOPE,
        }
        return self.session.post(f"{self.url}/{tenant or self.tenant}/oauth2/v2.0/token", data={**form, **changes})

    def get(self, path: str, headers: dict[str, str] | None = None, **options: str) -> requests.Response:
        """GET below the company; options lose no dollar sign: filter becomes $filter."""
        query = "&".join(f"${name}={quote(value)}" for name, value in options.items())
        return self.follow(f"{self.root}/companies({self.company_id})/{path}" + (f"?{query}" if query else ""), headers)

    def follow(self, url: str, headers: dict[str, str] | None = None) -> requests.Response:
        return self.session.get(url, headers=headers, timeout=20)

    def values(self, path: str, name: str = "number", **options: str) -> list[Any]:
        reply = self.get(path, None, **options)
        assert reply.status_code == 200, reply.text
        return [row[name] for row in reply.json()["value"]]

    def walk(self, path: str, size: int, limit: int = 1000, **options: str) -> list[dict[str, Any]]:
        headers = {"Prefer": f"odata.maxpagesize={size}"}
        rows: list[dict[str, Any]] = []
        reply = self.get(path, headers, **options).json()
        for _ in range(limit):
            rows += reply["value"]
            if "@odata.nextLink" not in reply:
                return rows
            reply = self.follow(reply["@odata.nextLink"], headers).json()
        return rows

    def close(self) -> None:
        self.session.close()
