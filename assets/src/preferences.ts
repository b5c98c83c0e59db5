// Elder mode and theme without a reload. The link behind each button does the same on the server.
const year = 365 * 24 * 3600;

function keep(name: string, value: string): void {
  const encrypted = location.protocol === "https:";
  const prefix = encrypted ? "__Host-" : "";
  const secure = encrypted ? "; secure" : "";
  document.cookie = `${prefix}tongban_${name}=${value}; path=/; max-age=${year}; samesite=lax${secure}`;
}

function toggleMode(): void {
  const elder = document.documentElement.dataset.mode !== "elder";
  if (elder) document.documentElement.dataset.mode = "elder";
  else {
    delete document.documentElement.dataset.mode;
    speechSynthesis?.cancel();
  }
  keep("mode", elder ? "elder" : "standard");
  document.dispatchEvent(new Event("tongban:mode"));
  for (const button of document.querySelectorAll<HTMLElement>('[data-preference="mode"]')) {
    const label = button.querySelector("[data-label]");
    if (label) label.textContent = elder ? "标准版" : "长辈版";
    button.setAttribute("href", (button.getAttribute("href") ?? "").replace(/mode=\w+/, `mode=${elder ? "standard" : "elder"}`));
  }
}

function toggleTheme(): void {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  keep("theme", root.dataset.theme);
}

export function watchPreferences(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-preference]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.preference === "mode") toggleMode();
    else toggleTheme();
  });
}
