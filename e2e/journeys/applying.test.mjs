// What an applicant fills in, at both widths, with a script and without: fields that appear, files that leave the rest alone,
// faults that lead, a correction that says what has not changed, and text that nobody has to type twice.
import assert from "node:assert/strict";
import { journey } from "../support/journey.mjs";
import * as application from "../support/application.mjs";
import * as office from "../support/office.mjs";
import { pdf } from "../support/papers.mjs";
import { citizen, logIn, officer } from "../support/people.mjs";
import { main } from "../support/words.mjs";

const PLAIN = { javaScriptEnabled: false };
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const next = (page) => press(page, "下一步");
/** Where whoever types goes on. */
const focus = (page, id) => page.waitForFunction((wanted) => document.activeElement?.id === wanted, id);

/** The draft is not needed any more. */
async function forget(page) {
  await page.goto("/me/cases");
  await page.getByRole("button", { name: /^删除/ }).click();
  await page.getByText("没有填完的申请").waitFor({ state: "detached" });
}

async function toDelivery(page) {
  await application.begin(page);
  await application.answer(page, "遗失");
  await next(page);
  await next(page);
  await application.describeLoss(page);
  await page.waitForURL(/\/delivery/);
}

for (const [width, login] of Object.entries({ desktop: "ceshi1", phone: "ceshi2" })) {
  journey(`fields appear and faults lead on ${width}`, async (kit) => {
    const page = await citizen(await kit[width](), login);
    await application.begin(page);
    await application.answer(page, "遗失");
    const phone = page.getByLabel(/^单位电话/);
    assert.ok(!(await phone.isVisible()));
    await page.getByLabel(/^工作单位/).fill("示例运输公司");
    await phone.waitFor();
    assert.match(await main(page), /按照您填写的内容，这一项也可以填写/);
    await page.getByLabel(/^工作单位/).fill("");
    await phone.waitFor({ state: "hidden" });
    await next(page);
    await next(page);
    await application.describeLoss(page);

    await page.getByLabel("邮寄到家").check();
    const address = page.getByLabel(/^收件地址/);
    await address.waitFor();
    assert.notEqual(await address.inputValue(), "", "what is known of it is there");
    await kit.axe(page);
    await address.fill("");
    await page.getByLabel(/^本人承诺/).check();
    await next(page);
    await focus(page, "errors");
    assert.match(await page.title(), /^错误：领取与承诺/);
    await page.locator("#errors a").click();
    await focus(page, "field-post_address");
    await kit.axe(page);
    await kit.picture(page, `wizard-fault-${width}`);
    await page.getByLabel("只要电子证照").check();
    await next(page);

    await page.waitForURL(/\/materials/);
    await next(page);
    await focus(page, "errors");
    assert.match(await page.title(), /^错误：上传材料/, "a file that must be there is missed at its step");
    await page.evaluate(() => { globalThis.stays = true; });
    await page.locator("#f-loss_statement").scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => scrollY);
    await page.locator("#f-loss_statement").setInputFiles(pdf("Statement of loss"));
    await page.getByText("遗失声明.pdf").waitFor();
    assert.ok(await page.evaluate(() => globalThis.stays), "the page is the same");
    assert.ok(Math.abs((await page.evaluate(() => scrollY)) - before) < 200, "and stands where it stood");
    await kit.axe(page);
    await page.getByRole("button", { name: "删除 遗失声明.pdf" }).click();
    await page.getByText("遗失声明.pdf").waitFor({ state: "detached" });
    assert.ok(await page.evaluate(() => globalThis.stays));
    await page.locator("#f-loss_statement").setInputFiles(pdf("Statement of loss"));
    await page.getByText("遗失声明.pdf").waitFor();
    await next(page);

    await page.waitForURL(/\/confirm/);
    await page.getByRole("link", { name: /^修改.*领取与承诺/ }).click();
    await page.getByLabel(/^本人承诺/).waitFor();
    await press(page, "保存，回到确认页");
    await page.waitForURL(/\/confirm/);
    await kit.axe(page);
    await kit.picture(page, `wizard-review-${width}`);
    await forget(page);
  });

  journey(`a correction on ${width} says what has not changed and keeps what is typed`, async (kit) => {
    const page = await citizen(await kit[width](), login === "ceshi1" ? "ceshi3" : "ceshi4");
    const submitted = await application.apply(page);
    const acceptor = await officer(await kit.desktop(), "acceptor");
    await office.open(acceptor, submitted.number);
    await office.mark(acceptor, "/address", "请写到门牌号");
    await acceptor.locator("[name='material.loss_statement']").evaluate((field) => {
      for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    });
    await acceptor.locator("[name='material.loss_statement']").fill("请写明遗失的日期");
    await office.decide(acceptor, "退回补正", "请补充住址");

    await page.goto(`${submitted.path}/correction`);
    await page.getByRole("button", { name: "提交补正" }).click();
    await page.locator("#errors").waitFor();
    assert.match(await main(page), /还是原来的内容.*还是原来的文件/s);
    await focus(page, "errors");
    await kit.axe(page);
    await kit.picture(page, `correction-${width}`);
    await page.getByLabel(/^住址/).fill("上海市示例路8号302室");
    await page.locator("#f-loss_statement").setInputFiles(pdf("Another statement"));
    await page.getByText("补正新交").waitFor();
    assert.equal(await page.getByLabel(/^住址/).inputValue(), "上海市示例路8号302室", "a file takes nothing away");
    await page.getByRole("button", { name: "提交补正" }).click();
    await page.waitForURL((url) => url.pathname === submitted.path);
    assert.match(await main(page), /补正已提交。办理部门收到后接着办/);
  });

  journey(`what was typed comes back on ${width}`, async (kit) => {
    const page = await citizen(await kit[width](), login);
    await application.begin(page);
    await application.answer(page, "遗失");
    await page.getByLabel(/^工作单位/).fill("示例运输公司");
    const address = page.url();
    await page.goto("/items");
    await page.goto(address);
    assert.equal(await page.getByLabel(/^工作单位/).inputValue(), "");
    await press(page, "填回来");
    assert.equal(await page.getByLabel(/^工作单位/).inputValue(), "示例运输公司");
    await kit.axe(page);

    // The session ends while the page is open.
    await page.context().clearCookies({ name: /session/ });
    await next(page);
    await page.waitForURL(/\/login/);
    await logIn(page, login, { here: true });
    await page.waitForURL((url) => url.pathname === new URL(address).pathname);
    await page.getByText("您填写的内容已经填回来了").waitFor();
    assert.equal(await page.getByLabel(/^工作单位/).inputValue(), "示例运输公司");
    await next(page);
    await page.waitForURL(/\/licence/);
    await page.goto(address);
    assert.equal(await page.getByText("填回来").count(), 0, "what arrived is not offered again");
    await forget(page);
  });

  journey(`without a script nothing is lost on ${width} either`, async (kit) => {
    const page = await citizen(await kit[width](PLAIN), login);
    await toDelivery(page);
    await page.getByLabel("邮寄到家").check();
    await page.getByLabel(/^本人承诺/).check();
    await next(page);
    await page.waitForURL(/#field-post_address/);
    assert.equal(await page.locator("#errors").count(), 0, "nobody is told off for what was not asked");
    assert.notEqual(await page.getByLabel(/^收件地址/).inputValue(), "");
    await kit.picture(page, `wizard-plain-${width}`);
    await next(page);
    await page.waitForURL(/\/materials/);
    await page.locator("#f-loss_statement").setInputFiles(pdf("Statement of loss"));
    await page.locator("[data-part='material-loss_statement']").getByRole("button", { name: "上传", exact: true }).click();
    await page.waitForURL(/#f-loss_statement/);
    await next(page);
    await application.submit(page);
  });
}

for (const [width, login] of Object.entries({ desktop: "ceshi5", phone: "ceshi5" })) {
  journey(`in elder mode one question is asked at a time on ${width}`, async (kit) => {
    const page = await citizen(await kit[width](), login);
    await page.getByRole("link", { name: "长辈版" }).first().click();
    await application.begin(page);
    await application.answer(page, "遗失");
    const fields = page.locator("form[data-one-by-one] [data-field]:visible");
    await page.getByLabel(/^手机号码/).waitFor();
    assert.equal(await fields.count(), 1, "what is known already is left to the last page");
    await page.getByText("第 1 题，共 3 题").waitFor();
    await page.getByRole("button", { name: "朗读" }).first().waitFor();
    await kit.axe(page);
    await kit.picture(page, `elder-question-${width}`);
    await press(page, "下一题");
    await page.getByLabel(/^工作单位/).waitFor({ state: "hidden" });
    await press(page, "下一题");
    await page.getByLabel(/^工作单位/).fill("示例运输公司");
    await page.getByText("第 3 题，共 4 题").waitFor();
    await press(page, "上一题");
    await press(page, "上一题");
    await page.getByLabel(/^手机号码/).fill("12");
    for (let more = 0; more < 3; more += 1) await press(page, "下一题");
    await next(page);
    await focus(page, "errors");
    assert.ok(await page.getByLabel(/^手机号码/).isVisible(), "the question with the fault is shown");
    await kit.axe(page);
    await page.evaluate(() => sessionStorage.clear());
    await forget(page);
  });
}
