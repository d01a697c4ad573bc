"""Which addresses may be those of a Dataverse organization: a token must not go elsewhere."""

import re
from collections.abc import Collection

_ORGANIZATION = re.compile(r"https://[a-z0-9][a-z0-9-]{0,62}(\.api)?\.crm\d{0,2}\.dynamics\.com", re.ASCII)


def dataverse_origin(text: str, *, allowed: Collection[str]) -> str | None:
    """Return the origin that a text names, in lower case and without a slash at the end, None when it is not allowed.

    Allowed are `https://{org}.crm{n}.dynamics.com`, the same with `.api`, and what a deployment adds to them.
    """
    origin = text.strip().removesuffix("/").lower()
    known = _ORGANIZATION.fullmatch(origin) or origin in {each.lower() for each in allowed}
    return origin if known else None
