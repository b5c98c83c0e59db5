// An account of one's own: registering, proving a real name, leaving, and what keeps others out.
import assert from "node:assert/strict";
import { journey } from "../support/journey.mjs";
import * as application from "../support/application.mjs";
import { logIn, logOut, NEWCOMERS, OWN_PASSWORD, proveRealName, register } from "../support/people.mjs";
import { main } from "../support/words.mjs";


for (const width of ["desktop", "phone"]) {
  journey(`a newcomer registers on ${width}, and what was typed wrong is told beside its field`, async (kit) => {
    const page = await kit[width]();
    await page.goto("/register");
    await kit.axe(page);
    await page.getByLabel("登录名").fill("ab");
    await page.getByLabel("手机号").fill("123");
    await page.getByLabel("密码", { exact: true }).fill("short");
    await page.getByLabel("再填一次密码").fill("other");
    await page.getByRole("button", { name: "下一步" }).click();
    for (const field of ["login", "mobile", "password"]) await page.locator(`#f-${field}-error`).waitFor();
    assert.equal(await page.getByLabel("登录名").inputValue(), "ab", "what was typed stays");
    await kit.axe(page);
    await kit.picture(page, `register-${width}`);
    await register(page, `newcomer-${width}`, width === "desktop" ? "19900000066" : "19900000067");
    await page.goto("/me");
    assert.match(await main(page), /您还没有实名/);
    await kit.axe(page);
    await logOut(page);
    await page.goto("/me/cases");
    assert.match(page.url(), /\/login/, "after logging out nothing of one's own is shown");
    await logIn(page, `newcomer-${width}`, { password: OWN_PASSWORD });
    await page.goto("/me");
    assert.match(await main(page), /您还没有实名/);
  });

  journey(`a real name is proven on ${width} once the number is right, and only then one can apply`, async (kit) => {
    const { axe, picture } = kit;
    const page = await kit[width]();
    const newcomer = NEWCOMERS[width];
    await register(page, `unproven-${width}`, width === "desktop" ? "19900000069" : "19900000065");
    await page.goto("/me/real-name");
    await page.getByLabel("姓名").fill(newcomer.name);
    await page.getByLabel("身份证号").fill(newcomer.id.replace(/.$/, (last) => (last === "1" ? "2" : "1")));
    await page.getByRole("button", { name: "提交核验" }).click();
    assert.match(await page.locator("#f-id_number-error").innerText(), /身份证号有误，请逐位核对/);
    await axe(page);
    await picture(page, `real-name-error-${width}`);

    await page.goto("/items/road-driver-reissue");
    await page.getByRole("button", { name: "在线办理" }).click();
    await page.waitForLoadState();
    assert.match(page.url(), /\/me\/real-name\?next=%2Fme%2Fdrafts%2F/, "without a real name one is led there first");
    assert.match(await main(page), /实名认证以后才能在线申请/);
    await page.goto("/me/cases");
    await page.getByRole("link", { name: /补发/ }).click();
    assert.match(await main(page), /实名认证以后才能申请/);
    await page.goto(page.url().replace(/[a-z]+$/, "confirm"));
    await page.getByRole("button", { name: "提交申请" }).click();
    await page.waitForLoadState();
    assert.match(page.url(), /\/me\/drafts\/.*confirm/, "it is refused");
    await axe(page);

    await proveRealName(page, newcomer);
    assert.match(await main(page), newcomer.masked);
    await axe(page);
    await application.begin(page);
    assert.equal(await page.getByText("实名认证以后才能申请").count(), 0);
    await page.goto("/me/licences");
    assert.match(await main(page), /道路运输从业人员从业资格证/, "what the person holds belongs to the account now");

    const beginner = await kit[width]();
    await logIn(beginner, "applicant-new");
    await beginner.goto("/items/road-driver-reissue");
    await beginner.getByRole("button", { name: "在线办理" }).click();
    await beginner.waitForLoadState();
    assert.match(await main(beginner), /没有查到您名下的道路客货运输驾驶员从业资格证/, "what cannot be applied for ends at once");
    await beginner.goto("/me/cases");
    assert.doesNotMatch(await main(beginner), /补发/, "and leaves no draft");
  });

  journey(`five wrong passwords on ${width} lock the account for a time, also for the right password`, async (kit) => {
    const page = await kit[width]();
    const login = `forgetful-${width}`;
    await register(page, login, width === "desktop" ? "19900000064" : "19900000068");
    await logOut(page);
    for (let wrong = 1; wrong <= 5; wrong += 1) {
      await logIn(page, login, { password: `Wrong-${wrong}${wrong}${wrong}` });
      assert.match(await page.getByRole("alert").innerText(), wrong < 5 ? /密码/ : /锁定/);
    }
    await logIn(page, login, { password: OWN_PASSWORD });
    assert.match(await page.getByRole("alert").innerText(), /账号已锁定，请 \d+ 分钟后再试/);
    await kit.axe(page);
  });

  journey(`one's sessions are listed on ${width}, and another one can be ended`, async (kit) => {
    const here = await kit[width]();
    const there = await (width === "desktop" ? kit.phone() : kit.desktop());
    const login = width === "desktop" ? "ceshi5" : "ceshi4";
    await logIn(here, login);
    await logIn(there, login);
    await here.goto("/me/sessions");
    await kit.axe(here);
    await here.getByRole("button", { name: /结束/ }).first().click();
    await here.waitForLoadState();
    await there.goto("/me/cases");
    assert.match(there.url(), /\/login/, "the ended session shows nothing any more");
    await here.goto("/me/cases");
    assert.match(here.url(), /\/me\/cases/);
  });
}
