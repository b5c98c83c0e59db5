// The counter: an officer takes in what somebody at the window brings, and prints the slip.
import assert from "node:assert/strict";
import { journey } from "../support/journey.mjs";
import * as application from "../support/application.mjs";
import { citizen, officer } from "../support/people.mjs";
import { pdf } from "../support/papers.mjs";
import { main } from "../support/words.mjs";

const ITEMS = { desktop: "taxi-driver-reissue", phone: "ride-hailing-reissue" };
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

for (const width of ["desktop", "phone"]) {
  journey(
    `a window takes in an application on ${width}`,
    async (kit) => {
      const { axe, picture, covers } = kit;
            const page = await officer(await kit[width](), "acceptor");
      await page.goto("/workbench/counter");
      await axe(page);
      await picture(page, `counter-${width}`);
      await page.goto(`/workbench/counter/${ITEMS[width]}`);
      await press(page, "开始填写");
      assert.match(await page.locator(".tb-summary").innerText(), /有 \d 处需要修改/);
      await axe(page);
      await page.getByLabel("居民身份证", { exact: true }).check();
      await page.getByLabel(/^姓名/).fill("测试二");
      await page.getByLabel(/^公民身份号码/).fill("310000197103079028");
      await page.getByLabel(/^手机号/).fill("13900001234");
      await page.getByLabel(/^申请人在场/).check();
      await picture(page, `counter-person-${width}`);
      await press(page, "开始填写");
      await page.waitForURL(/\/workbench\/drafts\//);
      await axe(page);
      await application.answer(page, "遗失");
      await press(page, "下一步");
      await press(page, "下一步");
      await application.describeLoss(page);
      await application.chooseDelivery(page);
      await application.upload(page, "loss_statement", pdf("Statement of loss"));
      await page.getByText("遗失声明.pdf").waitFor();
      await axe(page);
      await press(page, "下一步");
      await press(page, "提交申请");
      await page.waitForURL(/\/workbench\/mine\/[0-9a-f-]+/);
      const [, number] = (await main(page)).match(/申请已提交，办件编号 (\S+)/);
      await axe(page);
      await picture(page, `counter-receipt-${width}`);
      await page.getByRole("link", { name: "打印收件回执" }).first().click();
      await page.waitForURL(/\/slip$/);
      assert.equal(await page.locator("[data-slip]").count(), 2);
      assert.match(await page.locator("[data-slip]").first().innerText(), /遗失声明/);
      const shown = await page.locator("[data-slip] img").first().evaluate((picture) => picture.naturalWidth);
      assert.ok(shown > 50, "the code to scan is a picture");
      await axe(page);
      await picture(page, `counter-slip-${width}`);
      // The applicant finds it at home.
      const own = await citizen(await kit[width](), "ceshi2");
      await own.goto("/me/cases");
      assert.match(await main(own), new RegExp(number));
      covers("HD-069");
    },
  );
}
