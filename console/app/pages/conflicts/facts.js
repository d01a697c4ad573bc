// @ts-check
/** Conflicts of both kinds in one shape, and what a choice sends; pure. */

/** Stands for the record as a whole in a choice. */
export const WHOLE = "*";

/** The sides of a conflict by kind of integration; the first is the one that a sync would take. */
export const SIDES = { business_central: ["source", "platform"], oneflow: ["dynamics", "oneflow"] };

/**
 * Return the fields that are to be decided, with both values, and the base where it is known.
 * @param {any} conflict @returns {Array<{name: string, other: string, base: any, values: Record<string, any>}>}
 */
export function contestedOf(conflict) {
  if (conflict.fields) return conflict.fields.map((/** @type {any} */ each) => ({ name: each.field, other: "", base: undefined, values: { source: each.source, platform: each.platform } }));
  return [{ name: conflict.field, other: conflict.oneflowField, base: conflict.base, values: { dynamics: conflict.dynamics, oneflow: conflict.oneflow } }];
}

/** Return what a conflict is about: the key of its words. @param {any} conflict */
export const reasonOf = (conflict) => conflict.reason ?? "field";

/** Return the names of what is to be chosen: the fields that differ, or the record as a whole when none does. @param {any} conflict */
export function openOf(conflict) {
  const differing = contestedOf(conflict).filter(({ values }) => new Set(Object.values(values)).size > 1);
  return differing.length > 0 ? differing.map(({ name }) => name) : [WHOLE];
}

/** Return the same side for all that is to be chosen. @param {any} conflict @param {string} side @returns {Record<string, string>} */
export const allOf = (conflict, side) => Object.fromEntries(openOf(conflict).map((name) => [name, side]));

/** Return what is sent for a choice of sides by field, null as long as a field has none. @param {any} conflict @param {Record<string, string>} choice */
export function choiceOf(conflict, choice) {
  const names = openOf(conflict);
  if (names.some((name) => !choice[name])) return null;
  const sides = [...new Set(names.map((name) => choice[name]))];
  if (sides.length === 1) return sides[0];
  return Object.fromEntries(names.map((name) => [name, choice[name]]));
}

/** Return the key of the words that say what a choice will do. @param {any} conflict @param {Record<string, string>} choice */
export function effectOf(conflict, choice) {
  const sent = choiceOf(conflict, choice);
  if (sent === null) return "open";
  return `${reasonOf(conflict)}_${typeof sent === "string" ? sent : "mixed"}`;
}

/** Return where a conflict stands among those that wait, and its neighbours. @param {any[]} queue @param {string} id */
export function placeIn(queue, id) {
  const at = queue.findIndex((each) => each.id === id);
  const next = at < 0 ? queue[0] : queue[at + 1] ?? queue.find((each) => each.id !== id);
  return { at: at + 1, next: next?.id ?? null, previous: at > 0 ? queue[at - 1].id : null };
}

/** Return the fields whose values are others than before. @param {any} before @param {any} after */
export function movedSides(before, after) {
  const known = new Map(contestedOf(before).map((each) => [each.name, each]));
  return contestedOf(after).flatMap(({ name, values }) =>
    Object.entries(values)
      .map(([side, value]) => ({ name, side, before: known.get(name)?.values[side], after: value }))
      .filter((row) => row.before !== row.after),
  );
}
