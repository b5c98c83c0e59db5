// Who does a step, when the flow alone does not say it: somebody with the right names another officer.
import assert from "node:assert/strict";
import { journey } from "../support/journey.mjs";
import * as application from "../support/application.mjs";
import * as office from "../support/office.mjs";
import { citizen, officer } from "../support/people.mjs";
import { main } from "../support/words.mjs";

/** Each width has an item of its own, so that the same people can walk both. */
const ITEMS = { desktop: "taxi-driver-reissue", phone: "ride-hailing-reissue" };

for (const width of ["desktop", "phone"]) {
  journey(`whoever manages the business names a second signer on ${width}, and the case goes on when both have signed`, async (kit) => {
    const { axe, picture } = kit;
    const { number } = await application.apply(await citizen(await kit[width](), "ceshi1"), ITEMS[width]);
    const acceptor = await officer(await kit[width](), "acceptor");
    await office.open(acceptor, number);
    assert.match(await main(acceptor), /本环节应在\d+月\d+日（含当日）前办完/, "the limit of the step is told");
    await office.decide(acceptor, "受理");
    assert.match(await main(acceptor), /审查：由“审查”岗位的测试乙办理/, "whoever has not the step is told who has");
    assert.equal(await acceptor.getByText("变更办理人").count(), 0, "only whoever has the right changes it");

    const manager = await officer(await kit[width](), "manager");
    await office.choose(manager, "无人可办");
    assert.match(await main(manager), /每个环节都有人能办/);
    await axe(manager);
    await manager.goto(`/workbench/cases?q=${number}`);
    await manager.locator("tbody a").first().click();
    const card = manager.locator("#people");
    await card.locator("summary").click();
    await card.getByLabel("增加一个会签人").check();
    await card.getByLabel("转给谁、增加谁").selectOption({ label: "测试丁（制证）" });
    await name(card);
    assert.match(await card.locator("#f-people-reason-error").innerText(), /请写明变更办理人的理由/);
    assert.equal(await card.getByLabel("增加一个会签人").isChecked(), true, "what was chosen stays");
    await axe(manager);
    await picture(manager, `people-${width}`);
    await card.getByLabel("理由").fill("案情复杂，两人会签");
    await name(card);
    assert.match(await main(manager), /审查增加会签人测试丁（没有这个岗位，经指定办理）[^]*案情复杂，两人会签/);

    const maker = await officer(await kit[width](), "maker");
    await office.handle(maker, number, "审查通过", "同意");
    assert.match(await main(maker), /审查：由“审查”岗位的测试乙办理/);
    await office.handle(await officer(await kit[width](), "reviewer"), number, "审查通过", "同意");
    await office.open(await officer(await kit[width](), "approver"), number);
  });
}

async function name(card) {
  const button = card.getByRole("button", { name: "变更办理人" });
  await button.evaluate((element) => { element.form.noValidate = true; });
  await button.click();
  await card.page().waitForLoadState();
}
