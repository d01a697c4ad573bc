"use strict";
// Loaded into Azurite with `node --require`: makes every answered write survive kill -9 of Azurite.
//
// Azurite keeps its rows in LokiJS, which writes the whole database to disk every five seconds and forgets the rest when it is
// killed. This module appends each change to `DATABASE.journal.N` before the answer leaves, starts the next N when a
// snapshot is taken, deletes the older ones when that snapshot is on disk, and replays what is left on the next start.
// Azurite's files stay as they were installed.

const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");

const Loki = require(require.resolve("lokijs", { paths: [path.dirname(fs.realpathSync(process.argv[1]))] }));
const { Collection } = Loki;
const journals = new Map(); // database -> Journal
const journalOf = new WeakMap(); // collection -> Journal

class Journal {
  constructor(database) {
    this.database = database;
    this.lines = [];
    this.file = null;
    this.number = 1 + Math.max(0, ...this.stored().map(([number]) => number));
  }

  stored() {
    const prefix = `${path.basename(this.database)}.journal.`;
    const folder = path.dirname(this.database);
    const names = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.startsWith(prefix)) : [];
    return names.map((name) => [Number(name.slice(prefix.length)), path.join(folder, name)]).sort(([a], [b]) => a - b);
  }

  note(change) {
    this.lines.push(JSON.stringify(change));
    if (this.lines.length === 1) setImmediate(() => this.flush());
  }

  flush() {
    if (this.lines.length === 0) return;
    this.file ??= fs.openSync(`${this.database}.journal.${this.number}`, "a");
    fs.appendFileSync(this.file, `${this.lines.join("\n")}\n`);
    this.lines = [];
  }

  next() {
    this.flush();
    if (this.file !== null) fs.closeSync(this.file);
    this.file = null;
    this.number += 1;
    return this.number;
  }

  deleteBefore(number) {
    for (const [older, file] of this.stored()) if (older < number) fs.unlinkSync(file);
  }

  changes() {
    return this.stored().flatMap(([, file]) => fs.readFileSync(file, "utf8").split("\n").flatMap(parsed));
  }
}

// A line cut short by the kill was never answered.
function parsed(line) {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

function replay(db, changes) {
  const touched = new Map(); // collection -> Map(id -> row)
  const rowsOf = (name) => {
    const collection = db.getCollection(name);
    if (collection && !touched.has(collection)) touched.set(collection, new Map(collection.data.map((row) => [row.$loki, row])));
    return touched.get(collection);
  };
  const apply = {
    add: ({ name, options }) => db.addCollection(name, options),
    drop: ({ name }) => db.removeCollection(name),
    put: ({ name, row }) => rowsOf(name)?.set(row.$loki, row),
    remove: ({ name, ids }) => ids.forEach((id) => rowsOf(name)?.delete(id)),
  };
  for (const change of changes) apply[change.op](change);
  for (const [collection, rows] of touched) {
    collection.data = [...rows.values()].sort((a, b) => a.$loki - b.$loki);
    collection.maxId = Math.max(collection.maxId, collection.data.at(-1)?.$loki ?? 0);
    collection.idIndex = null;
    collection.constraints.unique = {};
    collection.ensureId();
    collection.ensureAllIndexes(true);
    collection.dirty = true;
  }
}

function wrap(prototype, name, around) {
  const original = prototype[name];
  if (typeof original !== "function") throw new Error(`LokiJS has no ${name}: scripts/journal.cjs does not fit this version`);
  prototype[name] = function (...args) {
    return around.call(this, original.bind(this), ...args);
  };
}

wrap(Loki.prototype, "configureOptions", function (original, options, initial) {
  if (initial && options?.persistenceMethod === "fs") journals.set(this, new Journal(this.filename));
  return original(options, initial);
});

wrap(Loki.prototype, "addCollection", function (original, name, options) {
  const isNew = !this.collections.some((collection) => collection.name === name);
  const collection = original(name, options);
  const journal = journals.get(this);
  if (journal) {
    journalOf.set(collection, journal);
    if (isNew && !journal.silent) journal.note({ op: "add", name, options });
  }
  return collection;
});

wrap(Loki.prototype, "removeCollection", function (original, name) {
  const journal = journals.get(this);
  if (journal && !journal.silent) journal.note({ op: "drop", name });
  return original(name);
});

wrap(Loki.prototype, "loadDatabaseInternal", function (original, options, callback) {
  const journal = journals.get(this);
  if (!journal) return original(options, callback);
  journal.silent = true;
  return original(options, (error) => {
    if (!error) replay(this, journal.changes());
    journal.silent = false;
    callback(error);
  });
});

wrap(Loki.prototype, "saveDatabaseInternal", function (original, callback) {
  const journal = journals.get(this);
  if (!journal) return original(callback);
  const number = journal.next();
  return original((error) => {
    if (!error) journal.deleteBefore(number);
    if (callback) callback(error);
    else if (error) throw error;
  });
});

wrap(Collection.prototype, "insertOne", function (original, ...args) {
  const row = original(...args);
  if (row) journalOf.get(this)?.note({ op: "put", name: this.name, row });
  return row;
});

wrap(Collection.prototype, "update", function (original, row) {
  const updated = original(row);
  if (!Array.isArray(row)) journalOf.get(this)?.note({ op: "put", name: this.name, row: updated });
  return updated;
});

wrap(Collection.prototype, "remove", function (original, row) {
  const id = typeof row === "number" ? row : row?.$loki; // taken before: removing strips it from the row
  const removed = original(row);
  if (id !== undefined) journalOf.get(this)?.note({ op: "remove", name: this.name, ids: [id] });
  return removed;
});

wrap(Collection.prototype, "removeBatchByPositions", function (original, positions) {
  const ids = positions.map((position) => this.data[position].$loki);
  original(positions);
  journalOf.get(this)?.note({ op: "remove", name: this.name, ids });
});

wrap(http.ServerResponse.prototype, "writeHead", function (original, ...args) {
  for (const journal of journals.values()) journal.flush();
  return original(...args);
});
