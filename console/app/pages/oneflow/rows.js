// @ts-check
/** The rows of a mapping: a field of Dynamics, a data field of Oneflow, and which way values go. */
import { announce, Button, Field, SelectField, TextField } from "../../kit.js";
import { html, useEffect, useRef, useState } from "../../preact.js";
import { t, wordFor } from "../../words.js";
import { FieldPicker } from "./picker.js";
import { fieldOf, fillable, keyOf, moved, rowFor } from "./rules.js";

const DIRECTIONS = ["once", "dynamics_to_oneflow", "two_way"];
const POLICIES = ["manual", "dynamics_wins", "oneflow_wins", "newest_wins"];

/**
 * @param {{mapping: import("./rules.js").Mapping, change: (fields: any[]) => void, groups: any[], template: any, told: (id: string, index: number, member: string) => string}} props
 *   `told` gives the messages for a member of a row
 */
export function Rows({ mapping, change, groups, template, told }) {
  const rows = mapping.fields;
  const [picking, setPicking] = useState(/** @type {string | null} */ (null));
  const [focus, setFocus] = useState(/** @type {{id: string, part: string} | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (focus) /** @type {any} */ (list.current?.querySelector(`[data-row="${focus.id}"] [data-part="${focus.part}"]`))?.focus();
  }, [focus]);
  const put = (/** @type {string} */ id, /** @type {any} */ facts) => change(rows.map((each) => (each.id === id ? { ...each, ...facts } : each)));
  const move = (/** @type {number} */ index, /** @type {-1 | 1} */ by) => {
    change(moved(rows, index, by));
    announce(t("oneflow.moved", { name: rows[index].dynamicsField, place: index + by + 1, of: rows.length }));
    setFocus({ id: rows[index].id, part: by < 0 ? "up" : "down" });
  };
  const drop = (/** @type {number} */ index) => {
    change(rows.filter((_, at) => at !== index));
    announce(t("oneflow.removed", { name: rows[index].dynamicsField }));
    setFocus({ id: (rows[index + 1] ?? rows[index - 1])?.id ?? "", part: "drop" });
  };
  const choose = (/** @type {any} */ group, /** @type {any} */ field) => {
    const fresh = rowFor(mapping, group, field, template);
    const kept = { dynamicsEntity: fresh.dynamicsEntity, via: fresh.via, dynamicsField: fresh.dynamicsField };
    if (picking === "") change([...rows, fresh]);
    else put(/** @type {string} */ (picking), { ...kept, ...(field.twoWay ? {} : { direction: rows.find((each) => each.id === picking)?.direction === "once" ? "once" : "dynamics_to_oneflow" }), ...(field.type === "DateTime" ? {} : { timeZone: null }) });
    setFocus({ id: picking || fresh.id, part: picking === "" && !fresh.oneflowField ? "oneflow" : "pick" });
    setPicking(null);
  };
  const keys = new Set(rows.filter((each) => each.id !== picking).map(keyOf));
  const taken = (/** @type {any} */ group, /** @type {any} */ field) => keys.has(keyOf(/** @type {any} */ ({ dynamicsEntity: group.entity, via: group.via, dynamicsField: field.name })));
  return html`
    <ol class="oneflow-rows" ref=${list}>
      ${rows.map((row, index) => html`<${Row} key=${row.id} row=${row} index=${index} of=${rows} groups=${groups} template=${template} told=${(/** @type {string} */ member) => told(row.id, index, member)} put=${(/** @type {any} */ facts) => put(row.id, facts)} pick=${() => setPicking(row.id)} move=${(/** @type {-1 | 1} */ by) => move(index, by)} drop=${() => drop(index)} />`)}
    </ol>
    <${Button} icon="plus" onClick=${() => setPicking("")}>${t("oneflow.add")}</${Button}>
    ${picking !== null && html`<${FieldPicker} groups=${groups} taken=${taken} choose=${choose} onClose=${() => setPicking(null)} />`}
  `;
}

/** @param {{row: any, index: number, of: any[], groups: any[], template: any, told: (member: string) => string, put: (facts: any) => void, pick: () => void, move: (by: -1 | 1) => void, drop: () => void}} props */
function Row({ row, index, of, groups, template, told, put, pick, move, drop }) {
  const found = fieldOf(groups, row);
  const name = found?.field.label || row.dynamicsField;
  const where = found && found.group.via ? t("oneflow.via", { lookup: found.group.via }) : "";
  const detail = [found?.group.label ?? row.dynamicsEntity, where, found?.field.type].filter(Boolean).join(" · ");
  const source = (/** @type {any} */ attributes) => html`<${Button} class="input oneflow-source" data-part="pick" label=${t("oneflow.sourceLabel", { name, detail })} onClick=${pick} id=${attributes.id} aria-describedby=${attributes["aria-describedby"]}>
    <span class="oneflow-source-name">${name}</span>${" "}<span class="muted small">${detail}</span>
  </${Button}>`;
  return html`<li data-row=${row.id}><div class="oneflow-row" role="group" aria-label=${t("oneflow.row", { place: index + 1, name })}>
    <div class="oneflow-fields">
      <${Field} label=${t("oneflow.dynamicsField")} error=${told("dynamicsField") || told("dynamicsEntity") || told("via")} control=${source} />
      <${Target} row=${row} of=${of} template=${template} error=${told("oneflowField")} put=${put} />
      <${SelectField} label=${t("oneflow.direction")} value=${row.direction} set=${(/** @type {string} */ direction) => put({ direction })} options=${directions(found?.field)} help=${found && !found.field.twoWay ? t("oneflow.barred", { reason: found.field.reason }) : undefined} error=${told("direction")} />
      ${row.direction === "two_way" && html`<${SelectField} label=${t("oneflow.conflict")} value=${row.conflict} set=${(/** @type {string} */ conflict) => put({ conflict })} options=${POLICIES.map((value) => ({ value, name: wordFor("policies", value) }))} help=${wordFor("policyMeanings", row.conflict)} error=${told("conflict")} />`}
      ${found?.field.type === "DateTime" && html`<${SelectField} label=${t("oneflow.timeZone")} value=${row.timeZone ?? ""} set=${(/** @type {string} */ zone) => put({ timeZone: zone || null })} options=${zones(row.timeZone)} help=${t("oneflow.timeZoneHelp")} error=${told("timeZone")} />`}
    </div>
    <div class="oneflow-moves">
      <${Button} small kind="quiet" data-part="up" label=${t("oneflow.up", { name })} title=${t("oneflow.up", { name })} disabled=${index === 0} onClick=${() => move(-1)}>↑</${Button}>
      <${Button} small kind="quiet" data-part="down" label=${t("oneflow.down", { name })} title=${t("oneflow.down", { name })} disabled=${index === of.length - 1} onClick=${() => move(1)}>↓</${Button}>
      <${Button} small kind="quiet" data-part="drop" icon="close" label=${t("oneflow.drop", { name })} title=${t("oneflow.drop", { name })} onClick=${drop} />
    </div>
  </div></li>`;
}

/** @param {{row: any, of: any[], template: any, error: string, put: (facts: any) => void}} props */
function Target({ row, of, template, error, put }) {
  const known = fillable(template);
  const set = (/** @type {string} */ oneflowField) => put({ oneflowField });
  const shared = { label: t("oneflow.oneflowField"), value: row.oneflowField, set, error, "data-part": "oneflow" };
  if (!known) return html`<${TextField} ...${shared} placeholder=${t("oneflow.customId")} maxlength="100" />`;
  const taken = new Set(of.filter((each) => each !== row).map((each) => each.oneflowField));
  const options = known.map((/** @type {any} */ each) => ({ value: each.customId, name: taken.has(each.customId) ? t("oneflow.takenOption", { name: each.name }) : each.name, disabled: taken.has(each.customId) }));
  const there = !row.oneflowField || known.some((/** @type {any} */ each) => each.customId === row.oneflowField);
  const lost = there ? [] : [{ value: row.oneflowField, name: t("oneflow.lostOption", { name: row.oneflowField }) }];
  return html`<${SelectField} ...${shared} options=${[{ value: "", name: t("oneflow.chooseTarget") }, ...lost, ...options]} />`;
}

/** @param {any} field */
function directions(field) {
  return DIRECTIONS.map((value) => ({ value, name: wordFor("directions", value), disabled: value === "two_way" && field && !field.twoWay }));
}

/** @param {string | null} chosen */
function zones(chosen) {
  const known = Intl.supportedValuesOf("timeZone");
  const all = chosen && !known.includes(chosen) ? [chosen, ...known] : known;
  return [{ value: "", name: t("oneflow.utc") }, ...all.map((value) => ({ value, name: value.replaceAll("_", " ") }))];
}
