// One journey: a test with a browser, the program and its claims. Journeys of one file share one program and one browser.
import { after, test } from "node:test";
import { Claim } from "./claims.mjs";
import { assertAccessible } from "./accessibility.mjs";
import { Browser } from "./browser.mjs";
import { Program } from "./program.mjs";

let program;
let browser;

after(async () => {
  await browser?.close();
  await program?.stop();
});

/** `steps` gets pages and helpers; the claim counts only when it ends without an error. */
export function journey(name, steps, { minutes = 2 } = {}) {
  test(name, { timeout: minutes * 60_000 }, async () => {
    program ??= await Program.start();
    await walk(name, program, steps);
  });
}

/** A test of the kit itself, which needs a browser and no program. */
export function withoutProgram(name, steps) {
  test(name, { timeout: 60_000 }, () => walk(name, { url: "http://127.0.0.1:9" }, steps));
}

async function walk(name, program, steps) {
  const { url } = program;
  browser ??= await Browser.launch();
  const visits = browser.visits(url);
  const claim = new Claim(name);
  try {
    await steps({
      url,
      program,
      desktop: (more = {}) => visits.page({ width: 1440, height: 900 }, more),
      phone: (more = {}) => visits.page({ width: 390, height: 844 }, { isMobile: true, hasTouch: true, deviceScaleFactor: 2, ...more }),
      covers: (...ids) => claim.covers(...ids),
      axe: assertAccessible,
      picture: (page, file) => browser.picture(page, file),
    });
    visits.assertQuiet();
  } finally {
    await visits.close();
  }
  claim.pass();
}
