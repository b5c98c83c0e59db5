// What an officer does at the workbench.
import assert from "node:assert/strict";

/** Opens a case out of the queue of one's role. */
export async function open(page, number) {
  await page.goto("/workbench");
  await page.getByRole("link", { name: `办理 ${number}` }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
}

/** Goes to a page by the menu, which a phone shows once its button is pressed. */
export async function choose(page, title) {
  const button = page.getByRole("link", { name: "打开菜单" });
  if (await button.isVisible()) await button.click();
  await page.getByRole("navigation", { name: "菜单" }).getByRole("link", { name: title }).click();
}

/** Decides and stays with the case; what harms asks once and is confirmed. */
export async function decide(page, label, opinion = "") {
  if (opinion) await page.getByLabel("办理意见").fill(opinion);
  const onward = page.getByLabel("办完打开下一件");
  if (await onward.count()) await onward.uncheck();
  await page.getByRole("button", { name: label, exact: true }).click();
  await page.waitForLoadState();
  await confirm(page, label);
}

/** On the page that asks, where a reason is needed first: writes one, sees what it brings, and decides. */
export async function decideFor(page, label, reason) {
  await page.getByLabel("办理意见").fill(reason);
  await page.getByRole("button", { name: "预览", exact: true }).click();
  await page.locator("[data-preview]").waitFor();
  await confirm(page, label);
}

/** On the page that asks: whatever was pressed is meant. */
export async function confirm(page, label) {
  const asked = page.locator("form[data-ask]");
  // Where a reason is needed first there is nothing to be sure of yet.
  if (!(await asked.locator("[data-preview]").count())) return;
  const sure = asked.locator(".tb-sticky").getByRole("button", { name: new RegExp(`^${label}`) });
  if (await sure.count()) await sure.click();
  await page.waitForLoadState();
}

export async function handle(page, number, label, opinion = "") {
  await open(page, number);
  await decide(page, label, opinion);
  assert.equal(await page.getByRole("button", { name: label, exact: true }).count(), 0, `${label} is done`);
}

/** Says of one field of the application what is wrong with it. */
export async function mark(page, pointer, problem) {
  const field = page.locator(`[data-pointer="${pointer}"]`);
  const words = field.getByRole("textbox");
  if (!(await words.isVisible())) await field.getByText("有问题", { exact: true }).click();
  await words.fill(problem);
}

/** Work that follows a step (letters, licences) is done soon after it: looks again until it is there. */
export async function eventually(page, locator) {
  for (let tries = 0; tries < 60; tries += 1) {
    if ((await locator.count()) > 0) return;
    await page.waitForTimeout(250);
    await page.reload();
  }
  assert.fail(`${locator} does not appear on ${page.url()}`);
}
