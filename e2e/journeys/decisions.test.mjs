// What does not go straight on: refusals, withdrawals, returns, stopped clocks, people who have no business here.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { journey } from "../support/journey.mjs";
import * as application from "../support/application.mjs";
import * as office from "../support/office.mjs";
import { downloads } from "../support/licence.mjs";
import { pdf, png } from "../support/papers.mjs";
import { citizen, logOut, officer } from "../support/people.mjs";
import { main } from "../support/words.mjs";

/** Each width has an item of its own, so that the same people can walk both. */
const ITEMS = { desktop: "taxi-driver-reissue", phone: "ride-hailing-reissue" };
const next = (page) => page.getByRole("button", { name: "下一步", exact: true }).click();

async function letter(page, path, title) {
  await page.goto(path);
  const link = page.locator("a[href$='.pdf']", { hasText: title }).last();
  await office.eventually(page, link);
  const answer = await page.request.get(await link.getAttribute("href"));
  assert.equal((await answer.body()).subarray(0, 5).toString(), "%PDF-", title);
}

for (const width of ["desktop", "phone"]) {
  journey(`what the office will not take up is refused with reasons on ${width}, in a letter`, async (kit) => {
    const { axe, picture, covers } = kit;
    const page = await citizen(await kit[width](), "ceshi1");
    const { path, number } = await application.apply(page, ITEMS[width]);
    const acceptor = await officer(await kit[width](), "acceptor");
    await office.open(acceptor, number);
    assert.match(await main(acceptor), /还没有出具文书/);
    await office.decide(acceptor, "不予受理");
    assert.match(await main(acceptor), /请确认：不予受理[^]*选择或者写明理由后/, "without reasons there is no letter");
    await axe(acceptor);
    await office.decideFor(acceptor, "不予受理", "不属于本机关职权范围，请向发证机关申请。");
    await letter(page, path, "不予受理决定书");
    assert.match(await main(page), /不予受理[^]*请向发证机关申请/);
    assert.equal(await page.getByText("撤回申请").count(), 0, "the case has ended");
    await axe(page);
    await picture(page, `refused-${width}`);

    const other = await citizen(await kit[width](), "ceshi2");
    const accepted = await application.apply(other, ITEMS[width]);
    await office.open(acceptor, accepted.number);
    const [task, csrf] = [await acceptor.locator("#task").getAttribute("action"), await acceptor.locator("#task [name=csrf]").inputValue()];
    await office.decide(acceptor, "受理", "材料齐全，符合法定形式");
    assert.equal(await acceptor.getByRole("button", { name: "不予受理" }).count(), 0);
    const late = await acceptor.request.post(task, { form: { csrf, decision: "refuse", opinion: "太晚" } });
    assert.ok(late.status() >= 400, `after acceptance nothing can be refused: ${late.status()}`);
    await letter(other, accepted.path, "受理通知书");
    assert.equal(await other.getByText("不予受理决定书").count(), 0);
    covers("SH-129");
  });
}

for (const width of ["desktop", "phone"]) {
  journey(`a case goes back one step on ${width}, then to the first, and is denied with reasons`, async (kit) => {
    const { axe, picture, covers } = kit;
    const page = await citizen(await kit[width](), "ceshi3");
    const { path, number } = await application.apply(page, ITEMS[width]);
    // Two sit at a desk; whoever decides may be on the way with a telephone.
    const acceptor = await officer(await kit.desktop(), "acceptor");
    await office.open(acceptor, number);
    await office.mark(acceptor, "/mobile", "号码打不通");
    await office.decide(acceptor, "退回补正");
    assert.match(await acceptor.locator("#f-opinion-error").innerText(), /退回补正需要写明理由/);
    await office.decide(acceptor, "受理", "材料齐全，符合法定形式");
    const reviewer = await officer(await kit.desktop(), "reviewer");
    await office.open(reviewer, number);
    assert.match(await main(reviewer), /预审：受理[^]*材料齐全，符合法定形式/, "the opinion is in the history");
    await office.decide(reviewer, "审查通过");

    const approver = await officer(await kit[width](), "approver");
    await office.open(approver, number);
    await sendBack(approver, "", "");
    assert.match(await main(approver), /请写明退回的理由/);
    await sendBack(approver, "", "请核对准驾车型");
    await office.open(reviewer, number);
    assert.match(await main(reviewer), /由决定退回[^]*请核对准驾车型/);
    await office.decide(reviewer, "审查通过", "已核对");

    await office.open(approver, number);
    await sendBack(approver, "预审", "材料要重新看一遍");
    await office.open(acceptor, number);
    assert.match(await main(acceptor), /退回[^]*材料要重新看一遍/);
    await office.decide(acceptor, "受理");
    await office.handle(reviewer, number, "审查通过");
    await office.open(approver, number);
    await axe(approver);
    await picture(approver, `returned-${width}`);
    const step = await approver.locator("form#task").getAttribute("action");
    const wish = { csrf: await acceptor.locator("[name=csrf]").first().inputValue(), decision: "deny", opinion: "不是我的环节" };
    assert.equal((await acceptor.request.post(step, { form: wish })).status(), 403, "nobody else decides this step");
    await office.decide(approver, "不予许可");
    assert.match(await main(approver), /请确认：不予许可[^]*选择或者写明理由后/);
    await office.decideFor(approver, "不予许可", "不符合补发条件。");
    await acceptor.reload();
    assert.match(await main(acceptor), /不予许可[^]*不符合补发条件。/, "what was decided on the way is there at the desk");
    await letter(page, path, "不予行政许可决定书");
    assert.match(await main(page), /不予许可/);
    await page.goto("/me/licences");
    assert.equal(await page.getByRole("row", { name: width === "desktop" ? /巡游出租/ : /网络预约/ }).count(), 1, "nothing new was made");
    covers("HD-049", "XC-180", "XC-181");
  });
}

async function sendBack(page, step, reason) {
  const box = page.locator("details", { hasText: "退回到前面的环节" });
  if ((await box.getAttribute("open")) === null) await box.locator("summary").click();
  if (step) await box.getByLabel("退回到", { exact: true }).selectOption({ label: step });
  await box.getByLabel("退回理由").fill(reason);
  await box.getByRole("button", { name: "退回", exact: true }).evaluate((button) => button.form.noValidate = true);
  await box.getByRole("button", { name: "退回", exact: true }).click();
  await page.waitForLoadState();
}

for (const width of ["desktop", "phone"]) {
  journey(`who is not content says so once on ${width}, and the supervisor reads it`, async (kit) => {
    const page = await citizen(await kit[width](), "ceshi3");
    const { path, number } = await application.apply(page, ITEMS[width]);
    await office.handle(await officer(await kit[width](), "acceptor"), number, "不予受理", "不属于本机关职权范围。");
    await page.goto(path);
    await page.getByRole("link", { name: "评价这次办事" }).click();
    await page.getByRole("link", { name: /^非常不满意/ }).click();
    await page.getByLabel("办事指南提供样本有错").check();
    await page.getByLabel(/^还有什么想告诉我们/).fill("打了三次电话，没有人接。");
    await kit.axe(page);
    await kit.picture(page, `rating-bad-${width}`);
    const again = { csrf: await page.locator("#say [name=csrf]").inputValue(), level: "1", words: "其实很好" };
    await page.getByRole("button", { name: "提交评价" }).click();
    await page.waitForLoadState();
    await page.goto(`${path}/review`);
    assert.match(await main(page), /非常不满意[^]*办事指南提供样本有错[^]*打了三次电话，没有人接。/);
    assert.match(await main(page), /我们会核实您反映的情况/);
    assert.equal(await page.getByRole("button", { name: "提交评价" }).count(), 0, "a case is rated once");
    await kit.axe(page);
    const second = await page.request.post(`${path}/review`, { form: again });
    assert.ok(second.status() >= 400, `a second rating is refused: ${second.status()}`);

    const supervisor = await officer(await kit[width](), "supervisor");
    await office.choose(supervisor, "差评处理");
    await supervisor.waitForURL(/\/workbench\/reviews/);
    const row = supervisor.getByRole("row").filter({ hasText: number });
    assert.equal(await row.count(), 1, "it waits once");
    assert.match(await row.innerText(), /非常不满意[^]*打了三次电话，没有人接。/);
    await kit.axe(supervisor);
    await kit.picture(supervisor, `reviews-${width}`);
    await row.getByRole("link", { name: "处理" }).click();
    await supervisor.getByRole("heading", { name: "核实", exact: true }).waitFor();
    assert.match(await main(supervisor), /办事指南提供样本有错[^]*打了三次电话，没有人接。/);
    await kit.axe(supervisor);
    await kit.picture(supervisor, `review-${width}`);
  });
}

for (const width of ["desktop", "phone"]) {
  journey(`a special procedure stops the clock on ${width}, and the applicant withdraws before the decision`, async (kit) => {
    const { axe, picture } = kit;
    const page = await citizen(await kit[width](), "ceshi4");
    const { path, number } = await application.apply(page, ITEMS[width]);
    await office.handle(await officer(await kit[width](), "acceptor"), number, "受理");
    const reviewer = await officer(await kit[width](), "reviewer");
    await office.open(reviewer, number);
    await reviewer.locator("summary", { hasText: "特别程序与延期" }).click();
    const choice = reviewer.getByLabel("特别程序", { exact: true });
    const kind = (await choice.locator("option").allInnerTexts()).at(1);
    await choice.selectOption({ label: kind });
    await reviewer.getByLabel("预计需要几个工作日（会书面告知申请人）").fill("10");
    await reviewer.getByLabel("理由（会告知申请人）", { exact: true }).fill("需要专家评审");
    await reviewer.getByRole("button", { name: "启动特别程序" }).click();
    await reviewer.getByText("特别程序中").first().waitFor();
    assert.match(await main(reviewer), /计时暂停，已用 \d+ 个工作日，还剩 \d+ 个工作日/);
    await axe(reviewer);
    await picture(reviewer, `paused-office-${width}`);
    assert.equal(await reviewer.getByRole("button", { name: "审查通过" }).count(), 0);
    assert.match(await main(reviewer), /特别程序（[^）]+）还没有结束/);
    await page.goto(path);
    assert.match(await main(page), new RegExp(`启动特别程序：${kind}[^]*需要专家评审`));
    assert.match(await main(page), /计时暂停，已用 \d+ 个工作日，还剩 \d+ 个工作日/, "the applicant sees that the clock stands still");
    await axe(page);
    await picture(page, `paused-${width}`);
    await reviewer.goto("/workbench");
    await office.open(reviewer, number);
    await reviewer.locator("summary", { hasText: "特别程序与延期" }).click();
    await reviewer.getByRole("button", { name: "结束特别程序，继续计时" }).click();
    await reviewer.waitForLoadState();

    await page.goto(path);
    assert.match(await main(page), /结束特别程序/);
    assert.doesNotMatch(await main(page), /计时暂停/);
    assert.match(await main(page), /已用 \d+ 个工作日，还剩 \d+ 个工作日（截至 \d+月\d+日）/, "it runs again");
    await page.locator("summary", { hasText: "撤回申请" }).click();
    await page.getByLabel("撤回原因").fill("证件找到了");
    await page.getByRole("button", { name: "撤回申请" }).click();
    await page.waitForURL((url) => url.pathname === path);
    assert.match(await main(page), /申请人撤回[^]*证件找到了/);
    await reviewer.goto("/workbench");
    assert.equal(await reviewer.getByText(number).count(), 0, "nothing waits any more");
  });
}

for (const width of ["desktop", "phone"]) {
  journey(`a draft on ${width} is kept for its owner alone, with its files, and what is missing is told before it is taken`, async (kit) => {
    const { covers } = kit;
    const [owner, other] = width === "desktop" ? ["ceshi5", "ceshi4"] : ["ceshi4", "ceshi3"];
    const queue = await officer(await kit[width](), "acceptor");
    const waiting = await queue.getByRole("link", { name: /^办理/ }).count();
    const page = await citizen(await kit[width](), owner);
    await application.begin(page, ITEMS[width]);
    await application.answer(page, "遗失");
    await page.getByLabel(/^住址/).fill("上海市示例路5号501室");
    await next(page);
    await next(page);
    await application.describeLoss(page, "昨天在路上丢失，没有找到。");
    const base = page.url().replace(/\/[a-z]+$/, "");
    await page.goto(`${base}/materials`);
    await application.upload(page, "driving_licence", png("驾驶证.png"));
    await page.getByText("驾驶证.png").waitFor();
    await page.getByRole("link", { name: "以后再传" }).click();
    await logOut(page);

    const stranger = await citizen(await kit[width](), other);
    for (const step of ["", "/applicant", "/materials", "/confirm"]) {
      assert.equal((await stranger.goto(base + step)).status(), 404, `${step} is not found for others`);
    }
    await stranger.goto("/me/cases");
    assert.equal(await stranger.getByText("没有填完的申请").count(), 0);

    await citizen(page, owner);
    await page.goto("/me/cases");
    await page.getByRole("link", { name: width === "desktop" ? /巡游出租.*补发/ : /网络预约.*补发/ }).first().click();
    assert.equal(application.stepOf(page), "delivery", "it goes on where something is missing");
    await page.goto(`${base}/questions`);
    assert.ok(await page.getByLabel("遗失", { exact: true }).isChecked());
    await next(page);
    assert.equal(await page.getByLabel(/^住址/).inputValue(), "上海市示例路5号501室");
    await next(page);
    await next(page);
    assert.equal(await page.getByLabel(/^遗失日期/).inputValue(), application.LOST_ON);
    assert.equal(await page.getByLabel(/^情况说明/).inputValue(), "昨天在路上丢失，没有找到。");
    await page.goto(`${base}/materials`);
    await page.getByText("驾驶证.png").waitFor();

    await next(page);
    await page.locator("#errors").getByText("请上传遗失声明").waitFor();
    await page.goto(`${base}/confirm`);
    await page.getByRole("button", { name: "提交申请" }).click();
    await page.waitForLoadState();
    assert.match(await page.getByRole("alert").innerText(), /请上传遗失声明/);
    assert.match(await page.getByRole("alert").innerText(), /领取方式/);
    await queue.reload();
    assert.equal(await queue.getByRole("link", { name: /^办理/ }).count(), waiting, "nothing reached the office");

    await application.begin(page, ITEMS[width]);
    await application.chooseDelivery(page);
    await application.upload(page, "loss_statement", pdf("Statement of loss"));
    await page.getByText("遗失声明.pdf").waitFor();
    await next(page);
    const submitted = await application.submit(page);
    await queue.goto("/workbench");
    await queue.getByRole("row", { name: new RegExp(`预审.*${submitted.number}`) }).waitFor();
    await page.goto("/me/cases");
    assert.equal(await page.getByText("没有填完的申请").count(), 0, "what was submitted is no draft");
    covers("SH-073", "XC-081");
  });
}

for (const width of ["desktop", "phone"]) {
  journey(`a second person and an officer of another district find nothing on ${width}`, async (kit) => {
    const { axe, picture } = kit;
    const page = await citizen(await kit[width](), width === "desktop" ? "ceshi1" : "ceshi2");
    const { path, id, number } = await application.apply(page, "road-driver-reissue");
    const file = await page.locator("a", { hasText: "遗失声明.pdf" }).getAttribute("href");
    assert.equal((await page.request.get(file)).status(), 200);
    const stranger = await citizen(await kit[width](), "ceshi3");
    for (const address of [path, file, `${path}/correction`, `${path}/review`]) {
      const answer = await stranger.goto(address);
      assert.equal(answer.status(), 404, address);
    }
    assert.match(await main(stranger), /没有找到/);
    await axe(stranger);
    await picture(stranger, `not-found-${width}`);
    const other = await officer(await kit[width](), "xuhui-acceptor");
    assert.equal(await other.getByText(number).count(), 0);
    const answer = await other.goto(`/workbench/cases/${id}`);
    assert.equal(answer.status(), 404);
    await axe(other);
    await other.goto(`/workbench/cases?q=${number}`);
    assert.equal(await other.getByRole("link", { name: /补发/ }).count(), 0);

    const supervisor = await officer(await kit[width](), "supervisor");
    await supervisor.goto("/workbench/audit");
    await supervisor.getByLabel("结果", { exact: true }).selectOption({ label: "只看被拒的" });
    await supervisor.getByLabel("对象编号").fill(id);
    await supervisor.getByRole("button", { name: "查询" }).click();
    await supervisor.waitForURL(/outcome=refused/);
    const attempts = await supervisor.locator("main tbody tr").allInnerTexts();
    for (const who of ["测试三", "测试壬"]) assert.ok(attempts.some((line) => line.includes(who)), `${who} is on record: ${attempts}`);
    assert.ok(attempts.length > 0 && attempts.every((line) => line.includes("被拒")), "nothing else is shown");
    await axe(supervisor);
    await picture(supervisor, `audit-refused-${width}`);
    const { status, stdout, stderr } = spawnSync(kit.program.binary, ["audit", "verify", "--data", kit.program.data], { encoding: "utf8" });
    assert.equal(status, 0, stdout + stderr);
  });
}

for (const width of ["desktop", "phone"]) {
  journey(`a licence that was revoked says so to everyone on ${width}, and cannot be replaced`, async (kit) => {
    const { axe, picture, covers } = kit;
    const page = await citizen(await kit[width](), width === "desktop" ? "ceshi5" : "ceshi4");
    await page.goto("/me/licences");
    await page.getByRole("row", { name: /道路运输从业人员从业资格证/ }).getByRole("link", { name: /^查看/ }).click();
    const number = (await main(page)).match(/示例\d{10}/)[0];
    const code = (await main(page)).match(/核验码\s*([0-9A-Za-z ]+)/)[1].replaceAll(" ", "");
    await office.eventually(page, page.getByRole("link", { name: "下载证照（OFD）" }));
    const files = await downloads(page);
    const program = (file) => {
      const said = spawnSync(kit.program.binary, ["verify", file, "--data", kit.program.data], { encoding: "utf8" });
      return [said.status, JSON.parse(said.stdout).answer];
    };
    assert.deepEqual(program(files.OFD), [0, "有效"]);
    const anyone = await kit[width]();
    await anyone.goto(`/verify?code=${code}`);
    assert.equal(await anyone.locator(".tb-verify-answer").innerText(), "有效");

    const approver = await officer(await kit[width](), "approver");
    await approver.goto(`/workbench/licences?q=${encodeURIComponent(number)}&kind=practitioner`);
    await axe(approver);
    await approver.getByRole("link", { name: number }).click();
    await axe(approver);
    await approver.getByLabel("撤销决定书文号").fill(`示例撤〔2026〕${width === "desktop" ? 1 : 2}号`);
    await approver.getByLabel("撤销理由").fill("以欺骗手段取得");
    await approver.getByRole("button", { name: "撤销证照" }).click();
    await approver.waitForLoadState();
    await picture(approver, `revoked-${width}`);

    await anyone.goto(`/verify?code=${code}`);
    assert.equal(await anyone.locator(".tb-verify-answer").innerText(), "已撤销");
    await axe(anyone);
    for (const kind of ["OFD", "PDF"]) {
      assert.deepEqual(program(files[kind]), [1, "已撤销"], "the seal is good, the licence is not");
    }
    await picture(anyone, `verify-revoked-${width}`);
    await page.goto("/items/road-driver-reissue");
    await page.getByRole("button", { name: "在线办理", exact: true }).click();
    await page.locator("[data-ended]").getByText(/已被撤销或者吊销，不能补发/).waitFor();
    covers("SH-079");
  });
}
