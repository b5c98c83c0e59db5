// Logging in as one of the demonstration's people, as they would: over the login page.
import assert from "node:assert/strict";

export const PASSWORD = "Demo-2026";
/** Of whoever registers: the one of the demonstration is too well known for that. */
export const OWN_PASSWORD = "Blau-Regen-77";

/** `here`: on the login page to which one was led. */
export async function logIn(page, login, { staff = false, password = PASSWORD, here = false } = {}) {
  if (!here) await page.goto(staff ? "/login?as=staff" : "/login");
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

/** Two of those whom the population register knows and who have no account yet: one for each width. */
export const NEWCOMERS = {
  desktop: { name: "测试六", masked: /测\*六/, id: "31000019770711906X" },
  phone: { name: "测试七", masked: /测\*七/, id: "310000197808129072" },
};

/** Registers an account. Whoever registers is logged in. */
export async function register(page, login, mobile) {
  await page.goto("/register");
  await page.getByLabel("登录名").fill(login);
  await page.getByLabel("手机号").fill(mobile);
  await page.getByLabel("密码", { exact: true }).fill(OWN_PASSWORD);
  await page.getByLabel("再填一次密码").fill(OWN_PASSWORD);
  await page.getByRole("button", { name: "下一步" }).click();
  await enterCode(page);
  await page.waitForURL((url) => url.pathname === "/me/real-name");
}

/** In a demonstration the page shows the SMS. */
export async function enterCode(page) {
  const shown = await page.locator("#shown-sms").innerText();
  await page.getByLabel("验证码").fill(/\d{6}/.exec(shown)[0]);
  await page.getByRole("button", { name: "确定" }).click();
}

/** The population register answers soon; the page looks by itself. */
export async function proveRealName(page, { name, id }) {
  await page.goto("/me/real-name");
  await page.getByLabel("姓名").fill(name);
  await page.getByLabel("身份证号").fill(id);
  await page.getByRole("button", { name: "提交核验" }).click();
  await page.getByRole("link", { name: "去办事" }).waitFor();
}

export async function logOut(page) {
  await page.locator("summary", { hasText: "我的" }).click();
  await page.getByRole("button", { name: "退出登录" }).click();
  await page.waitForLoadState();
}
