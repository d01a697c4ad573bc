"""Decides which members of a connection a failed check is about."""

_SECRET, _CLIENT, _TENANT = "/connection/clientSecret", "/connection/clientId", "/connection/tenantId"
_END = "/connection/dynamics"
_END_SECRET, _END_CLIENT, _END_TENANT = f"{_END}/clientSecret", f"{_END}/clientId", f"{_END}/tenantId"
_TOKEN, _EMAIL = "/connection/oneflow/apiToken", "/connection/oneflow/userEmail"

_MEMBERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("credentials", ""): (_TENANT, _CLIENT, _SECRET),
    ("credentials", "CLIENT_SECRET_MISSING"): (_SECRET,),
    ("credentials", "CREDENTIALS_REFUSED"): (_SECRET, _CLIENT),
    ("credentials", "CONNECTION_INVALID"): (_TENANT,),
    ("credentials", "SOURCE_NOT_IN_TENANT"): (_TENANT,),
    ("reachable", ""): ("/connection/environment",),
    ("companies", "COMPANY_NOT_FOUND"): ("/connection/companyId",),
    ("dynamics_credentials", ""): (_END_TENANT, _END_CLIENT, _END_SECRET),
    ("dynamics_credentials", "CLIENT_SECRET_MISSING"): (_END_SECRET,),
    ("dynamics_credentials", "CREDENTIALS_REFUSED"): (_END_SECRET, _END_CLIENT),
    ("dynamics_credentials", "CONNECTION_INVALID"): (_END_TENANT,),
    ("dynamics_credentials", "SOURCE_NOT_IN_TENANT"): (_END_TENANT,),
    ("dynamics_reachable", ""): (f"{_END}/orgUrl",),
    ("oneflow_token", ""): (_TOKEN, _EMAIL),
    ("oneflow_token", "ONEFLOW_TOKEN_MISSING"): (_TOKEN,),
    ("oneflow_workspace", ""): (_EMAIL,),
}
"""By step and code; the empty code stands for all others."""

_ELSEWHERE = frozenset(
    {
        "SIGN_IN_UNAVAILABLE",
        "SOURCE_UNAVAILABLE",
        "SOURCE_TIMEOUT",
        "SOURCE_THROTTLED",
        "REAUTH_REQUIRED",
        "CONSENT_DECLINED",
        "SETUP_REQUIRED",
        "PERMISSION_DENIED",
    }
)
"""Codes that no other value in the connection mends: time does, a sign-in, or a permission in the remote system."""


def members_at(step: str, code: str) -> tuple[str, ...]:
    """Return JSON pointers to what may be wrong when this step fails with this code, the likeliest first."""
    if code in _ELSEWHERE:
        return ()
    return _MEMBERS.get((step, code), _MEMBERS.get((step, ""), ()))
