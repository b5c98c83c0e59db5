// What a page says, read when all of it has arrived.

export async function main(page) {
  await page.waitForLoadState();
  return page.locator("main").innerText();
}
