// Programs that others wrote, run as a person would run them. `cargo xtask setup peers` installs what is missing.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";

const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache");
const python = process.env.TONGBAN_PEERS ?? path.join(cache, "tongban/peers/bin");

/** A program of the Python environment of the peers. */
export const peer = (name) => path.join(python, name);

/** What a program answers; an error only when it cannot be run at all. */
export function ask(program, args, options = {}) {
  const answer = spawnSync(program, args, { maxBuffer: 64 * 1024 * 1024, ...options });
  assert.equal(answer.error, undefined, `${program} cannot be run: cargo xtask setup peers`);
  return { status: answer.status, stdout: answer.stdout, words: `${answer.stdout}${answer.stderr}` };
}

/** What it wrote, when it was content. */
export function run(program, args, options) {
  const answer = ask(program, args, options);
  assert.equal(answer.status, 0, `${path.basename(program)} ${args.join(" ")}\n${answer.words}`);
  return answer.stdout;
}

/** Like `ask`, but this process goes on meanwhile: it may be the one that keeps the server's log. */
export function watch(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let words = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (words += text));
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, words }));
  });
}

/** A folder that goes with the test file. */
export function folder() {
  const made = mkdtempSync(path.join(tmpdir(), "tongban-peers-"));
  after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** SM2 and SM3 as OpenSSL knows them. */
export class Openssl {
  /** What was digested once is known: judging a file with one byte changed asks only about that. */
  digests = new WeakMap();

  constructor() {
    const version = run("openssl", ["version"]).toString();
    assert.match(version, /^OpenSSL [3-9]/, "SM2 signatures need OpenSSL 3");
    this.folder = folder();
  }

  file(name, content) {
    const place = path.join(this.folder, name);
    writeFileSync(place, content);
    return place;
  }

  sm3(content) {
    if (!this.digests.has(content)) this.digests.set(content, run("openssl", ["dgst", "-sm3", "-binary"], { input: content }));
    return this.digests.get(content);
  }

  /** Whether the key of the certificate made this signature (GB/T 32918, the user identity of GB/T 35276). */
  verifies({ certificate, signed, signature }) {
    const der = this.file("certificate.der", certificate);
    const key = ask("openssl", ["x509", "-inform", "DER", "-in", der, "-pubkey", "-noout"]);
    if (key.status !== 0) return false;
    const files = ["-verify", this.file("key.pem", key.stdout), "-signature", this.file("signature", signature)];
    return ask("openssl", ["dgst", "-sm3", ...files, "-sigopt", IDENTITY, this.file("signed", signed)]).status === 0;
  }

  /** Whether the certificate was issued by this root. */
  trusts(root, certificate) {
    const der = this.file("certificate.der", certificate);
    const pem = ask("openssl", ["x509", "-inform", "DER", "-in", der]);
    if (pem.status !== 0) return false;
    return ask("openssl", ["verify", "-x509_strict", "-vfyopt", IDENTITY, "-CAfile", root, this.file("certificate.pem", pem.stdout)]).status === 0;
  }
}

const IDENTITY = "distid:1234567812345678";
