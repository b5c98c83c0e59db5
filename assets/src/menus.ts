// Details elements used as menus close on a click outside and on Escape.
function closeMenus(except: Node | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.tb-menu[open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

export function watchMenus(): void {
  document.addEventListener("click", (event) => closeMenus(event.target as Node));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector<HTMLDetailsElement>("details.tb-menu[open]");
    closeMenus(null);
    open?.querySelector("summary")?.focus();
  });
}
