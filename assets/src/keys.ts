// The keys of whoever works all day. ⌘K or Ctrl+K and / go to a search box, j and k to the next and the former line of a
// list or case, ] and [ to the next and the former file, a number to a decision, ? tells of them. While somebody types
// they are letters; whoever speaks to the machine can do without them.
const OFF = "tb-keys-off";
const LINE = "tr[data-row] .tb-cell-main a";

export function watchKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey)) {
      if (find()) event.preventDefault();
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
    if (pressed(event.key)) event.preventDefault();
  });
}

// Only pages of the office have them: elsewhere nobody learns keys, and a screen reader has its own.
function pressed(key: string): boolean {
  if (!document.querySelector(".tb-workbench")) return false;
  if (key === "?") return tell();
  if (localStorage.getItem(OFF) !== null) return false;
  if (key === "/") return find();
  if (key === "j") return move(1) || follow('[data-beside="behind"]');
  if (key === "k") return move(-1) || follow('[data-beside="before"]');
  if (key === "]") return follow("[data-file-on]");
  if (key === "[") return follow("[data-file-back]");
  if (/^[1-9]$/.test(key)) return decide(key);
  return false;
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}

function find(): boolean {
  const box = document.querySelector<HTMLInputElement>("[data-find]") ?? document.querySelector<HTMLInputElement>(".tb-filters input[name=q]");
  if (!box) return false;
  box.focus();
  box.select();
  return true;
}

function move(by: number): boolean {
  const lines = [...document.querySelectorAll<HTMLElement>(LINE)];
  if (lines.length === 0) return false;
  const at = lines.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (by > 0 ? 0 : lines.length - 1) : Math.min(Math.max(at + by, 0), lines.length - 1);
  lines[next]?.focus();
  lines[next]?.closest("tr")?.scrollIntoView({ block: "nearest" });
  return true;
}

function follow(selector: string): boolean {
  const link = document.querySelector<HTMLElement>(selector);
  link?.click();
  return link !== null;
}

// A number chooses a decision; what is not asked about by itself is asked here.
function decide(key: string): boolean {
  const button = document.querySelector<HTMLButtonElement>(`button[data-key="${key}"]`);
  if (!button || button.disabled) return false;
  button.focus();
  const asks = button.name === "ask";
  if (asks || window.confirm(`确定“${button.textContent?.trim() ?? ""}”？`)) button.click();
  return true;
}

function tell(): boolean {
  const dialog = document.querySelector<HTMLDialogElement>("#keys");
  if (!dialog) return false;
  const on = dialog.querySelector<HTMLInputElement>("input[type=checkbox]");
  if (on) {
    on.checked = localStorage.getItem(OFF) === null;
    on.onchange = () => (on.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1"));
  }
  if (dialog.open) dialog.close();
  else dialog.showModal();
  return true;
}
