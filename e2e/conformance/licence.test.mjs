// A real licence, read and judged by programs that others wrote: easyofd, OpenSSL, qpdf, MuPDF, jsQR.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { journey } from "../support/journey.mjs";
import { obtain } from "../support/licence.mjs";
import { Openssl, ask, folder, peer, run } from "../support/peers.mjs";
import { readQr } from "../support/qr.mjs";
import { judgeOfd, judgePdf } from "../support/sealed.mjs";

const TITLE = "中华人民共和国道路运输从业人员从业资格证";
const withoutSpaces = (text) => text.replace(/\s/g, "");
let obtained;
const licence = (kit) => (obtained ??= obtain(kit, "ceshi3"));
const root = ({ program }) => path.join(program.data, "keys/authority-root.pem");

function put(name, content) {
  const file = path.join(folder(), name);
  writeFileSync(file, content);
  return file;
}

function shows(text, { face }) {
  for (const words of [TITLE, face.holder_name, face.holder_number, face.number, face.issuer_name]) {
    assert.ok(withoutSpaces(text).includes(words), `${words} is shown`);
  }
}

journey("easyofd reads the licence and draws its words", async (kit) => {
  const made = await licence(kit);
  const words = run(peer("python"), [path.join(import.meta.dirname, "read_ofd.py"), put("licence.ofd", made.ofd)]);
  const { parsed, drawn } = JSON.parse(words);
  shows(parsed.join(""), made);
  shows(drawn, made);
});

journey("OpenSSL finds every digest and signature of the licence's OFD right, and each changed byte", async (kit) => {
  const openssl = new Openssl();
  const files = unpack((await licence(kit)).ofd);
  assert.deepEqual(judgeOfd(files, openssl, root(kit)), []);
  for (const [name, content] of files) {
    for (const share of [0.25, 0.5, 0.75]) {
      const changed = new Map(files).set(name, flip(content, Math.floor(content.length * share)));
      assert.notDeepEqual(judgeOfd(changed, openssl, root(kit)), [], `${name} with another byte is noticed`);
    }
  }
  const another = new Map(files).set("Doc_0/Attachment.xml", Buffer.from("<a/>"));
  assert.deepEqual(judgeOfd(another, openssl, root(kit)), ["Doc_0/Attachment.xml is not sealed"]);
});

journey("qpdf and MuPDF open the licence's PDF and show its words", async (kit) => {
  const made = await licence(kit);
  const pdf = put("licence.pdf", made.pdf);
  const said = ask("qpdf", ["--check", pdf]);
  assert.equal(said.status, 0, said.words);
  assert.match(said.words, /No syntax or stream encoding errors found/);
  shows(run("mutool", ["draw", "-q", "-F", "txt", pdf]).toString(), made);
  const broken = ask("qpdf", ["--check", put("broken.pdf", made.pdf.subarray(0, made.pdf.length / 2))]);
  assert.notEqual(broken.status, 0, "half a file is noticed");
});

journey("the QR code on the licence leads to its verification", async (kit) => {
  const made = await licence(kit);
  const page = path.join(folder(), "page.png");
  run("mutool", ["draw", "-q", "-r", "200", "-o", page, put("licence.pdf", made.pdf), "1"]);
  const address = readQr(readFileSync(page));
  assert.equal(address, made.face.verify_url);
  const visitor = await kit.phone();
  await visitor.goto(address);
  assert.match(await visitor.locator("main").innerText(), /有效/);
});

journey("OpenSSL finds digest and signature of the licence's PDF right, and each changed byte", async (kit) => {
  const openssl = new Openssl();
  const { pdf } = await licence(kit);
  assert.deepEqual(judgePdf(pdf, openssl, root(kit)), []);
  const gap = pdf.lastIndexOf("/Contents<");
  const spread = Array.from({ length: 20 }, (_, part) => Math.floor((pdf.length * part) / 20));
  const covered = spread.filter((place) => place < gap || place > pdf.indexOf(">", gap));
  for (const place of [...covered, pdf.length - 1, gap + 200]) {
    assert.notDeepEqual(judgePdf(flip(pdf, place), openssl, root(kit)), [], `byte ${place} is noticed`);
  }
});

function flip(content, place) {
  const changed = Buffer.from(content);
  changed[place] ^= 1;
  return changed;
}

/** By Python's zipfile: another reader of the package. */
function unpack(ofd) {
  const target = path.join(folder(), "package");
  mkdirSync(target);
  run(peer("python"), ["-m", "zipfile", "-e", put("licence.ofd", ofd), target]);
  const names = readdirSync(target, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const places = names.map((entry) => path.relative(target, path.join(entry.parentPath ?? entry.path, entry.name)));
  return new Map(places.sort().map((name) => [name, readFileSync(path.join(target, name))]));
}
