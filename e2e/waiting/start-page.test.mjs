// The first page that anyone sees.
import assert from "node:assert/strict";
import { journey } from "../support/journey.mjs";

journey("the start page names the service and is usable on desk and phone", async ({ desktop, phone, axe, picture }) => {
  for (const [name, open] of Object.entries({ desktop, phone })) {
    const page = await open();
    const answer = await page.goto("/");
    assert.equal(answer.status(), 200);
    assert.match(await page.title(), /通办/);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await axe(page);
    await picture(page, `start-${name}`);
  }
});
