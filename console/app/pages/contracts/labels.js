// @ts-check
/** What the fields of a contract are called in Dynamics. */
import { get, pathOf, withQuery } from "../../api.js";
import { useAttempt } from "./attempt.js";
import { labelsOf } from "./fields.js";

/** Return labels by labelKey; none until they are known. @param {{id: string}} integration @param {string} entity @returns {Record<string, string>} */
export function useLabels(integration, entity) {
  const path = withQuery(pathOf(integration.id, "entities", entity, "fields"), { expand: "related" });
  const loaded = useAttempt((signal) => get(path, { signal }), [path]);
  return loaded.data ? labelsOf(entity, loaded.data.body) : {};
}
