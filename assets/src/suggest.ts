// While somebody types into a search field, what may be meant stands below it: a list box, by arrow keys or by touch.
// Without a script the field sends what was typed, as it does with Enter.
type Suggestion = { title: string; href: string };

const PAUSE = 150;
let count = 0;

class Suggestions {
  private list = document.createElement("ul");
  private asked = 0;
  private timer = 0;
  private active = -1;

  constructor(private field: HTMLInputElement, private address: string) {
    this.list.id = `tb-suggest-${++count}`;
    this.list.className = "tb-suggest";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "您可能要找");
    this.list.hidden = true;
    field.after(this.list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", this.list.id], ["aria-expanded", "false"], ["autocomplete", "off"]] as const) field.setAttribute(name, value);
    field.addEventListener("input", () => this.wait());
    field.addEventListener("keydown", (event) => this.press(event));
    field.addEventListener("blur", () => setTimeout(() => this.show([]), 200));
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.ask(), PAUSE);
  }

  private async ask(): Promise<void> {
    const mine = ++this.asked;
    const typed = this.field.value.trim();
    const found = typed ? await this.found(typed) : [];
    if (mine === this.asked && document.activeElement === this.field) this.show(found);
  }

  private async found(typed: string): Promise<Suggestion[]> {
    try {
      const answer = await fetch(`${this.address}?q=${encodeURIComponent(typed)}`, { headers: { accept: "application/json" } });
      return answer.ok ? (await answer.json()).suggestions : [];
    } catch {
      return [];
    }
  }

  private show(found: Suggestion[]): void {
    this.active = -1;
    this.field.removeAttribute("aria-activedescendant");
    this.list.replaceChildren(...found.map((one, at) => this.line(one, at)));
    this.list.hidden = found.length === 0;
    this.field.setAttribute("aria-expanded", String(found.length > 0));
  }

  private line(one: Suggestion, at: number): HTMLElement {
    const line = document.createElement("li");
    line.id = `${this.list.id}-${at}`;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", "false");
    line.dataset.href = one.href;
    line.textContent = one.title;
    line.addEventListener("pointerdown", (event) => event.preventDefault());
    line.addEventListener("click", () => location.assign(one.href));
    return line;
  }

  private press(event: KeyboardEvent): void {
    const lines = [...this.list.children] as HTMLElement[];
    if (event.key === "Escape") this.show([]);
    if (event.isComposing || lines.length === 0) return;
    if (event.key === "Enter" && this.active >= 0) {
      event.preventDefault();
      location.assign(lines[this.active].dataset.href ?? "");
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    this.active = (this.active + step + lines.length + (this.active < 0 && step < 0 ? 1 : 0)) % lines.length;
    for (const [at, line] of lines.entries()) line.setAttribute("aria-selected", String(at === this.active));
    this.field.setAttribute("aria-activedescendant", lines[this.active].id);
  }
}

export function watchSuggestions(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>("[data-suggest]")) new Suggestions(field, field.dataset.suggest ?? "");
}
