// @ts-check
/** A connection as the form has it, flat and as text, and as the API takes it; pure. */

/** @typedef {Record<string, string>} Values */

const SUPPLY = ["tenantId", "clientId", "environment", "grant"];
const DYNAMICS = ["orgUrl", "tenantId", "clientId"];

/** What a new connection begins with. @type {Record<string, Values>} */
export const BLANK = {
  business_central: { name: "", tenantId: "", clientId: "", endsOn: "", environment: "Production", grant: "client_credentials" },
  oneflow: { name: "", orgUrl: "", tenantId: "", clientId: "", endsOn: "", userEmail: "" },
};

/** Return the body that makes an integration. @param {string} kind @param {Values} values @param {Values} secrets */
export function orderOf(kind, values, secrets) {
  return { kind, name: values.name, ...patchOf(kind, { ...BLANK[kind], ...values }, secrets), schedule: null, settings: {} };
}

/**
 * Return the merge patch of these values; a secret that is empty stays as it is.
 * @param {string} kind
 * @param {Values} values
 * @param {Values} secrets
 */
export function patchOf(kind, values, secrets) {
  const ends = "endsOn" in values ? { clientSecretExpiresAt: momentOf(values.endsOn) } : {};
  const secret = secrets.clientSecret ? { clientSecret: secrets.clientSecret } : {};
  if (kind === "business_central") return { connection: { ...picked(values, SUPPLY), ...secret, ...ends } };
  const token = secrets.apiToken ? { apiToken: secrets.apiToken } : {};
  const dynamics = { ...picked(values, DYNAMICS), ...secret, ...ends };
  return { connection: { dynamics, oneflow: { ...picked(values, ["userEmail"]), ...token } } };
}

/** Return what the form shows of an integration. @param {any} integration @returns {Values} */
export function valuesOf({ kind, connection }) {
  if (kind === "business_central") return { ...picked(connection, SUPPLY), endsOn: dayOf(connection.clientSecretExpiresAt) };
  const { dynamics, oneflow } = connection;
  return { ...picked(dynamics, DYNAMICS), endsOn: dayOf(dynamics.clientSecretExpiresAt), userEmail: oneflow.userEmail };
}

/** Return the JSON pointer of a value of the form. @param {string} kind @param {string} name */
export function pointerOf(kind, name) {
  const member = name === "endsOn" ? "clientSecretExpiresAt" : name;
  if (name === "name") return "/name";
  if (kind === "business_central") return `/connection/${member}`;
  return name === "apiToken" || name === "userEmail" ? `/connection/oneflow/${member}` : `/connection/dynamics/${member}`;
}

/** Return the day of a time, for a date field. @param {string | null | undefined} time */
export function dayOf(time) {
  return time ? time.slice(0, 10) : "";
}

/** A secret ends in the course of its last day: counting on its beginning is on the safe side. @param {string} day */
function momentOf(day) {
  return day ? `${day}T00:00:00Z` : null;
}

/** @param {any} source @param {string[]} names @returns {Values} */
function picked(source, names) {
  return Object.fromEntries(names.filter((name) => source[name] != null).map((name) => [name, String(source[name]).trim()]));
}
