"""The barest code: the same pages read as bytes, the same rows written from ready-made bodies, nothing in between."""

import base64
import hashlib
import hmac
import re
import threading
from collections.abc import Iterable, Iterator
from email.utils import formatdate
from itertools import batched
from typing import Any

import requests
from azure.data.tables import TableServiceClient

from scripts.azurite import ACCOUNT, ACCOUNT_KEY

_NEXT = re.compile(rb'"@odata.nextLink":"([^"]+)"')
_HEAD = b"--batch_f\r\nContent-Type: multipart/mixed; boundary=changeset_f\r\n\r\n"
_PART = (
    b"--changeset_f\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    b"POST %s HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json;odata=minimalmetadata\r\n"
    b"Prefer: return-no-content\r\nDataServiceVersion: 3.0;\r\n\r\n%s\r\n"
)
_TAIL = b"--changeset_f--\r\n--batch_f--\r\n"
_WRITERS = 2
_ROWS = 100


type Rows = dict[str, list[bytes]]
"""Rows as the protocol writes them, by partition."""


def read_pages(first: str, token: str, page_size: int) -> int:
    """Walk the pages as bytes; return how many there were."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json",
        "Prefer": f"odata.maxpagesize={page_size}",
    }
    url: str | None = first
    pages = 0
    with requests.Session() as session:
        session.trust_env = False
        while url:
            body = session.get(url, headers=headers, timeout=600).content
            found = _NEXT.search(body[-2000:])
            url = found[1].decode().replace("\\/", "/") if found else None
            pages += 1
    return pages


def stored_rows(storage: str, table: str) -> Iterator[dict[str, Any]]:
    """Return a table's rows as the protocol writes them, without the manifests."""
    with TableServiceClient.from_connection_string(storage) as service:
        for row in service.get_table_client(table).list_entities():
            if not row["RowKey"].startswith("!"):
                yield dict(row)


def encoded(rows: Iterable[dict[str, Any]]) -> Rows:
    """Return rows as the protocol writes them."""
    import orjson  # noqa: PLC0415 - only the preparation needs it

    found: Rows = {}
    for row in rows:
        plain = {name: _plain(value) for name, value in row.items()}
        for name, value in row.items():
            if hasattr(value, "isoformat"):
                plain[f"{name}@odata.type"] = "Edm.DateTime"
        found.setdefault(row["PartitionKey"], []).append(orjson.dumps(plain))
    return found


def bodies(rows: Rows, table_url: str) -> list[tuple[bytes, int]]:
    """Return ready-made transactions, each of one partition and up to 100 rows, partitions in order."""
    url = table_url.encode()
    return [
        (_HEAD + b"".join(_PART % (url, row) for row in part) + _TAIL, len(part))
        for _, partition in sorted(rows.items())
        for part in batched(partition, _ROWS, strict=False)
    ]


def write(ready: list[tuple[bytes, int]], base: str) -> None:
    """Send all transactions over a few connections."""
    waiting = iter(ready)
    lock = threading.Lock()
    broken: list[str] = []

    def work() -> None:
        with requests.Session() as session:
            session.trust_env = False
            while True:
                with lock:
                    body, rows = next(waiting, (b"", 0))
                if not rows:
                    return
                reply = session.post(f"{base}/$batch", data=body, headers=_headers("/$batch"), timeout=600)
                if reply.content.count(b"HTTP/1.1 204") != rows:
                    broken.append(reply.text[:500])
                    return

    threads = [threading.Thread(target=work) for _ in range(_WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise RuntimeError(broken[0])


def make_table(base: str, name: str) -> None:
    """Create the table to write to."""
    headers = {**_headers("/Tables"), "Content-Type": "application/json", "Accept": "application/json;odata=nometadata"}
    requests.post(f"{base}/Tables", json={"TableName": name}, headers=headers, timeout=60)


def _headers(path: str) -> dict[str, str]:
    date = formatdate(usegmt=True)
    signed = f"{date}\n/{ACCOUNT}/{ACCOUNT}{path}".encode()
    signature = base64.b64encode(hmac.new(base64.b64decode(ACCOUNT_KEY), signed, hashlib.sha256).digest()).decode()
    return {
        "x-ms-date": date,
        "x-ms-version": "2019-02-02",
        "Authorization": f"SharedKeyLite {ACCOUNT}:{signature}",
        "Content-Type": "multipart/mixed; boundary=batch_f",
        "Accept": "application/json",
        "DataServiceVersion": "3.0",
        "MaxDataServiceVersion": "3.0;NetFx",
    }


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if hasattr(value, "isoformat") else value
