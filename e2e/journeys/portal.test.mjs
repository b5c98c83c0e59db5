// The portal as a citizen meets it: the head at every width, searching as one speaks, what is one's own, the receipt, progress
// without a code, the start page for elders.
import assert from "node:assert/strict";
import { journey } from "../support/journey.mjs";
import * as application from "../support/application.mjs";
import { citizen, logIn } from "../support/people.mjs";
import { main } from "../support/words.mjs";

const WIDTHS = [320, 390, 640, 700, 768, 820, 959, 960, 1440];

/** Nothing wider than its screen, and nothing of the head over something else of it. */
async function fits(page, where) {
  const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= screen, `${where}: ${wide} px on ${screen}`);
  const brand = await page.locator(".tb-brand-text").first().boundingBox();
  const nav = await page.locator(".tb-portal-nav").boundingBox();
  assert.ok(brand.width >= 60, `${where}: the name of the site is there (${brand.width} px)`);
  const apart = brand.x + brand.width <= nav.x + 1 || brand.y + brand.height <= nav.y + 1;
  assert.ok(apart, `${where}: brand and navigation stand apart`);
}

for (const mode of ["standard", "elder"]) {
  journey(`the head of the portal holds at every width, ${mode}`, async (kit) => {
    const page = await kit.desktop();
    await citizen(page, "ceshi1");
    await page.goto(`/preferences?mode=${mode}&next=/`);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto("/");
      await fits(page, `${width} px`);
      if (width >= 960) continue;
      await page.locator("summary", { hasText: "菜单" }).click();
      await page.getByRole("link", { name: "证照核验" }).first().waitFor();
      await kit.axe(page);
    }
    await kit.picture(page, `portal-${mode}`);
  });
}

for (const width of ["desktop", "phone"]) {
  journey(`whoever types is shown what may be meant, and comes there by keys or by touch, on ${width}`, async (kit) => {
    const page = await kit[width]();
    await page.goto("/");
    const box = page.getByLabel("搜索办事事项");
    await box.pressSequentially("滴滴", { delay: 30 });
    const first = page.getByRole("option").first();
    await first.waitFor();
    assert.match(await first.innerText(), /网络预约出租汽车驾驶员从业资格证申领/);
    await kit.axe(page);
    await kit.picture(page, `suggest-${width}`);
    await box.press("ArrowDown");
    assert.equal(await first.getAttribute("aria-selected"), "true");
    await box.press("Enter");
    await page.waitForURL(/\/items\/ride-hailing-grant/);
    await page.goto("/");
    await box.pressSequentially("查进度", { delay: 30 });
    await page.getByRole("option", { name: "查办理进度" }).click();
    await page.waitForURL(/\/progress/);
    await page.goto("/search?q=xyzxyz");
    assert.match(await page.locator("main a.tb-phone").getAttribute("href"), /^tel:\d+/);
  });

  journey(`whoever comes for an item without an account in the browser gets to it, and then finds it among his own, on ${width}`, async (kit) => {
    const page = await kit[width]();
    await page.goto("/items/road-driver-reissue");
    await page.getByRole("button", { name: "在线办理" }).click();
    await page.waitForURL(/\/login\?next=/);
    for (const link of ["注册账号", "忘记密码"]) assert.match(await page.getByRole("link", { name: link }).getAttribute("href"), /next=%2Fitems/);
    await page.getByLabel("手机号或登录名").fill(width === "desktop" ? "ceshi1" : "ceshi2");
    await page.getByLabel("密码").fill("Demo-2026");
    await page.locator("form", { has: page.getByLabel("密码") }).getByRole("button", { name: "登录", exact: true }).click();
    await page.waitForURL(/\/me\/drafts\//);
    await page.goto("/");
    assert.match(await main(page), /没有填完的申请/);
    await kit.axe(page);
    await kit.picture(page, `own-${width}`);
    const { number, path } = await application.apply(page);
    await page.locator(".tb-receipt img").waitFor();
    const receipt = await page.locator(".tb-receipt").boundingBox();
    assert.ok(receipt.y < page.viewportSize().height, "the receipt is what one sees first");
    for (const way of ["保存办件码", "发短信给自己", "发邮件给自己"]) await page.getByRole("link", { name: way }).waitFor();
    await page.getByRole("button", { name: "打印" }).waitFor();
    await kit.axe(page);
    await kit.picture(page, `receipt-${width}`);
    await page.goto("/");
    assert.match(await main(page), /正在办理/);

    const stranger = await kit[width]();
    await stranger.goto("/progress");
    await stranger.getByLabel("办件编号").fill(number);
    await stranger.getByLabel(/后四位/).fill("0000");
    await stranger.getByRole("button", { name: "查询" }).click();
    await stranger.getByText("没有查到").waitFor();
    await kit.axe(stranger);
    await stranger.getByLabel(/后四位/).fill(width === "desktop" ? "0001" : "0002");
    await stranger.getByRole("button", { name: "查询" }).click();
    await stranger.waitForURL(/\/c\//);
    assert.match(await main(stranger), /答复是否受理/);
    await kit.axe(stranger);
    await kit.picture(stranger, `progress-${width}`);
    await page.goto(path);
    assert.match(await main(page), /遗失声明/);
  });
}

journey("an elder begins with five things, and each page can be read aloud", async (kit) => {
  const page = await kit.phone();
  await page.goto("/preferences?mode=elder&next=/");
  assert.equal(await page.locator("[data-elder-start] .tb-tile").count(), 5);
  await kit.axe(page);
  await kit.picture(page, "elder-start");
  await logIn(page, "ceshi1");
  for (const address of ["/", "/items", "/me/cases", "/me/licences", "/me/messages", "/progress", "/me"]) {
    await page.goto(address);
    const silent = await page.evaluate(() => "speechSynthesis" in window && document.querySelectorAll(".tb-speak").length === 0);
    assert.equal(silent, false, address);
    await fits(page, address);
  }
});
