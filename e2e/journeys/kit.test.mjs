// The kit itself: an assertion that cannot fail proves nothing.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { Claim } from "../support/claims.mjs";
import { withoutProgram } from "../support/journey.mjs";

const page = (body) => `<!doctype html><html lang="zh-CN"><title>通办</title><main>${body}</main></html>`;

withoutProgram("an accessible page passes and a field without a label fails", async ({ desktop, axe, picture }) => {
  const tab = await desktop();
  await tab.setContent(page("<h1>办事</h1><label>姓名<input></label>"));
  await axe(tab);
  await picture(tab, "kit");
  await tab.setContent(page("<h1>办事</h1><input>"));
  await assert.rejects(axe(tab), /label: input/);
});

withoutProgram("the phone is as wide as a phone and in Chinese", async ({ phone }) => {
  const tab = await phone();
  await tab.setContent(page("").replace("<main>", "<meta name=viewport content='width=device-width'><main>"));
  const seen = await tab.evaluate(() => [innerWidth, navigator.language, new Date(0).getTimezoneOffset()]);
  assert.deepEqual(seen, [390, "zh-CN", -480]);
});

test("a claim is begun when made and passed at the end, and an unknown id is refused", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "tongban-claims-"));
  const outcome = () => JSON.parse(readFileSync(path.join(folder, readdirSync(folder)[0]), "utf8")).outcome;
  const claim = new Claim("a journey", folder);
  const known = ["SH", "001"].join("-");
  claim.covers(known);
  assert.equal(outcome(), "begun");
  claim.pass();
  assert.equal(outcome(), "passed");
  assert.throws(() => claim.covers(["SH", "999"].join("-")), /in no table/);
});
