// @ts-check
/** Prints what is wrong with the console's modules, by the file; run with --experimental-vm-modules. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

import { words } from "../../console/app/words.js";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..", "console");
const LONGEST = 200;
const FREE = new Set(["app/words.js", "app/errors.js"]);
const SPOKEN = /\s(?:aria-label|title|placeholder|label|lead|alt)="[^"$]*[A-Za-z]/;

/** @param {string} folder @returns {string[]} */
const modules = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".js"))
    .map((entry) => join(entry.parentPath, entry.name));

/** Return the text between tags of all html templates; what is filled in becomes `$`. @param {string} source */
function spoken(source) {
  const found = [];
  for (let at = source.indexOf("html`"); at >= 0; at = source.indexOf("html`", at + 1)) found.push(template(source, at + 5));
  return found;
}

/** @param {string} source @param {number} at */
function template(source, at) {
  let text = "";
  let depth = 0;
  for (let i = at; i < source.length; i += 1) {
    if (depth === 0 && source[i] === "`") break;
    if (source[i] === "`" && depth > 0) i = skipped(source, i + 1);
    else if (source.startsWith("${", i) && depth === 0) [depth, i, text] = [1, i + 1, `${text}$`];
    else if (depth > 0) depth += source[i] === "{" ? 1 : source[i] === "}" ? -1 : 0;
    else text += source[i];
  }
  return text;
}

/** Return the end of a nested template. @param {string} source @param {number} at */
function skipped(source, at) {
  let depth = 0;
  for (let i = at; i < source.length; i += 1) {
    if (depth === 0 && source[i] === "`") return i;
    if (source.startsWith("${", i)) [depth, i] = [depth + 1, i + 1];
    else if (depth > 0 && source[i] === "`") i = skipped(source, i + 1);
    else if (depth > 0 && source[i] === "}") depth -= 1;
    else if (depth > 0 && source[i] === "{") depth += 1;
  }
  return source.length;
}

/** @param {string} source @param {string} name @returns {string[]} */
function wrong(source, name) {
  const told = [];
  try {
    const module = new vm.SourceTextModule(source, { identifier: name });
    for (const request of module.dependencySpecifiers ?? module.moduleRequests.map((each) => each.specifier)) {
      if (!existsSync(resolve(ROOT, dirname(name), request))) told.push(`imports ${request}, which is not there`);
    }
  } catch (error) {
    told.push(String(error));
  }
  if (source.split("\n").length > LONGEST && !FREE.has(name)) told.push(`is longer than ${LONGEST} lines`);
  for (const [, path] of source.matchAll(/import\("([^"]+)"\)/g)) {
    if (!existsSync(resolve(ROOT, dirname(name), path))) told.push(`imports ${path}, which is not there`);
  }
  for (const [, group, key] of source.matchAll(/\bt\("(\w+)\.(\w+)"/g)) {
    if (/** @type {any} */ (words)[group]?.[key] === undefined) told.push(`has no word for ${group}.${key}`);
  }
  for (const text of spoken(source)) {
    const [naked] = /(?:^|>)[^<>]*[A-Za-z]{2,}[^<>]*(?:<|$)/.exec(text.replace(/<[^>]*>/g, "<>").replace(/&\w+;/g, "")) ?? [];
    if (naked) told.push(`shows “${naked.trim()}”, which is not in words.js`);
    const [attribute] = SPOKEN.exec(text) ?? [];
    if (attribute) told.push(`says${attribute}, which is not in words.js`);
    if (/\sstyle=/.test(text)) told.push("has a style attribute, which the policy forbids");
  }
  return told;
}

for (const file of modules(join(ROOT, "app"))) {
  const name = relative(ROOT, file);
  for (const text of wrong(readFileSync(file, "utf8"), name)) console.log(`${name} ${text}`);
}
