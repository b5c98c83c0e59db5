// Every page that a menu leads to, at both widths and in the mode for elders: accessible, not wider than the screen,
// without scripts gone wrong. Leaves pictures in out/.
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import path from "node:path";
import { journey } from "../support/journey.mjs";
import * as application from "../support/application.mjs";
import { out, root } from "../support/places.mjs";
import { citizen, officer } from "../support/people.mjs";
import { readQr } from "../support/qr.mjs";

const PUBLIC = ["/", "/items", "/items?theme=lost-or-damaged", "/search?q=bufa", "/search?q=nothing-like-it", "/items/road-driver-reissue?reason=lost", "/items/dangerous-goods-grant", "/login", "/login?as=staff", "/register", "/verify", "/verify?code=000000000000", "/no-such-page"];
const OFFICERS = ["acceptor", "reviewer", "approver", "maker", "supervisor", "administrator", "manager", "huangpu-acceptor"];

/** Every pack brings registers, and each of them is looked at. */
const MANY = { minutes: 12 };

async function look(page, axe, addresses) {
  for (const address of addresses) {
    const answer = await page.goto(address);
    assert.ok(answer.status() < 500, address);
    await axe(page);
  }
}

async function menu(page, place) {
  const links = await page.locator(`${place} a[href^='/']`).evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  return [...new Set(links)].filter((href) => !href.startsWith("/preferences"));
}

for (const width of ["desktop", "phone"]) {
  journey(`whoever comes by can use every public page on ${width}, also as an elder`, async (kit) => {
    const page = await kit[width]();
    await look(page, kit.axe, PUBLIC);
    await page.goto("/");
    await kit.picture(page, `home-${width}`);
    await page.getByRole("link", { name: "用演示账号登录" }).click();
    await page.getByText("登录名 ceshi1，").waitFor();
    await page.goto("/");
    await page.getByRole("link", { name: "长辈版" }).click();
    await page.waitForLoadState();
    assert.equal(await page.locator("html").getAttribute("data-mode"), "elder");
    const size = await page.evaluate(() => Number.parseFloat(getComputedStyle(document.body).fontSize));
    assert.ok(size >= 20, `${size}px`);
    await kit.picture(page, `home-elder-${width}`);
    await look(page, kit.axe, ["/items", "/items/road-driver-reissue", "/login", "/verify", "/no-such-page"]);
    await page.goto("/items/road-driver-reissue?reason=lost");
    await kit.picture(page, `guide-elder-${width}`);
  });

  journey(`a citizen can use every page of one's own on ${width}`, async (kit) => {
    const page = await citizen(await kit[width](), width === "desktop" ? "ceshi1" : "ceshi2");
    await page.goto("/me");
    const { path: address } = await application.apply(page);
    await application.begin(page, "ride-hailing-reissue");
    const draft = page.url().replace(/\/[a-z]+$/, "");
    const steps = ["questions", "applicant", "licence", "request", "delivery", "materials", "confirm"].map((step) => `${draft}/${step}`);
    await page.goto("/me");
    const own = await menu(page, ".tb-menu-list");
    for (const expected of ["/me/cases", "/me/licences", "/me/messages", "/me"]) assert.ok(own.includes(expected), `the menu leads to ${expected}`);
    await page.goto("/me/licences");
    const licences = await menu(page, "main");
    await look(page, kit.axe, [address, ...steps, ...own, "/me/contact", "/me/sessions", "/me/real-name", ...licences]);
    await page.goto("/me/licences");
    await page.getByRole("button", { name: /^亮证/ }).first().click();
    const presented = page.url();
    const shown = readQr(await page.getByRole("img", { name: "请核验人员扫描这个二维码" }).screenshot());
    await page.goto(address);
    const progress = readQr(await page.getByRole("img", { name: /办件码/ }).screenshot());
    await look(page, kit.axe, [presented]);
    await look(await kit[width](), kit.axe, [shown, progress]);
    await page.goto(address);
    await page.getByRole("link", { name: "长辈版" }).click();
    await look(page, kit.axe, [address, `${draft}/applicant`, `${draft}/materials`]);
    await page.goto(address);
    await kit.picture(page, `case-elder-${width}`);
  });

  for (const login of OFFICERS) {
    journey(`${login} can use every page of the menu on ${width}`, async (kit) => {
      const page = await officer(await kit[width](), login);
      const own = await menu(page, "#menu");
      assert.ok(own.includes("/workbench"), login);
      await look(page, kit.axe, own);
      if (login === "administrator") {
        await look(page, kit.axe, ["/workbench/settings"]);
        await kit.picture(page, `settings-${width}`);
      }
      if (login !== "acceptor") return;
      await page.goto("/workbench");
      await kit.picture(page, `workbench-${width}`);
      const first = page.getByRole("link", { name: /^办理/ }).first();
      if ((await first.count()) === 0) return;
      await first.click();
      await page.waitForURL(/\/workbench\/cases\//);
      await look(page, kit.axe, [page.url()]);
      await kit.picture(page, `work-${width}`);
    });
  }

  journey(`lists and records of the registers can be used on ${width}`, async (kit) => {
    let seen = 0;
    for await (const { page, register, record } of registers(kit, width)) {
      await kit.axe(page);
      await kit.picture(page, `${register.split("/").at(-1)}-list-${width}`);
      // Of some the demonstration has none.
      if (!record) continue;
      seen += 1;
      await look(page, kit.axe, [record]);
    }
    assert.ok(seen > 1, "registers with records");
  }, MANY);

  journey(`the forms of the registers can be used on ${width}`, async (kit) => {
    let seen = 0;
    for await (const { page, register, record } of registers(kit, width)) {
      if ((await menu(page, "main")).includes(`${register}/new`)) await look(page, kit.axe, [`${register}/new`]);
      if (!record) continue;
      await page.goto(record);
      if (!(await menu(page, "main")).includes(`${record}/change`)) continue;
      seen += 1;
      await look(page, kit.axe, [`${record}/change`]);
      await kit.picture(page, `${register.split("/").at(-1)}-change-${width}`);
    }
    assert.ok(seen > 1, "records that can be changed");
  }, MANY);
}

/** Each register on its list, with its first record. */
async function* registers(kit, width) {
  const page = await officer(await kit[width](), "approver");
  await page.goto("/workbench/registers");
  const all = (await menu(page, "main")).filter((href) => /^\/workbench\/registers\/[^/]+$/.test(href));
  assert.ok(all.length > 0, "there are registers");
  for (const register of all) {
    await page.goto(register);
    yield { page, register, record: (await menu(page, "main tbody")).at(0) };
  }
}

journey("the picture of the portal is as the visitor sees it first", async ({ desktop }) => {
  const page = await desktop();
  await page.goto("/");
  await page.evaluate(() => document.fonts.ready);
  const file = path.join(out, "portal.png");
  const picture = await page.screenshot({ path: file });
  assert.ok(picture.length < 300_000, `${picture.length} bytes`);
  // For the README: `TONGBAN_PICTURE=docs node --test journeys/pages.test.mjs`.
  if (process.env.TONGBAN_PICTURE === "docs") copyFileSync(file, path.join(root, "docs/portal.png"));
});
