// The steps of the application for a replacement certificate, as a person walks them.
import assert from "node:assert/strict";
import { pdf } from "./papers.mjs";

const go = (page, name) => page.getByRole("button", { name, exact: true }).click();

export async function begin(page, item = "road-driver-reissue") {
  await page.goto(`/items/${item}`);
  await go(page, "在线办理");
  await page.waitForURL(/\/me\/drafts\//);
}

export async function answer(page, words) {
  await page.getByLabel(words, { exact: true }).check();
  await go(page, "下一步");
}

export const stepOf = (page) => new URL(page.url()).pathname.split("/").at(-1);

export async function upload(page, material, file) {
  await page.waitForURL(/\/materials/);
  await page.locator(`#f-${material}`).setInputFiles(file);
  await page.waitForLoadState();
}

/** A day that lies behind whichever day the journey runs on, as a date field has it. */
export const LOST_ON = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);

export async function describeLoss(page, words = "上周在车站丢失，已经找过，没有找到。") {
  await page.getByLabel(/^遗失日期/).fill(LOST_ON);
  await page.getByLabel(/^情况说明/).fill(words);
  await go(page, "下一步");
}

export async function chooseDelivery(page) {
  await page.getByLabel("只要电子证照").check();
  await page.getByLabel(/^本人承诺/).check();
  await go(page, "下一步");
}

/** From the guide to a submitted case, without looking around. Returns its address and number. */
export async function apply(page, item) {
  await begin(page, item);
  await answer(page, "遗失");
  await go(page, "下一步");
  await go(page, "下一步");
  await describeLoss(page);
  await chooseDelivery(page);
  await upload(page, "loss_statement", pdf("Statement of loss"));
  await page.getByText("遗失声明.pdf").waitFor();
  await go(page, "下一步");
  return submit(page);
}

export async function submit(page) {
  await page.getByRole("button", { name: "提交申请" }).click();
  await page.waitForURL(/\/me\/cases\/[0-9a-f-]+/);
  const path = new URL(page.url()).pathname;
  const [, number] = (await page.locator("main").innerText()).match(/申请已提交，办件编号 (\S+)/) ?? [];
  assert.ok(number, "the number of the case is shown");
  return { path, number, id: path.split("/").at(-1) };
}
