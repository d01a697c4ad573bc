"""The plain pages that a browser sees: no script, and nothing of what it sent."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape

from sync.ports import Reply

_STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}"
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def write_page(status: int, title: str, paragraphs: Iterable[str], *, onward: tuple[str, str] | None = None) -> Reply:
    """Return a page; whatever the texts hold is shown as text. `onward` is a link, as its address and its words."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    body = "".join(f"<p>{escape(each)}</p>" for each in paragraphs)
    if onward is not None:
        body += f'<p><a href="{escape(onward[0])}">{escape(onward[1])}</a></p>'
    text = f'<!DOCTYPE html><html lang="en"><head>{head}</head><body><h1>{escape(title)}</h1>{body}</body></html>'
    return Reply(status, HEADERS, text)
