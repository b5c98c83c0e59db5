// ⌘K or Ctrl+K goes to the search box of the page.
export function watchKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
    const box = document.querySelector<HTMLInputElement>("[data-find]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}
