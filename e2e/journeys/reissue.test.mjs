// The main job: a certificate is lost, the citizen applies, the office decides, the licence can be verified by anyone.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { journey } from "../support/journey.mjs";
import * as application from "../support/application.mjs";
import { downloads } from "../support/licence.mjs";
import * as office from "../support/office.mjs";
import { disguised, pdf, png, tooLarge } from "../support/papers.mjs";
import { citizen, officer } from "../support/people.mjs";
import { readQr } from "../support/qr.mjs";
import { main } from "../support/words.mjs";

const ITEM = "道路客货运输驾驶员从业资格证补发";
/** How each of these materials should look, as the guide says it. */
const SAMPLES = { 损毁的从业资格证: /样例：拍下证件的每一页，能看出损毁的地方/, 遗失声明: /样例：本人测试一二三，从业资格证（编号示例\d+）于.*遗失，声明作废/ };
const next = (page) => page.getByRole("button", { name: "下一步", exact: true }).click();

for (const width of ["desktop", "phone"]) {
  journey(`an item is found on ${width} by words, by pinyin initials, by theme and by department`, async (kit) => {
    const { covers, axe } = kit;
    const page = await kit[width]();
    const found = page.getByRole("link", { name: ITEM, exact: true });
    for (const words of ["从业资格证丢了", "补发", "dlkh", "bufa", "bf"]) {
      await page.goto("/");
      await page.getByLabel("搜索办事事项").fill(words);
      await page.getByRole("button", { name: "搜索" }).click();
      await found.waitFor();
    }
    await axe(page);
    await page.goto("/");
    await page.getByRole("link", { name: "证件丢了坏了" }).click();
    await found.waitFor();
    assert.equal(await page.getByRole("link", { name: /注销$/ }).count(), 0, "a theme leaves out what does not belong to it");
    await page.goto("/items");
    await page.getByLabel("部门").selectOption({ label: "示例市级处（交通从业资格）" });
    await page.getByRole("button", { name: "查询" }).click();
    await found.waitFor();
    await page.goto("/search?q=xyzxyz");
    await page.getByText("没有找到相关的事项").waitFor();
  });
}

for (const [width, login] of Object.entries({ desktop: "ceshi1", phone: "ceshi2" })) {
  journey(`a lost certificate is replaced, seen by the citizen on ${width}`, async (kit) => {
    const { axe, picture, program } = kit;
    const page = await citizen(await kit[width](), login);
    const shown = async (name) => {
      await axe(page);
      await picture(page, `${name}-${width}`);
    };

    await guide(page, shown);
    await fill(page, shown);
    const submitted = await submitted_(page, shown);
    await scan(page, submitted, await kit.phone());
    await page.goto("/me/cases");
    assert.equal(await page.getByText("没有填完的申请").count(), 0, "what was submitted is no draft");

    const acceptor = await officer(await kit[width](), "acceptor");
    await askForCorrection(acceptor, submitted.number, width, kit);
    await correct(page, submitted, shown);
    await office.open(acceptor, submitted.number);
    assert.match(await main(acceptor), /上海市示例路8号302室/);
    await office.decide(acceptor, "受理");

    await office.handle(await officer(await kit[width](), "reviewer"), submitted.number, "审查通过", "符合许可条件，拟同意");
    await office.handle(await officer(await kit[width](), "approver"), submitted.number, "准予许可", "同意");
    await office.handle(await officer(await kit[width](), "maker"), submitted.number, "制证完成");

    await page.goto(submitted.path);
    await office.eventually(page, page.locator("a[href$='.pdf']", { hasText: "决定书" }));
    // With its papers the case is closed, and the new licence in force.
    await office.eventually(page, page.locator("main .tb-badge", { hasText: "已办结" }));
    for (const letter of ["补正告知书", "受理通知书", "决定书"]) await isPdf(page, page.locator("a", { hasText: letter }));
    await shown("case");

    const files = await licence(page, shown);
    await present(page, await kit.phone(), kit, width);
    const changed = verifyFile(program, files);
    await verifyInPublic(await kit[width](), files, changed, kit);

    await office.handle(acceptor, submitted.number, "电子送达");
    await page.goto(submitted.path);
    assert.match(await main(page), /已送达/);
    await rate(page, submitted, shown);
    kit.covers("SH-079");
  });
}

async function guide(page, shown) {
  await page.goto("/items/road-driver-reissue");
  const list = page.locator("#materials");
  assert.doesNotMatch(await list.innerText(), /遗失声明|损毁的从业资格证/);
  for (const [answer, material, other] of [["损毁", "损毁的从业资格证", "遗失声明"], ["遗失", "遗失声明", "损毁的从业资格证"]]) {
    await list.getByLabel(answer).check();
    await list.getByRole("button", { name: "看看我要准备什么" }).click();
    await list.getByRole("listitem").filter({ hasText: material }).waitFor();
    assert.equal(await list.getByRole("listitem").filter({ hasText: other }).count(), 0);
    await list.getByRole("listitem").filter({ hasText: material }).getByText(SAMPLES[material]).waitFor();
  }
  for (const words of ["我能办吗", "法定 20 个工作日", "不收费", "窗口", "《中华人民共和国行政许可法》"]) {
    assert.ok((await main(page)).includes(words), `the guide tells: ${words}`);
  }
  await shown("guide");
}

async function fill(page, shown) {
  await application.begin(page);
  await next(page);
  assert.match(await main(page), /请选择：证件怎么了/);
  await application.answer(page, "遗失");

  assert.equal(application.stepOf(page), "applicant");
  assert.match(await main(page), /姓名\s*测试.\s*来自您的实名信息，不用填写/);
  assert.match(await page.getByLabel(/^手机号码/).inputValue(), /^199\d{8}$/);
  await page.getByLabel(/^手机号码/).fill("12");
  await next(page);
  await page.getByRole("alert").getByRole("link", { name: /手机/ }).waitFor();
  await shown("wizard-error");
  await page.getByLabel(/^手机号码/).fill("19900000088");
  await next(page);

  assert.match(await main(page), /原从业资格证编号\s*示例\d+\s*由系统从证照库带出。\s*来自您的电子证照，不用填写/);
  await next(page);
  await page.getByLabel(/^情况说明/).fill("上周在车站丢失，已经找过。");
  await page.getByRole("button", { name: "保存，以后再填" }).click();

  await page.waitForURL(/\/me\/cases$/);
  await page.getByRole("link", { name: new RegExp(ITEM) }).first().click();
  assert.equal(application.stepOf(page), "request", "it goes on where something is missing");
  await page.getByRole("link", { name: /^申请人信息/ }).evaluate((link) => link.click());
  assert.equal(await page.getByLabel(/^手机号码/).inputValue(), "19900000088", "the draft kept what was filled in");
  await next(page);
  await next(page);
  assert.equal(await page.getByLabel(/^情况说明/).inputValue(), "上周在车站丢失，已经找过。");
  await shown("wizard");
  await application.describeLoss(page);
  await application.chooseDelivery(page);
}

async function submitted_(page, shown) {
  const material = (name) => page.locator("section.tb-card", { has: page.getByRole("heading", { name }) });
  await application.upload(page, "driving_licence", disguised);
  await material(/机动车驾驶证/).getByText(/这是程序或脚本/).waitFor();
  assert.equal(await page.getByText("驾驶证.pdf", { exact: true }).count(), 0, "it was not kept");
  await application.upload(page, "driving_licence", png("驾驶证.png"));
  await material(/机动车驾驶证/).getByText("驾驶证.png").waitFor();
  await application.upload(page, "identity", tooLarge());
  await material(/身份证/).getByText(/请压缩后重新选择/).waitFor();
  await application.upload(page, "loss_statement", pdf("Statement of loss"));
  await material(/遗失声明/).getByText("遗失声明.pdf").waitFor();
  await shown("materials");
  await next(page);

  assert.match(await main(page), /姓名\s*测试/);
  assert.match(await main(page), /情况说明\s*上周在车站丢失/);
  await shown("confirm");
  return application.submit(page);
}

/** Whoever holds a telephone to the receipt sees how far the case is, and not whose it is. */
async function scan(page, submitted, telephone) {
  const address = readQr(await page.getByRole("img", { name: /办件码/ }).screenshot());
  await telephone.goto(address);
  const progress = await main(telephone);
  assert.ok(progress.replaceAll(" ", "").includes(submitted.number), "the QR code leads to the progress");
  assert.match(progress, /待预审|预审/);
  assert.doesNotMatch(progress, /测试/);
}

async function askForCorrection(page, number, width, kit) {
  await page.goto("/workbench");
  await kit.axe(page);
  await kit.picture(page, `queue-${width}`);
  await office.open(page, number);
  await office.decide(page, "退回补正", "请补充住址");
  await page.getByText("请在有问题的内容下面写明哪里不对").first().waitFor();
  await office.mark(page, "/address", "请写到门牌号");
  await kit.axe(page);
  await kit.picture(page, `task-${width}`);
  await office.decide(page, "退回补正", "请补充住址");
  await page.getByText("补正中").first().waitFor();
}

async function correct(page, submitted, shown) {
  await page.goto(submitted.path);
  await page.getByRole("link", { name: "去补正" }).click();
  assert.match(await main(page), /请写到门牌号/);
  assert.equal(await page.locator("main [data-field]").count(), 1, "only what was asked for can be changed");
  await shown("correction");
  await page.getByLabel(/^住址/).fill("上海市示例路8号302室");
  await page.getByRole("button", { name: "提交补正" }).click();
  await page.waitForURL((url) => url.pathname === submitted.path);
  assert.match(await main(page), /提交补正/);
}

async function isPdf(page, link) {
  const answer = await page.request.get(await link.first().getAttribute("href"));
  assert.equal(answer.status(), 200);
  assert.equal((await answer.body()).subarray(0, 5).toString(), "%PDF-");
}

async function licence(page, shown) {
  await page.getByRole("link", { name: "查看我的证照" }).click();
  await page.waitForURL(/\/me\/licences/);
  const rows = page.getByRole("row", { name: /道路运输从业人员从业资格证/ });
  assert.equal(await rows.filter({ hasText: "有效" }).count(), 1, "one is in force");
  assert.equal(await rows.count(), 2, "the old one is still seen");
  const lastDay = async (row) => (await row.innerText()).match(/\d{4}年\d+月\d+日/g).at(-1);
  const [old, renewed] = [rows.filter({ hasNotText: "有效" }), rows.filter({ hasText: "有效" })];
  assert.equal(await lastDay(renewed), await lastDay(old), "the new one is valid as long as the old one was");
  await rows.filter({ hasText: "有效" }).getByRole("link", { name: /^查看/ }).click();
  await office.eventually(page, page.getByRole("link", { name: "下载证照（OFD）" }));
  await shown("licence");
  const code = await page.locator("[data-copy]").first().getAttribute("data-copy");
  const shownCode = (await main(page)).match(/核验码\s*([0-9A-Z ]+)/)?.[1].replaceAll(" ", "");
  return { code: shownCode ?? code, ...(await downloads(page)) };
}

/** Shown in person: whoever scans the screen of its holder learns that the licence is in force, and that it is shown now. */
async function present(page, telephone, { axe, picture }, width) {
  await page.getByRole("button", { name: /^亮证/ }).click();
  const code = page.getByRole("img", { name: "请核验人员扫描这个二维码" });
  await code.waitFor();
  await axe(page);
  await picture(page, `present-${width}`);
  await telephone.goto(readQr(await code.screenshot()));
  assert.match(new URL(telephone.url()).pathname, /^\/v\/p\//);
  assert.equal(await telephone.locator(".tb-verify-answer").innerText(), "有效");
  assert.match(await main(telephone), /持证人正在当面出示/);
  await axe(telephone);
  await picture(telephone, `presented-${width}`);
  await page.getByRole("link", { name: "返回证照" }).click();
  await page.getByRole("button", { name: /^亮证/ }).waitFor();
}

/** What the program itself says of the files, and of each with one byte changed; gives the changed ones. */
function verifyFile(program, files) {
  const all = {};
  const say = (file) => spawnSync(program.binary, ["verify", file, "--data", program.data], { encoding: "utf8" });
  for (const kind of ["OFD", "PDF"]) {
    const sound = say(files[kind]);
    assert.equal(sound.status, 0, sound.stdout + sound.stderr);
    assert.equal(JSON.parse(sound.stdout).verdict, "valid");
    const bytes = readFileSync(files[kind]);
    bytes[Math.floor(bytes.length / 2)] ^= 1;
    const changed = path.join(program.data, `changed.${kind.toLowerCase()}`);
    writeFileSync(changed, bytes);
    const broken = say(changed);
    assert.equal(broken.status, 1, broken.stdout + broken.stderr);
    assert.ok(JSON.parse(broken.stdout).reasons.length > 0, "the reason is told");
    all[kind] = changed;
  }
  return all;
}

async function verifyInPublic(page, files, changed, { axe, picture }) {
  await page.goto("/verify");
  await page.getByLabel("核验码").fill(files.code);
  await page.getByRole("button", { name: "按核验码核验" }).click();
  assert.match(await main(page), /有效/);
  await axe(page);
  await picture(page, `verify-${page.viewportSize().width}`);
  for (const kind of ["OFD", "PDF"]) {
    assert.equal(await handIn(page, kind, files[kind]), "有效", kind);
    const told = await main(page);
    for (const [what, words] of Object.entries(SOUND)) assert.match(told, words, `${kind} tells ${what}`);

    assert.equal(await handIn(page, kind, changed[kind]), "无效", `${kind} with one byte changed`);
    const reasons = await page.locator(".tb-verify-reasons li").allInnerTexts();
    assert.ok(reasons.length > 0 && reasons.every((reason) => reason.trim()), `${kind}: the reason is told`);
  }
  await axe(page);
  await picture(page, `verify-changed-${page.viewportSize().width}`);
}

/** What is told of a sound file. */
const SOUND = {
  "who sealed it": /签章\s*\S*示例\S*/,
  "when it was sealed": /签章时间\s*\d{4}年\d+月\d+日/,
  "the status today": /现在的状态\s*有效/,
  "since when": /于 \d{4}年\d+月\d+日 颁发/,
};

async function handIn(page, kind, file) {
  const end = kind.toLowerCase();
  await page.getByLabel("证照文件").setInputFiles({ name: `证照.${end}`, mimeType: `application/${end}`, buffer: readFileSync(file) });
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "上传并核验" }).click()]);
  return page.locator(".tb-verify-answer").innerText();
}

async function rate(page, submitted, shown) {
  await page.getByRole("link", { name: "评价这次办事" }).click();
  await page.getByRole("link", { name: /非常满意/ }).click();
  await page.getByRole("button", { name: "提交评价" }).waitFor();
  await shown("rating");
  await page.getByRole("button", { name: "提交评价" }).click();
  await page.waitForLoadState();
  await page.goto(`${submitted.path}/review`);
  assert.equal(await page.getByRole("button", { name: "提交评价" }).count(), 0, "a case is rated once");
}
