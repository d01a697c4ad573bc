"""Microsoft Entra's sign-in page, and what comes back from it."""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import quote, urlencode

from sync.connectors.entra import DELEGATED_SCOPE, Entra, refusal
from sync.connectors.grants import UserAccess
from sync.model.errors import SetupError, SyncError
from sync.model.integration import Connection
from sync.model.secret import Secret
from sync.ports import Clock, Proof, SecretStore

_NUMBER = re.compile(r"AADSTS(\d{4,9})", re.ASCII)


class EntraConsents:
    """Lets people sign in at Microsoft Entra (see sync.ports.Authority)."""

    def __init__(self, entra: Entra, secrets: SecretStore, clock: Clock) -> None:
        self._entra = entra
        self._secrets = secrets
        self._clock = clock

    def sign_in_address(self, connection: Connection, *, redirect_uri: str, state: str, verifier: Secret) -> str:
        """Return the address of the tenant's sign-in page for this app; the verifier itself is not in it."""
        challenge = urlsafe_b64encode(sha256(verifier.reveal().encode()).digest()).decode().rstrip("=")
        asked = {
            "client_id": connection.client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": redirect_uri,
            "scope": DELEGATED_SCOPE,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "prompt": "select_account",
        }
        tenant = quote(connection.tenant_id, safe="")
        return f"{self._entra.url}/{tenant}/oauth2/v2.0/authorize?{urlencode(asked, quote_via=quote)}"

    def refusal(self, error: str, description: str) -> SyncError:
        """Return what an error of the sign-in page means; of its text only the AADSTS numbers count."""
        numbers = [int(number) for number in _NUMBER.findall(description)]
        return refusal({"error": error, "error_codes": numbers})

    def redeem(self, connection: Connection, secret: Secret | None, proof: Proof) -> None:
        """Exchange a code, and keep the tokens under the name of the connection's consent (see Authority)."""
        if secret is None:
            raise SetupError("The connection has no client secret: enter one.", code="CLIENT_SECRET_MISSING")
        asked_at = self._clock.now()
        issued = self._entra.redeem(connection, secret, proof)
        UserAccess(self._entra, self._secrets, self._clock, connection, secret).begin(issued, asked_at)
