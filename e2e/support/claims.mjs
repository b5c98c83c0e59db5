// What a journey proves, in the same files as the crates' tests write (kernel/coverage).
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./places.mjs";

const tables = path.join(root, "docs/requirements");

function knownIds() {
  const files = readdirSync(tables).filter((name) => name.endsWith(".tsv"));
  return new Set(files.flatMap((name) => readFileSync(path.join(tables, name), "utf8").split("\n").slice(1).map((line) => line.split("\t")[0])));
}

export class Claim {
  constructor(name, folder = process.env.TONGBAN_CLAIMS ?? path.join(root, "target/claims")) {
    this.folder = folder;
    this.file = path.relative(root, process.argv[1]).replaceAll(path.sep, "/");
    this.test = `journey ${name}`;
    this.ids = [];
  }

  covers(...ids) {
    const known = knownIds();
    for (const id of ids) assert.ok(known.has(id), `${id} is in no table of docs/requirements`);
    this.ids.push(...ids);
    this.write("begun");
  }

  pass() {
    if (this.ids.length > 0) this.write("passed");
  }

  write(outcome) {
    const { test, file, ids } = this;
    mkdirSync(this.folder, { recursive: true });
    const name = createHash("sha256").update(`${file}\n${test}`).digest("hex").slice(0, 16);
    writeFileSync(path.join(this.folder, `${name}.json`), JSON.stringify({ test, file, ids, outcome }));
  }
}
