// Acting for others: an elder asks somebody he trusts, who confirms, files for him, and can do no more once he has ended it.
import assert from "node:assert/strict";
import { journey } from "../support/journey.mjs";
import * as application from "../support/application.mjs";
import * as office from "../support/office.mjs";
import { pdf } from "../support/papers.mjs";
import { citizen, officer } from "../support/people.mjs";
import { main } from "../support/words.mjs";

const ITEM = "road-driver-reissue";
/** Of each width: who is helped, and who helps him, as the demonstration knows them. */
const PAIRS = {
  desktop: { elder: "ceshi1", called: "测试一", helper: "ceshi2", name: "测试二", id: "310000197103079028" },
  phone: { elder: "ceshi3", called: "测试三", helper: "ceshi4", name: "测试四", id: "310000197405099040" },
};

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

for (const [width, people] of Object.entries(PAIRS)) {
  journey(`an elder lets somebody act for him, and ends it, on ${width}`, async (kit) => {
    const { axe, picture, covers } = kit;
    const elder = await citizen(await kit[width](), people.elder);
    const helper = await citizen(await kit[width](), people.helper);
    await invite(elder, people, async (name) => {
      await axe(elder);
      await picture(elder, `${name}-${width}`);
    });

    await helper.goto("/me/mandates");
    assert.match(await main(helper), new RegExp(`${people.called}邀请您代办`));
    await axe(helper);
    await picture(helper, `acting-asked-${width}`);
    await press(helper, "确认代办");
    await helper.getByText("已确认").first().waitFor();

    const submitted = await file(helper, people, kit, width);
    for (const page of [elder, helper]) {
      await page.goto(submitted.path);
      assert.match(await main(page), new RegExp(`为${people.called}办理，由${people.name}代办`));
      await axe(page);
    }
    await picture(elder, `acting-case-${width}`);
    const acceptor = await officer(await kit[width](), "acceptor");
    await office.open(acceptor, submitted.number);
    const told = await acceptor.locator("[data-agent]").innerText();
    assert.match(told, new RegExp(`代办人：${people.name}（身份证号 310000\\*{8}\\d{3}[\\dX]）`));
    await axe(acceptor);
    await picture(acceptor, `acting-office-${width}`);

    await elder.goto("/me/mandates");
    await press(elder, `结束授权：${people.name}`);
    await elder.getByText("授权已结束").first().waitFor();
    await helper.goto("/me/cases");
    assert.doesNotMatch(await main(helper), new RegExp(submitted.number));
    const refused = await helper.request.get(submitted.path);
    assert.equal(refused.status(), 409);
    covers("HA-326", "HD-006");
  });
}

/** In the mode for elders, from the menu to the invitation. */
async function invite(page, people, shown) {
  await page.goto("/preferences?mode=elder&next=/me/mandates");
  assert.equal(await page.locator("html").getAttribute("data-mode"), "elder");
  await shown("acting-none");
  await page.getByRole("link", { name: "授权亲友代办" }).first().click();
  await press(page, "发出邀请");
  for (const field of ["name", "id_number"]) await page.locator(`#f-${field}-error`).waitFor();
  await shown("acting-faults");
  await page.getByLabel("代办人姓名").fill(people.name);
  await page.getByLabel("代办人身份证号").fill(people.id);
  await page.getByLabel("全部事项").check();
  await press(page, "发出邀请");
  await page.waitForURL((url) => url.pathname === "/me/mandates");
  await page.getByText("等待确认").waitFor();
  await shown("acting-invited");
}

/** From the guide to the case, as if it were the elder's own doing. */
async function file(page, people, { axe, picture }, width) {
  await page.goto(`/items/${ITEM}`);
  await press(page, "在线办理");
  await page.getByText("为谁办理").first().waitFor();
  await axe(page);
  await picture(page, `acting-whom-${width}`);
  await page.getByLabel(new RegExp(`^为${people.called}`)).check();
  await press(page, "下一步");
  await page.waitForURL(/\/me\/drafts\//);
  await axe(page);
  await application.answer(page, "遗失");
  assert.match(await main(page), new RegExp(`为${people.called}办理`));
  await press(page, "下一步");
  await press(page, "下一步");
  await application.describeLoss(page);
  await application.chooseDelivery(page);
  await application.upload(page, "loss_statement", pdf("Statement of loss"));
  await page.getByText("遗失声明.pdf").waitFor();
  await press(page, "下一步");
  assert.match(await main(page), new RegExp(people.called), "what is filed names whoever is helped");
  return application.submit(page);
}
