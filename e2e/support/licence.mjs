// A licence as its holder gets it: from the application to the downloaded files.
import { readFileSync } from "node:fs";
import * as application from "./application.mjs";
import * as office from "./office.mjs";
import { citizen, officer } from "./people.mjs";

const STEPS = [
  ["acceptor", "受理", ""],
  ["reviewer", "审查通过", "符合许可条件"],
  ["approver", "准予许可", "同意"],
  ["maker", "制证完成", ""],
];

/** Applies, lets the office decide, and downloads. Gives the files, what is on the face, and the case. */
export async function obtain(kit, login) {
  const page = await citizen(await kit.desktop(), login);
  const submitted = await application.apply(page);
  for (const [who, label, opinion] of STEPS) {
    await office.handle(await officer(await kit.desktop(), who), submitted.number, label, opinion);
  }
  // With its papers the case is closed, and the new licence in force.
  await page.goto(submitted.path);
  await office.eventually(page, page.locator("main .tb-badge", { hasText: "已办结" }));
  await page.goto("/me/licences");
  const row = page.getByRole("row", { name: /道路运输从业人员从业资格证/ }).filter({ hasText: "有效" });
  await row.getByRole("link", { name: /^查看/ }).click();
  await office.eventually(page, page.getByRole("link", { name: "下载证照（OFD）" }));
  const licence = await page.request.get(new URL(page.url()).pathname.replace("/me/", "/api/v1/"));
  const files = await downloads(page);
  return { submitted, face: await licence.json(), ofd: readFileSync(files.OFD), pdf: readFileSync(files.PDF) };
}

/** From the page of a licence: where its two files were put. */
export async function downloads(page) {
  const files = {};
  for (const kind of ["OFD", "PDF"]) {
    const waiting = page.waitForEvent("download");
    await page.getByRole("link", { name: `下载证照（${kind}）` }).click();
    files[kind] = await (await waiting).path();
  }
  return files;
}
