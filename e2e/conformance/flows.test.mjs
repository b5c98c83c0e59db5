// The flows of the pack in bpmn-js, the drawing tool that most people know: it opens them, and what it saves we still read.
// Approval chains are handed to it as the program draws them.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { withoutProgram } from "../support/journey.mjs";
import { ask, folder, run } from "../support/peers.mjs";
import { root } from "../support/places.mjs";

const PACK = path.join(root, "solution/transport/pack");
const TONGBAN = path.resolve(globalThis.process.env.TONGBAN_BIN);
const modules = createRequire(import.meta.url);
const page = `<!doctype html><html lang="zh-CN"><title>流程</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/diagram-js.css">
  <style>#canvas { height: 900px; }</style><div id="canvas"></div><script src="/bpmn-js.js"></script></html>`;

/** A chain as BPMN. */
const drawn = (file) => run(TONGBAN, ["flow", file], { encoding: "utf8" });

/** Every flow of the pack by the name that its drawing has, and the chain of the guide. */
function flows() {
  const all = {};
  for (const name of readdirSync(path.join(PACK, "flows"))) {
    const file = path.join(PACK, "flows", name);
    all[name.replace(/\.toml$/, ".bpmn")] = name.endsWith(".toml") ? drawn(file) : readFileSync(file, "utf8");
  }
  const guide = readFileSync(path.join(root, "docs/guides/write-an-approval-chain.md"), "utf8");
  const file = path.join(folder(), "seal.toml");
  // Most items do not ask for the reason, and a condition may only name what every item on the flow has.
  writeFileSync(file, guide.match(/```toml\n([^]*?)```/)[1].replace("answers.reason == 'damaged'", "case.item != ''"));
  return { ...all, "seal.bpmn": drawn(file) };
}

/** bpmn-js out of its package, in a tab of its own. */
async function modeler(tab) {
  const serve = (place, answer) => tab.route(`**/${place}`, (route) => route.fulfill(answer));
  await serve("modeler.html", { body: page, contentType: "text/html; charset=utf-8" });
  await serve("bpmn-js.js", { path: modules.resolve("bpmn-js/dist/bpmn-modeler.production.min.js"), contentType: "text/javascript" });
  await serve("diagram-js.css", { path: modules.resolve("bpmn-js/dist/assets/diagram-js.css"), contentType: "text/css" });
  await tab.goto("/modeler.html");
  await tab.evaluate(() => (globalThis.modeler = new globalThis.BpmnJS({ container: "#canvas" })));
}

/** Opens a flow. Gives bpmn-js's warnings and what it drew: identifier and kind. */
function open(tab, xml) {
  return tab.evaluate(async (text) => {
    const { modeler } = globalThis;
    const { warnings } = await modeler.importXML(text);
    modeler.get("canvas").zoom("fit-viewport");
    const drawn = modeler.get("elementRegistry").filter((element) => modeler.get("elementRegistry").getGraphics(element) && !element.labelTarget);
    return { warnings: warnings.map((warning) => warning.message), drawn: drawn.map((element) => [element.id, element.type]) };
  }, xml);
}

const save = (tab) => tab.evaluate(async () => (await globalThis.modeler.saveXML({ format: true })).xml);

/** The process of a flow without its drawing: every element with its attributes and words, whatever their order. */
function process(tab, xml) {
  return tab.evaluate((text) => {
    const words = (node) => {
      const attributes = [...node.attributes].filter((a) => !a.name.startsWith("xmlns")).map((a) => `${a.name}=${a.value}`);
      const children = [...node.children].map(words);
      const own = children.length > 0 ? "" : node.textContent.trim();
      return [node.nodeName, ...attributes.sort(), own, ...children.sort()].join("\n");
    };
    return words(new DOMParser().parseFromString(text, "text/xml").getElementsByTagNameNS("*", "process")[0]).split("\n");
  }, xml);
}

/** What `tongban check` says of the pack with these drawings in the place of its flows. */
function check(flows) {
  const copy = mkdtempSync(path.join(tmpdir(), "tongban-pack-"));
  try {
    cpSync(PACK, copy, { recursive: true });
    for (const [name, xml] of Object.entries(flows)) {
      writeFileSync(path.join(copy, "flows", name), xml);
      rmSync(path.join(copy, "flows", name.replace(/bpmn$/, "toml")), { force: true });
    }
    return ask(TONGBAN, ["check", copy]);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

withoutProgram("bpmn-js opens every flow of the pack and every chain without a warning, draws each node, and saves what the program reads", async ({ desktop, picture }) => {
  const tab = await desktop();
  await modeler(tab);
  const saved = {};
  for (const [name, xml] of Object.entries(flows())) {
    const { warnings, drawn } = await open(tab, xml);
    assert.deepEqual(warnings, [], name);
    const nodes = [...xml.matchAll(/<bpmn:(\w*(?:Task|Event|Gateway|[sS]ubProcess|sequenceFlow))\b[^>]* id="([^"]+)"/g)];
    const wanted = nodes.map(([, kind, id]) => [id, `bpmn:${kind[0].toUpperCase()}${kind.slice(1)}`]);
    // The shortest chain begins, does something and ends.
    assert.ok(wanted.length >= 5, `${name} has nodes`);
    const missing = wanted.filter((node) => !drawn.some((shape) => shape.join() === node.join()));
    assert.deepEqual(missing, [], `${name}: every node and flow is drawn`);
    await picture(tab, `flow-${path.basename(name, ".bpmn")}`);
    saved[name] = await save(tab);
    assert.notEqual(saved[name], xml, "it was written anew");
    assert.deepEqual(await process(tab, saved[name]), await process(tab, xml), `${name}: nothing is lost`);
  }
  // The guide's chain runs where most items do.
  for (const said of [check(saved), check({ "permit.bpmn": saved["seal.bpmn"] })]) {
    assert.equal(said.status, 0, said.words);
    assert.match(said.words, /没有发现问题/);
  }
});

withoutProgram("a flow that is drawn wrong in bpmn-js is refused, and its element is named", async ({ desktop }) => {
  const tab = await desktop();
  await modeler(tab);
  await open(tab, readFileSync(path.join(PACK, "flows/permit.bpmn"), "utf8"));
  await tab.evaluate(() => {
    const line = globalThis.modeler.get("elementRegistry").get("tell_submitted__prereview");
    globalThis.modeler.get("modeling").removeElements([line]);
  });
  const said = check({ "permit.bpmn": await save(tab) });
  assert.equal(said.status, 1, said.words);
  assert.match(said.words, /permit\.bpmn.*tell_submitted/);
});
