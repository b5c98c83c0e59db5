// Logging in as one of the demonstration's people, as they would: over the login page.
import assert from "node:assert/strict";

export const PASSWORD = "Demo-2026";

export async function logIn(page, login, { staff = false, password = PASSWORD } = {}) {
  await page.goto(staff ? "/login?as=staff" : "/login");
  await page.getByLabel(staff ? "工号或登录名" : "手机号或登录名").fill(login);
  await page.getByLabel("密码").fill(password);
  await page.locator("form", { has: page.getByLabel("密码") }).getByRole("button", { name: "登录", exact: true }).click();
  await page.waitForLoadState();
}

export async function citizen(page, login) {
  await logIn(page, login);
  assert.doesNotMatch(page.url(), /\/login/, `${login} is logged in`);
  return page;
}

export async function officer(page, login) {
  await logIn(page, login, { staff: true });
  await page.goto("/workbench");
  assert.equal(new URL(page.url()).pathname, "/workbench", `${login} is logged in`);
  return page;
}
