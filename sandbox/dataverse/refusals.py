"""Refusals of Dataverse: a status, a hexadecimal code, and the text that the facts print."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_PAYLOAD = (
    "Error identified in Payload provided by the user for Entity :'{0}', For more information on this error please "
    "follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : {1}"
)
_VALIDATION = "A validation error occurred.  "


@dataclass(eq=False)
class DataverseError(Exception):
    """The request is answered with an error body."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


def stale() -> DataverseError:
    """412: If-Match names another version."""
    text = "The version of the existing record doesn't match the RowVersion property provided."
    return DataverseError(412, "0x80060882", text)


def gone(table: str, key: str) -> DataverseError:
    """404: there is no row of this id."""
    return DataverseError(404, "0x80040217", f"Entity '{table}' With Id = {key} Does Not Exist")


def exists() -> DataverseError:
    """412: If-None-Match: * and the row is there, or a created id is taken."""
    return DataverseError(412, "0x80040237", "A record with matching key values already exists.")


def no_such_key(table: str) -> DataverseError:
    """404: no row has these values in an alternate key."""
    text = f"A record with the specified key values does not exist in {table} entity"
    return DataverseError(404, "0x80060891", text)


def duplicate_key(table: str, columns: tuple[str, ...]) -> DataverseError:
    """412: another row has these values in an alternate key."""
    named = ", ".join(columns)
    text = f"Entity Key {table} violated. A record with the same value for {named} already exists."
    return DataverseError(412, "0x80060892", text)


def not_a_key(table: str) -> DataverseError:
    """400: the named columns are no key."""
    return DataverseError(
        400, "0x80060890", f"The specified key attributes are not a defined key for the {table} entity"
    )


def unguarded(table: str, status: int) -> DataverseError:
    """If-Match on a table without optimistic concurrency."""
    text = f"Optimistic concurrency isn't enabled for entity type {table}."
    return DataverseError(status, "0x8006088d", text)


def too_long(table: str, column: str, most: int) -> DataverseError:
    """400: a text is longer than its column."""
    which = f"The length of the '{column}' attribute of the '{table}' entity"
    text = f"{_VALIDATION}{which} exceeded the maximum allowed length of '{most}'."
    return DataverseError(400, "0x80044331", text)


def decimal_out_of_range() -> DataverseError:
    """400: a decimal or an amount is outside its column's range."""
    text = "A validation error occurred. A decimal value provided is outside of the allowed values for this attribute."
    return DataverseError(400, "0x80044330", text)


def integer_out_of_range() -> DataverseError:
    """400: a whole number is outside its column's range."""
    text = "A validation error occurred. An integer provided is outside of the allowed values for this attribute."
    return DataverseError(400, "0x8004432f", text)


def bad_option(column: str, value: object) -> DataverseError:
    """400: a choice has no such option."""
    text = f"The picklist value is out of the range. Attribute: {column}, value: {value}."
    return DataverseError(400, "0x8004431a", text)


def bad_date(status: int) -> DataverseError:
    """The text is no date, or one before 1753."""
    text = "The date-time format is invalid, or value is outside the supported range."
    return DataverseError(status, "0x80040239", text)


def bad_payload(set_name: str, inner: str) -> DataverseError:
    """400: the body does not fit the type."""
    return DataverseError(400, "0x80048d19", _PAYLOAD.format(set_name, inner))


def bad_literal(set_name: str, value: object, edm: str) -> DataverseError:
    """400: a literal cannot be read as the property's type."""
    inner = (
        f"Microsoft.OData.ODataException: Cannot convert the literal '{value}' to the expected type '{edm}'. "
        "---> System.FormatException: Input string was not in a correct format."
    )
    return bad_payload(set_name, inner)


def quoted_decimal(set_name: str) -> DataverseError:
    """400: a decimal came as a JSON string."""
    inner = (
        "Microsoft.OData.ODataException: Cannot convert a value to target type 'Edm.Decimal' because of conflict "
        "between input format string/number and parameter 'IEEE754Compatible' false/true."
    )
    return bad_payload(set_name, inner)


def undeclared(set_name: str, name: str) -> DataverseError:
    """400: a bind to something that is no navigation property."""
    inner = (
        f"Microsoft.OData.ODataException: An undeclared property '{name}' which only has property annotations in the "
        "payload but no property value was found in the payload. In OData, only declared navigation properties and "
        "declared named streams can be represented as properties without values."
    )
    return bad_payload(set_name, inner)


def unknown_in_body(set_name: str, name: str, table: str, code: str) -> DataverseError:
    """400: the body names a property that the table does not have."""
    inner = (
        f"Microsoft.Crm.CrmException: Invalid property '{name}' was found in entity 'Microsoft.Dynamics.CRM.{table}'. "
        "---> Microsoft.OData.ODataException: Does not support untyped value in non-open type."
    )
    error = bad_payload(set_name, inner)
    return DataverseError(400, code, error.message)


def unknown_property(name: str, type_name: str) -> DataverseError:
    """400: an option names a property that the type does not have."""
    return DataverseError(400, "0x0", f"Could not find a property named '{name}' on type '{type_name}'.")


def unknown_segment(segment: str, code: str = "0x80060888") -> DataverseError:
    """404: the path names nothing."""
    return DataverseError(404, code, f"Resource not found for the segment '{segment}'.")


def no_resource(url: str) -> DataverseError:
    """404 without a code: the wrong verb for a function or an action."""
    return DataverseError(404, "", f"No HTTP resource was found that matches the request URI '{url}'.")


def unknown_table(name: str) -> DataverseError:
    """400: the metadata knows no table of this name."""
    text = f"The entity with a name = '{name}' with namemapping = 'Logical' was not found in the MetadataCache."
    return DataverseError(400, "0x80041102", text)


def unknown_column(name: str, table: str) -> DataverseError:
    """400: the metadata knows no column of this name."""
    return DataverseError(400, "0x80041103", f"'{table}' entity doesn't contain attribute with Name = '{name}'.")


def read_only_row(status: int) -> DataverseError:
    """A quote that is no longer a draft."""
    return DataverseError(status, "0x8004022e", "The entity cannot be updated because it is read-only.")


def bad_state() -> DataverseError:
    """400: the status reason does not belong to the state."""
    text = "The status code is not valid for the state code on this record."
    return DataverseError(400, "0x80048408", text)


def not_a_draft() -> DataverseError:
    """400: only a draft quote can be activated."""
    return DataverseError(400, "0x80100003", "The quote cannot be activated because it is not in draft state.")


def closed_by_action_only() -> DataverseError:
    """400: an opportunity is won or lost by an action, not by a status."""
    text = "The SetState message cannot be used to close an opportunity: use the Win or Lose message."
    return DataverseError(400, "0x80100005", text)


def currency_fixed(table: str) -> DataverseError:
    """400: the currency cannot change while there are products."""
    code = {"opportunity": "0x80048479", "quote": "0x8004480e"}[table]
    return DataverseError(400, code, f"The currency of the {table} cannot be changed because it has products.")


def delete_blocked(table: str) -> DataverseError:
    """405: other rows refer to this one."""
    return DataverseError(
        405, "0x80040227", f"The {table} cannot be deleted because it is associated with another object."
    )


def bad_argument(text: str = "Expected non-empty Guid.") -> DataverseError:
    """400: an argument makes no sense."""
    return DataverseError(400, "0x80040203", text)


def missing(column: str) -> DataverseError:
    """400: null in a column that the system needs."""
    return DataverseError(400, "0x80040203", f"The attribute '{column}' is required by the system and cannot be null.")


def secured(verb: str, user: str, table: str, column: str) -> DataverseError:
    """403: no right on a secured column."""
    code = {"update": "0x8004f507", "read": "0x8004f504", "create": "0x8004f502"}[verb]
    text = (
        f"Caller user with Id {user} does not have {verb} permissions to a {column} secured field on entity {table} "
        "table. The requested operation could not be completed."
    )
    return DataverseError(403, code, text)


def missing_privilege(user: str, privilege: str, code: int, table: str) -> DataverseError:
    """403: a role does not hold a privilege."""
    text = f"Principal user (Id={user}), is missing {privilege} privilege on OTC={code} for entity '{table}'"
    return DataverseError(403, "0x80040220", text)


def no_roles(user: str) -> DataverseError:
    """403: the user has no role at all."""
    return DataverseError(403, "0x80042f09", f"The user with id {user} has not been assigned any roles.")


def not_a_member() -> DataverseError:
    """403: a good token of somebody without a user here."""
    return DataverseError(403, "0x80072560", "The user is not a member of the organization.")


def disabled(status: int) -> DataverseError:
    """The user is disabled."""
    text = "The specified user is either disabled or is not a member of any business unit."
    return DataverseError(status, "0x80040225", text)


def tracking_refuses(option: str) -> DataverseError:
    """400: an option that change tracking does not know."""
    text = f'The "{option}" query parameter isn\'t supported when Change Tracking is enabled.'
    return DataverseError(400, "0x80060888", text)


def untracked(table: str) -> DataverseError:
    """400: the table has no change tracking."""
    return DataverseError(400, "0x80072491", f"Entity {table} isn't enabled for change tracking.")


def expired_token(code: str) -> DataverseError:
    """The delta token is older than the organization keeps deletions."""
    return DataverseError(
        400, code, "Version stamp associated with the client has expired. Please perform a full sync."
    )


def bad_query(text: str) -> DataverseError:
    """400: a query option cannot be read."""
    return DataverseError(400, "0x80060888", text)


def not_simulated(what: str) -> DataverseError:
    """501: the real service does this, the simulated one does not."""
    return DataverseError(501, "0x80040800", f"The simulated Dataverse does not do this: {what}.")


def too_many_requests(most: int, seconds: float) -> DataverseError:
    """429: requests in the window."""
    text = f"Number of requests exceeded the limit of {most} over time window of {seconds:.0f} seconds."
    return DataverseError(429, "0x80072322", text)


def too_much_time(most_ms: float, seconds: float) -> DataverseError:
    """429: execution time in the window."""
    text = (
        f"Combined execution time of incoming requests exceeded limit of {most_ms:,.0f} milliseconds over time window "
        f"of {seconds:.0f} seconds. Decrease number of concurrent requests or reduce the duration of requests and try "
        "again later."
    )
    return DataverseError(429, "0x80072321", text)


def too_many_at_once(most: int) -> DataverseError:
    """429: requests at once."""
    return DataverseError(429, "0x80072326", f"Number of concurrent requests exceeded the limit of {most}.")
