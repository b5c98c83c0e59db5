// Headless Chromium of the machine. It stays on the program's own address, and what goes wrong in a page is kept.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import { out } from "./places.mjs";

const ARGUMENTS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export class Browser {
  static async launch() {
    // Chromium's own sandbox does not work for root.
    const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
    // Chromium does not start with a library that shifts its clock; its pages take the day from the program.
    const { LD_PRELOAD, ...env } = process.env;
    return new Browser(await chromium.launch({ executablePath, env, args: [...ARGUMENTS, ...sandbox] }));
  }

  constructor(chrome) {
    this.chrome = chrome;
  }

  visits(url) {
    return new Visits(this.chrome, url);
  }

  async picture(page, name) {
    mkdirSync(out, { recursive: true });
    await page.screenshot({ path: path.join(out, `${name}.png`), fullPage: true });
  }

  close() {
    return this.chrome.close();
  }
}

/** The pages of one journey. Each has cookies of its own, as if another person sat at another machine. */
class Visits {
  constructor(chrome, url) {
    Object.assign(this, { chrome, url, contexts: [], troubles: [] });
  }

  async page(viewport, more = {}) {
    const context = await this.chrome.newContext({ viewport, baseURL: this.url, locale: "zh-CN", timezoneId: "Asia/Shanghai", ...more });
    context.setDefaultTimeout(15_000);
    this.contexts.push(context);
    await context.route((address) => this.isOutside(address), (route) => {
      this.troubles.push(`asked for ${route.request().url()}`);
      return route.abort();
    });
    const page = await context.newPage();
    // Asked “really?”, people who pressed the button say yes.
    page.on("dialog", (question) => question.accept());
    page.on("pageerror", (error) => this.troubles.push(`error in a page: ${error.message}`));
    page.on("console", (line) => {
      // Refused and invalid entries are part of journeys; Chromium writes a line for each such answer.
      if (line.type() === "error" && !line.text().startsWith("Failed to load resource")) this.troubles.push(`console: ${line.text()}`);
    });
    page.on("response", (answer) => {
      if (answer.status() >= 500) this.troubles.push(`${answer.status()} from ${answer.url()}`);
    });
    return page;
  }

  isOutside(address) {
    return ["http:", "https:"].includes(address.protocol) && address.origin !== this.url;
  }

  assertQuiet() {
    assert.deepEqual(this.troubles, [], "something went wrong in the pages");
  }

  async close() {
    for (const context of this.contexts) await context.close();
  }
}
