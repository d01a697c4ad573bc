// @ts-check
/** The steps of the guide, and where somebody who comes back goes on; pure. */

/** @typedef {"credentials" | "authorize" | "company" | "test" | "sync" | "schedule" | "done"} Step */

export const KINDS = ["business_central", "oneflow"];

/** Steps of each kind, in their order. @type {Record<string, Step[]>} */
const STEPS = {
  business_central: ["credentials", "authorize", "company", "test", "sync", "schedule", "done"],
  oneflow: ["credentials", "test", "done"],
};

/** Whether a step is done, by what the API tells. @type {Record<Step, (integration: any, tested: boolean) => boolean>} */
const IS_DONE = {
  credentials: () => true,
  authorize: (integration) => Boolean(integration.connection.authorizedAt),
  company: (integration) => Boolean(integration.connection.companyId),
  test: (integration, tested) => tested || hasSynced(integration),
  sync: (integration) => hasSynced(integration),
  schedule: (integration) => integration.schedule !== null,
  done: () => false,
};

/** Return the steps of a guide; who signs in has one more. @param {string} kind @param {boolean} consent @returns {Step[]} */
export function stepsOf(kind, consent) {
  return STEPS[kind].filter((step) => step !== "authorize" || consent);
}

/** Return whether a user has to sign in for this integration. @param {any} integration */
export const needsConsent = (integration) => integration.connection.grant === "authorization_code";

/** Return the steps with what is known of each. @param {any} integration @param {boolean} tested @returns {Array<{id: Step, done: boolean}>} */
export function progressOf(integration, tested) {
  return stepsOf(integration.kind, needsConsent(integration)).map((id) => ({ id, done: IS_DONE[id](integration, tested) }));
}

/** Return the first step that is not done. @param {any} integration @param {boolean} tested @returns {Step} */
export function nextStep(integration, tested) {
  return /** @type {any} */ (progressOf(integration, tested).find((step) => !step.done)).id;
}

/** Return the step after this one. @param {any} integration @param {Step} step @returns {Step} */
export function stepAfter(integration, step) {
  const steps = stepsOf(integration.kind, needsConsent(integration));
  return steps[steps.indexOf(step) + 1] ?? "done";
}

/** Return whether an integration's set-up was left before its end. @param {any} integration */
export function isUnfinished(integration) {
  if (integration.status === "setup_required") return true;
  if (integration.kind !== "business_central") return false;
  return !integration.connection.companyId || (!hasSynced(integration) && integration.schedule === null);
}

/** Return the step at which a member of the connection is entered. @param {string} member a JSON pointer @returns {Step} */
export function stepFor(member) {
  return member === "/connection/companyId" || member === "/connection/environment" ? "company" : "credentials";
}

/** A plan alone has synced nothing. @param {any} integration */
function hasSynced(integration) {
  return Boolean(integration.lastSyncedAt) || Boolean(integration.lastRun && !integration.lastRun.plan);
}
