// The desk of an officer: what presses first, keys, what lies beside a case, the person behind it, and many at once.
import assert from "node:assert/strict";
import { journey } from "../support/journey.mjs";
import * as application from "../support/application.mjs";
import { citizen, officer } from "../support/people.mjs";
import { main } from "../support/words.mjs";

const PEOPLE = ["ceshi1", "ceshi2", "ceshi3"];
const ITEMS = { desktop: "taxi-driver-reissue", phone: "ride-hailing-reissue" };
/** What the menu says of tasks that wait. */
async function waiting(page) {
  await page.goto("/workbench/handled?part=today");
  const count = page.locator(".tb-side a[href='/workbench'] .tb-count");
  const done = await page.locator("tbody tr").count();
  return [Number.parseInt((await count.count()) ? await count.innerText() : "0", 10), done];
}

/** What stands done, under way and ahead of a case, as its applicant reads it. */
const course = (page) => page.locator(".tb-course li").evaluateAll((all) => all.map((step) => `${step.className} ${step.innerText.replaceAll(/\s+/g, " ")}`));

const numbers = (page) => page.locator("td[data-label=办件编号]").allInnerTexts();

/** Counts how often a page is loaded while `steps` go on. */
async function loads(page, steps) {
  let count = 0;
  const one = () => {
    count += 1;
  };
  page.on("load", one);
  await steps();
  page.off("load", one);
  return count;
}

for (const width of ["desktop", "phone"]) {
  journey(
    `an officer works through the queue on ${width}`,
    async (kit) => {
      const { axe, picture, covers } = kit;
      const filed = [];
      for (const login of PEOPLE) {
        const page = await citizen(await kit[width](), login);
        filed.push({ login, page, ...(await application.apply(page, ITEMS[width])) });
      }
      const page = await officer(await kit[width](), "acceptor");
      const queue = `/workbench?item=${ITEMS[width]}`;
      await page.goto(queue);
      await axe(page);
      await picture(page, `queue-${width}`);
      assert.deepEqual((await numbers(page)).sort(), filed.map((one) => one.number).sort());
      // A filter leaves only what it says, and the number beside it is that of the rows.
      await page.goto(`/workbench?q=${filed[1].number.slice(-4)}`);
      assert.deepEqual(await numbers(page), [filed[1].number]);
      await page.goto(`${queue}&due=late`);
      assert.match(await main(page), /所选条件下没有待办任务/);
      await axe(page);

      // Keys: into the list, open, the next case and back, tell of themselves.
      await page.goto(queue);
      const order = await numbers(page);
      if (width === "desktop") {
        await page.keyboard.press("j");
        await page.keyboard.press("j");
        await page.keyboard.press("k");
        await Promise.all([page.waitForURL(/\/workbench\/cases\//), page.keyboard.press("Enter")]);
        assert.match(await main(page), new RegExp(order[0]));
        await Promise.all([page.waitForNavigation(), page.keyboard.press("j")]);
        assert.match(await main(page), new RegExp(order[1]));
        await Promise.all([page.waitForNavigation(), page.keyboard.press("k")]);
        await page.keyboard.press("?");
        await page.getByRole("heading", { name: "快捷键" }).waitFor();
        await axe(page);
        await page.keyboard.press("?");
        // In a field keys are letters.
        await page.getByLabel("办理意见").fill("");
        await page.getByLabel("办理意见").pressSequentially("jk1?");
        assert.equal(await page.getByLabel("办理意见").inputValue(), "jk1?");
        assert.match(await main(page), new RegExp(order[0]));
        await page.getByLabel("办理意见").fill("");
      } else {
        await page.getByRole("link", { name: `办理 ${order[0]}` }).click();
      }
      await axe(page);
      await picture(page, `desk-${width}`);

      // The person behind, in place where a script runs.
      const behind = page.locator("#person");
      assert.equal(await behind.locator("[data-full-mobile]").count(), 0);
      await behind.getByRole("button", { name: /联系用/ }).click();
      await behind.locator("[data-full-mobile]").waitFor();
      assert.match(await behind.innerText(), /1\d{10}/);
      await axe(page);

      // What the applicant asks is seen and answered.
      const first = filed.find((one) => one.number === order[0]);
      await first.page.goto(first.path);
      await first.page.getByText("有问题，问经办部门").click();
      await first.page.getByLabel("您想问什么").fill("什么时候能办好？");
      await first.page.getByRole("button", { name: "提交问题" }).click();
      assert.match(await main(first.page), /问题已经记入办件/);
      await axe(first.page);
      await page.reload();
      assert.match(await page.locator("[data-question]").innerText(), /什么时候能办好？/);
      await page.locator("#f-said").fill("三个工作日内");
      await page.getByRole("button", { name: "发给申请人" }).click();
      await first.page.reload();
      assert.match(await main(first.page), /三个工作日内/);

      // What waits and what was done is the same on a telephone and at the desk, before a decision and after it.
      const [desk, phone] = [await officer(await kit.desktop(), "acceptor"), await officer(await kit.phone(), "acceptor")];
      const before = await waiting(desk);
      assert.deepEqual(await waiting(phone), before);
      assert.ok(before[0] >= 3);
      const steps = await course(first.page);
      assert.ok(steps.some((step) => step.includes("现在")) || steps.length > 2, steps.join("; "));

      // Decide and next: two clicks and one load each; the last one leads back.
      await page.goto(queue);
      await page.getByRole("link", { name: `办理 ${order[0]}` }).click();
      const [task, csrf] = [await page.locator("#task").getAttribute("action"), await page.locator("#task [name=csrf]").inputValue()];
      const count = await loads(page, async () => {
        await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.getByRole("button", { name: "受理", exact: true }).click()]);
      });
      assert.equal(count, 1, "one page for one decision");
      assert.match(await main(page), new RegExp(order[1]));
      assert.match(await page.locator("body").innerText(), /已办：受理/);
      const again = await page.request.post(task, { form: { csrf, decision: "refuse", opinion: "又不受理了" }, headers: { origin: new URL(page.url()).origin } });
      assert.equal(again.status(), 409, "what is decided is not decided anew");
      const after = await waiting(desk);
      assert.deepEqual(after, [before[0] - 1, before[1] + 1]);
      assert.deepEqual(await waiting(phone), after);
      await first.page.reload();
      const later = await course(first.page);
      assert.equal(later.length, steps.length, "the same steps");
      assert.notDeepEqual(later, steps, "the applicant sees that it went on");
      const stranger = await citizen(await kit[width](), "ceshi4");
      const refused = await stranger.request.get(first.path);
      assert.equal(refused.status(), 404, "somebody else's case is nobody's business");
      for (let left = 2; left > 0; left -= 1) {
        await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.getByRole("button", { name: "受理", exact: true }).click()]);
      }
      assert.match(await page.locator("body").innerText(), /所选条件下没有别的办件了/);
      await page.goto("/workbench/handled?part=today");
      assert.ok((await page.locator("tbody tr").count()) >= 3);
      await axe(page);

      for (const [login, decision] of [["reviewer", "审查通过"], ["approver", "准予许可"]]) {
        const next = await officer(await kit[width](), login);
        await next.goto(queue);
        for (let left = 3; left > 0; left -= 1) {
          if (left === 3) await next.getByRole("link", { name: /^办理 / }).first().click();
          await Promise.all([next.waitForNavigation({ waitUntil: "load" }), next.getByRole("button", { name: decision, exact: true }).click()]);
        }
      }
      // All that wait to be made, at once: the step, all, the decision, sure.
      const maker = await officer(await kit[width](), "maker");
      for (let tries = 0; tries < 60; tries += 1) {
        await maker.goto(queue);
        if ((await maker.locator("tbody tr").count()) === 3) break;
        await maker.waitForTimeout(500);
      }
      await maker.locator("select[name=step]").selectOption({ index: 1 });
      await maker.getByRole("button", { name: "查询" }).click();
      await maker.getByLabel("全选本页").check();
      await axe(maker);
      await picture(maker, `batch-${width}`);
      await maker.getByRole("button", { name: /一起办理：制证完成/ }).click();
      await maker.getByText("办好 3 件").waitFor();
      await axe(maker);
      // Whoever supervises reads the figures of the office on a telephone too; whoever does not is refused them.
      const supervisor = await officer(await kit.phone(), "supervisor");
      await supervisor.goto("/workbench/figures");
      const figures = await main(supervisor);
      for (const figure of ["收件", "办结", "逾期办结", "在办", "已超期"]) assert.ok(figures.includes(figure), figure);
      const hands = supervisor.locator("tr", { hasText: "测试甲" }).locator("td[data-label=办理环节数]");
      assert.ok(Number.parseInt(await hands.first().innerText(), 10) >= 3);
      await axe(supervisor);
      assert.equal((await page.request.get("/workbench/figures")).status(), 403);
      covers("XC-163", "XC-182");
    },
    { minutes: 6 },
  );
}
