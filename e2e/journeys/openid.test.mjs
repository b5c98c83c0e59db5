// Logging in at another application with one's account here: openid-client, which others wrote, plays the application.
import assert from "node:assert/strict";
import { journey } from "../support/journey.mjs";
import { logOut, PASSWORD } from "../support/people.mjs";
import { anotherVerifier, Application, SECRET_IN } from "../support/relying.mjs";
import { main } from "../support/words.mjs";


async function enter(page, login) {
  await page.getByLabel("手机号或登录名").fill(login);
  await page.getByLabel("密码").fill(PASSWORD);
  await page.locator("form", { has: page.getByLabel("密码") }).getByRole("button", { name: "登录", exact: true }).click();
}

const agree = (page) => page.getByRole("button", { name: "同意并登录" }).click();

async function at(url, steps, authentication) {
  const application = await Application.open(url, authentication);
  try {
    await steps(application);
  } finally {
    await application.close();
  }
}

journey("a citizen logs in at another application, is asked once, and takes it back", async ({ url, desktop, axe, picture }) => {
  await at(url, async (application) => {
    const page = await application.welcome(await desktop());
    await application.begin(page);
    assert.match(await main(page), /登录后继续进入“示例应用”/);
    await axe(page);
    await picture(page, "openid-login");
    await enter(page, "ceshi1");
    await page.getByRole("heading", { name: "授权登录" }).waitFor();
    const asked = await main(page);
    assert.match(asked, /示例应用/);
    assert.match(asked, /127\.0\.0\.1:8799/);
    assert.match(asked, /测\*一/);
    await axe(page);
    await picture(page, "openid-consent");
    await page.getByLabel("同时提供完整姓名").check();
    await agree(page);
    await application.back(page);

    const tokens = await application.redeem();
    assert.equal(tokens.scope, "openid profile real_name");
    const { sub, name, real_name_level: level } = await application.claims(tokens);
    assert.deepEqual([name, level], ["测试一", "L2"]);
    assert.doesNotMatch(JSON.stringify(tokens.claims()), /测试|3100001969/, "the identity token names nobody");

    await page.goto(url);
    await logOut(page);
    await assert.rejects(application.claims(tokens), "leaving here ends what the application holds");
    await application.begin(page);
    await enter(page, "ceshi1");
    await application.back(page);
    const again = await application.redeem();
    assert.equal((await application.claims(again)).sub, sub, "the same person, and nobody was asked twice");

    await page.goto(`${url}/me/applications`);
    assert.match(await main(page), /示例应用[\s\S]*完整姓名/);
    await axe(page);
    await picture(page, "openid-applications");
    await page.getByRole("button", { name: "取消授权" }).click();
    await page.getByText("已取消授权").waitFor();
    assert.match(await main(page), /没有授权过应用/);
    await axe(page);
    await assert.rejects(application.claims(again), "what was taken back opens nothing");
    await application.begin(page);
    await page.getByRole("heading", { name: "授权登录" }).waitFor();
  });
});

journey("on a phone one may refuse, or keep the full name to oneself", async ({ url, phone, axe, picture }) => {
  await at(url, async (application) => {
    const page = await application.welcome(await phone());
    await application.begin(page);
    await axe(page);
    await picture(page, "openid-login-phone");
    await enter(page, "ceshi2");
    await page.getByRole("heading", { name: "授权登录" }).waitFor();
    await axe(page);
    await picture(page, "openid-consent-phone");
    await page.getByRole("button", { name: "不同意" }).click();
    await application.back(page);
    await assert.rejects(application.redeem(), (fault) => fault.error === "access_denied");

    await application.begin(page);
    await agree(page);
    await application.back(page);
    const tokens = await application.redeem();
    assert.equal(tokens.scope, "openid profile");
    assert.equal((await application.claims(tokens)).name, "测*二");
    await page.goto(`${url}/me/applications`);
    await axe(page);
    await picture(page, "openid-applications-phone");
  }, SECRET_IN.form);
});

journey("what is forged, stale or used before gets an application nothing", async ({ url, desktop, axe, picture }) => {
  await at(url, async (application) => {
    const page = await application.welcome(await desktop());
    await application.begin(page);
    await enter(page, "ceshi3");
    await agree(page);
    await application.back(page);
    const wrong = { pkceCodeVerifier: anotherVerifier() };
    await assert.rejects(application.redeem(wrong), (fault) => fault.error === "invalid_grant");
    await assert.rejects(application.redeem({ expectedState: "another" }), "openid-client sees a foreign state");
    const tokens = await application.redeem();
    await application.claims(tokens);
    await assert.rejects(application.redeem(), (fault) => fault.error === "invalid_grant");
    await assert.rejects(application.claims(tokens), "a second use ends what the first gave");

    await application.begin(page, { prompt: "none" });
    await application.back(page);
    assert.ok((await application.redeem()).id_token, "whoever agreed before is not asked");
    await application.begin(page, { prompt: "login" });
    await enter(page, "ceshi3");
    await application.back(page);
    await application.redeem({ maxAge: 60 });

    await application.begin(page, { redirect_uri: "http://127.0.0.1:8799/other" });
    assert.match(await main(page), /返回的地址没有登记/);
    await axe(page);
    await picture(page, "openid-refused");
    await application.begin(page, { scope: "openid", code_challenge_method: "plain" });
    await application.back(page);
    await assert.rejects(application.redeem(), (fault) => fault.error === "invalid_request");
  });
});
