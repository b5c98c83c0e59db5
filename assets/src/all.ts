// A box that ticks all boxes of a name on the page, and shows when some are left out.
export function watchAll(): void {
  for (const all of document.querySelectorAll<HTMLInputElement>("input[data-all]")) {
    const boxes = () => [...document.querySelectorAll<HTMLInputElement>(`input[type=checkbox][name="${all.dataset["all"] ?? ""}"]`)];
    const look = () => {
      const ticked = boxes().filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes().length;
      all.indeterminate = ticked > 0 && !all.checked;
    };
    all.addEventListener("change", () => {
      for (const box of boxes()) box.checked = all.checked;
    });
    for (const box of boxes()) box.addEventListener("change", look);
    look();
  }
}
