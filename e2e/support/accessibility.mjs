// WCAG 2.1 A and AA by axe-core: nothing serious or critical on a page. Nor is a page wider than its screen.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

export async function assertAccessible(page) {
  // Evaluated, not added as an element: the pages' content security policy stays as it is.
  await page.evaluate(axe);
  const { violations } = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: { type: "tag", values } }), RULES);
  const grave = violations.filter((found) => ["serious", "critical"].includes(found.impact));
  const words = grave.flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.target.join(" ")} — ${found.help}`));
  assert.deepEqual(words, [], `accessibility of ${page.url()}`);
  const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= screen, `${page.url()} is ${wide} wide on a screen of ${screen}`);
}
