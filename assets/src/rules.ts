// Fields appear when what is filled in calls for them, by the rules that the page carries. The server judges what is sent.
type Rule = [string, ...unknown[]];
type Typed = (name: string, kind: string) => unknown;

/** What is not known is null and passes through, as on the server. */
function evaluate(rule: Rule, typed: Typed, items: unknown[]): unknown {
  const [word, ...parts] = rule;
  const part = (index: number) => evaluate(parts[index] as Rule, typed, items);
  switch (word) {
    case "is": return parts[0];
    case "field": return typed(parts[0] as string, parts[1] as string);
    case "item": return items[parts[0] as number] ?? null;
    case "has": return part(0) !== null;
    case "list": return parts.map((_, index) => part(index));
    case "!": return negated(part(0));
    case "&&": return settled([part(0), part(1)], false);
    case "||": return settled([part(0), part(1)], true);
    case "?": return part(0) === true ? part(1) : part(2);
    case "all": case "exists": return each(word === "exists", part(0), (item) => evaluate(parts[1] as Rule, typed, [...items, item]));
    default: return compared(word, part(0), part(1));
  }
}

const negated = (value: unknown) => (value === null ? null : !value);

/** `decisive` is what settles the answer alone. */
function settled(values: unknown[], decisive: boolean): unknown {
  if (values.includes(decisive)) return decisive;
  return values.includes(null) ? null : !decisive;
}

function each(decisive: boolean, list: unknown, test: (item: unknown) => unknown): unknown {
  return Array.isArray(list) ? settled(list.map(test), decisive) : null;
}

const equal = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

function compared(word: string, a: unknown, b: unknown): unknown {
  if (word === "==") return equal(a, b);
  if (word === "!=") return !equal(a, b);
  if (word === "in") return Array.isArray(b) ? b.some((item) => equal(a, item)) : null;
  if (a === null || b === null) return null;
  const [x, y] = [a as string | number, b as string | number];
  return { "<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y }[word] ?? null;
}

function reader(form: HTMLFormElement): Typed {
  return (name, kind) => {
    const controls = [...form.querySelectorAll<HTMLInputElement>(`[name="${CSS.escape(name)}"]:not(:disabled)`)];
    const chosen = controls.filter((control) => !/radio|checkbox/.test(control.type) || control.checked);
    const texts = chosen.map((control) => control.value.trim()).filter(Boolean);
    const text = texts.at(-1);
    if (text === undefined) return null;
    if (kind === "list") return texts;
    if (kind === "flag") return text === "true";
    if (kind === "number") return Number.isFinite(Number(text)) ? Number(text) : null;
    return text;
  };
}

const meets = (rule: string | undefined, typed: Typed) => evaluate(JSON.parse(rule ?? "[]") as Rule, typed, []) === true;

/** The titles of the fields that have come to light. */
function settle(form: HTMLFormElement): string[] {
  const typed = reader(form);
  const appeared: string[] = [];
  for (const field of form.querySelectorAll<HTMLFieldSetElement>("[data-visible-when]")) {
    const shown = meets(field.dataset.visibleWhen, typed);
    if (shown !== field.hidden) continue;
    field.hidden = field.disabled = !shown;
    const why = field.querySelector<HTMLElement>("[data-appeared]");
    if (why) why.hidden = !shown;
    const title = field.querySelector(".form-label")?.firstChild?.textContent?.trim();
    if (shown && title) appeared.push(title);
  }
  for (const field of form.querySelectorAll<HTMLElement>("[data-required-when]")) {
    const need = field.querySelector("[data-need]");
    if (need) need.textContent = meets(field.dataset.requiredWhen, typed) ? "必填" : "选填";
  }
  return appeared;
}

function announce(form: HTMLFormElement, titles: string[]): void {
  let status = form.querySelector<HTMLElement>("[data-rules-status]");
  if (!status) {
    status = Object.assign(document.createElement("p"), { className: "tb-only-read" });
    status.dataset.rulesStatus = "";
    status.setAttribute("role", "status");
    form.append(status);
  }
  status.textContent = titles.length ? `按照您填写的内容，下面还有：${titles.join("、")}` : "";
}

const ruled = "form:has([data-visible-when], [data-required-when])";

export function watchRules(): void {
  const all = () => {
    for (const form of document.querySelectorAll<HTMLFormElement>(ruled)) settle(form);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
  else all();
  addEventListener("pageshow", all);
  document.addEventListener("tongban:filled", all);
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      const form = (event.target as HTMLInputElement).form;
      if (!form?.matches(ruled)) return;
      const appeared = settle(form);
      if (appeared.length || event.type === "change") announce(form, appeared);
    });
  }
}
