// What an officer does at the workbench.
import assert from "node:assert/strict";

/** Opens a case out of the queue of one's role. */
export async function open(page, number) {
  await page.goto("/workbench");
  await page.getByRole("link", { name: `办理 ${number}` }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
}

export async function decide(page, label, opinion = "") {
  if (opinion) await page.getByLabel("办理意见").fill(opinion);
  await page.getByRole("button", { name: label, exact: true }).click();
  await page.waitForLoadState();
}

export async function handle(page, number, label, opinion = "") {
  await open(page, number);
  await decide(page, label, opinion);
  assert.equal(await page.getByRole("button", { name: label, exact: true }).count(), 0, `${label} is done`);
}

/** Marks one field of the application as wrong. */
export async function mark(page, pointer, problem) {
  await page.locator(`[name="wrong.${pointer}"]`).check();
  await page.locator(`[name="problem.${pointer}"]`).fill(problem);
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
