// @ts-check
/** Addresses in both systems, and what a contract's state allows; pure. */

const ONEFLOW = "https://app.oneflow.com/contracts/";
const LOCKED = ["signed", "declined", "deleted"];

/** Return the address of a record in Dynamics. @param {any} integration @param {string} entity @param {string} recordId */
export function recordAddress(integration, entity, recordId) {
  const org = new URL(integration.connection.dynamics.orgUrl);
  const host = org.host.replace(/\.api\.(crm\d*\.)/, ".$1");
  return `${org.protocol}//${host}/main.aspx?${new URLSearchParams({ pagetype: "entityrecord", etn: entity, id: recordId })}`;
}

/** Return the address of a contract in Oneflow. @param {string} contractId */
export const contractAddress = (contractId) => `${ONEFLOW}${encodeURIComponent(contractId)}`;

/** Whether a contract takes no changes any more. @param {string} state */
export const isLocked = (state) => LOCKED.includes(state);

/** Return how many fields of a contract have changed on either side, wait for a person, or have a problem. @param {Array<{status: string}>} fields */
export function standingOf(fields) {
  const count = (/** @type {string} */ status) => fields.filter((each) => each.status === status).length;
  return { toPush: count("dynamics_changed"), toFetch: count("oneflow_changed"), conflicts: count("conflict"), problems: count("problem") };
}

/** Return what is sent to make a contract: blank texts are left out. @param {any} form */
export function orderOf(form) {
  const text = (/** @type {string} */ value) => value.trim() || undefined;
  return {
    entity: form.entity,
    recordId: form.recordId,
    name: text(form.name),
    ...(form.templateId ? { templateId: form.templateId, workspaceId: form.workspaceId } : {}),
    ...(form.another ? { another: true } : {}),
    parties: form.parties.map((/** @type {any} */ party) => ({
      type: party.type,
      name: party.type === "company" ? text(party.name) : undefined,
      countryCode: party.countryCode,
      identificationNumber: text(party.identificationNumber),
      participants: party.participants.map((/** @type {any} */ each) => ({ name: each.name.trim(), email: each.email.trim(), phone: text(each.phone), signatory: each.signatory })),
    })),
  };
}
