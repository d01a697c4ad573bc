"""What each failed reply of Business Central means."""

import pytest

from sync.model.errors import RefusedError, RetryLaterError, SetupError, SourceGoneError, SyncError
from tests.connectors.kit import QUERY, Canned, place, refused, sample

HTML = b"<!DOCTYPE html><html><body>no</body></html>"
XML = sample("bc-error-no-environment-404.xml")


def error_of(reply: Canned) -> SyncError:
    with pytest.raises(SyncError) as caught:
        place(*[reply] * 5).source().page(QUERY, None)
    return caught.value


@pytest.mark.parametrize(
    ("status", "source_code", "kind", "code"),
    [
        (400, "BadRequest", RefusedError, "SOURCE_REFUSED"),
        (400, "BadRequest_InvalidRequestUrl", RefusedError, "SOURCE_REFUSED"),
        (400, "BadRequest_NotFound", RefusedError, "SOURCE_REFUSED"),
        (400, "BadRequest_InvalidOperation", RefusedError, "SOURCE_REFUSED"),
        (400, "BadRequest_RequiredParamNotProvided", RefusedError, "SOURCE_REFUSED"),
        (400, "BadRequest_InvalidToken", RefusedError, "SOURCE_REFUSED"),
        (400, "Application_FieldValidationException", RefusedError, "SOURCE_REFUSED"),
        (400, "Application_DialogException", RefusedError, "SOURCE_REFUSED"),
        (400, "Application_StringExceededLength", RefusedError, "SOURCE_REFUSED"),
        (400, "Application_EvaluateException", RefusedError, "SOURCE_REFUSED"),
        (400, "Application_FilterErrorException", RefusedError, "SOURCE_REFUSED"),
        (400, "Application_InvalidGUID", RefusedError, "SOURCE_REFUSED"),
        (400, "Application_CallbackNotAllowed", RefusedError, "SOURCE_REFUSED"),
        (400, "Unknown", RefusedError, "SOURCE_REFUSED"),
        (400, "Internal_CompanyNotFound", SourceGoneError, "COMPANY_NOT_FOUND"),
        (401, "Authentication_InvalidCredentials", SetupError, "CREDENTIALS_REFUSED"),
        (401, "", SetupError, "CREDENTIALS_REFUSED"),
        (401, "Internal_CompanyNotFound", SourceGoneError, "COMPANY_NOT_FOUND"),
        (403, "Authorization_RequestDenied", SetupError, "PERMISSION_DENIED"),
        (403, "", SetupError, "PERMISSION_DENIED"),
        (404, "BadRequest_ResourceNotFound", RefusedError, "ENTITY_SET_NOT_FOUND"),
        (404, "Internal_RecordNotFound", RefusedError, "RECORD_NOT_FOUND"),
        (404, "Internal_DataNotFoundFilter", RefusedError, "RECORD_NOT_FOUND"),
        (404, "Internal_CompanyNotFound", SourceGoneError, "COMPANY_NOT_FOUND"),
        (404, "NoEnvironment", SourceGoneError, "ENVIRONMENT_NOT_FOUND"),
        (404, "", RefusedError, "SOURCE_REFUSED"),
        (405, "BadRequest_MethodNotAllowed", RefusedError, "SOURCE_REFUSED"),
        (408, "", RetryLaterError, "SOURCE_TIMEOUT"),
        (409, "Request_EntityChanged", RefusedError, "SOURCE_REFUSED"),
        (409, "Internal_EntityWithSameKeyExists", RefusedError, "SOURCE_REFUSED"),
        (410, "", RefusedError, "SOURCE_REFUSED"),
        (413, "", RefusedError, "SOURCE_REFUSED"),
        (415, "", RefusedError, "SOURCE_REFUSED"),
        (418, "", RefusedError, "SOURCE_REFUSED"),
        (429, "Application_TooManyRequests", RetryLaterError, "SOURCE_THROTTLED"),
        (500, "Internal_ServerError", RetryLaterError, "SOURCE_UNAVAILABLE"),
        (500, "Internal_CompanyNotFound", RetryLaterError, "SOURCE_UNAVAILABLE"),
        (501, "BadRequest_MethodNotImplemented", RefusedError, "SOURCE_REFUSED"),
        (502, "", RetryLaterError, "SOURCE_UNAVAILABLE"),
        (503, "Internal_TenantUnavailable", RetryLaterError, "SOURCE_UNAVAILABLE"),
        (504, "", RetryLaterError, "SOURCE_TIMEOUT"),
        (302, "", RefusedError, "SOURCE_REFUSED"),
        (600, "", RefusedError, "SOURCE_REFUSED"),
    ],
)
def test_each_failed_reply_has_one_meaning(status: int, source_code: str, kind: type[SyncError], code: str) -> None:
    error = error_of(refused(status, source_code))
    assert (type(error), error.code) == (kind, code)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Canned(404, XML), "ENVIRONMENT_NOT_FOUND"),
        (Canned(404, sample("bc-error-wrong-entity-set-404.json")), "ENTITY_SET_NOT_FOUND"),
        (Canned(400, sample("bc-error-unknown-property-400.json")), "SOURCE_REFUSED"),
        (Canned(401, sample("bc-error-credentials-401.json")), "CREDENTIALS_REFUSED"),
        (Canned(405, sample("bc-error-method-405.json")), "SOURCE_REFUSED"),
        (Canned(409, sample("bc-error-entity-changed-409.json")), "SOURCE_REFUSED"),
        (Canned(429, sample("bc-error-too-many-requests-429.json")), "SOURCE_THROTTLED"),
        (Canned(503, HTML), "SOURCE_UNAVAILABLE"),
        (Canned(404, HTML), "SOURCE_REFUSED"),
        (Canned(403, b""), "PERMISSION_DENIED"),
    ],
)
def test_replies_as_the_real_system_sends_them_are_understood(reply: Canned, code: str) -> None:
    assert error_of(reply).code == code


def test_a_refused_request_tells_its_status() -> None:
    error = error_of(refused(400))
    assert isinstance(error, RefusedError)
    assert error.status == 400


def test_a_denied_permission_names_what_may_not_be_read() -> None:
    assert error_of(refused(403)).message.startswith("The app may not read vendors. Add a permission set")


def test_a_missing_environment_says_where_to_look() -> None:
    assert "admin center" in error_of(Canned(404, XML)).message


def test_a_throttled_app_is_told_when_to_come_back() -> None:
    error = error_of(refused(429, Retry_After="60"))
    assert isinstance(error, RetryLaterError)
    assert error.delay >= 60
