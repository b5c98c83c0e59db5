// What is typed into a form and not sent yet is kept in this tab: through an end of the session, a fault of the line, a
// closed page. It is given back to the same visitor only, and never holds passwords, codes or numbers of identity cards.
import { say } from "./parts";

interface Kept {
  /** Whose it is, as the page marks its visitor. */
  of: string;
  /** It was sent; whether it arrived, the next page tells. */
  sent: boolean;
  /** It did not arrive: given back at once. */
  lost?: boolean;
  values: [string, string[]][];
}

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const BEFORE = "tongban:";
const SECRET = /password|one-time-code/;
const SKIPPED = /^(hidden|file|password|submit|button|reset|image)$/;
const visitor = () => document.querySelector<HTMLMetaElement>('meta[name="tongban-visitor"]')?.content ?? "";

function controls(form: HTMLFormElement): Control[] {
  return [...form.elements].filter((found): found is Control => {
    if (!(found instanceof HTMLInputElement || found instanceof HTMLTextAreaElement || found instanceof HTMLSelectElement)) return false;
    return found.name !== "" && !SKIPPED.test(found.type) && !SECRET.test(found.autocomplete) && !found.hasAttribute("data-private");
  });
}

/** Only forms that change something, and none in which somebody proves who he is. */
function keeps(form: HTMLFormElement): boolean {
  return form.method === "post" && !form.hasAttribute("data-download") && !form.querySelector('input[type="password"], [autocomplete="one-time-code"]') && controls(form).length > 0;
}

function key(form: HTMLFormElement): string {
  const address = (one: HTMLFormElement) => new URL(one.getAttribute("action") || location.href, location.href).pathname;
  const alike = [...document.forms].filter((other) => other.method === "post" && address(other) === address(form));
  return `${BEFORE}${address(form)}#${alike.indexOf(form)}`;
}

function isChanged(control: Control): boolean {
  if (control instanceof HTMLSelectElement) {
    const options = [...control.options];
    const marked = options.some((option) => option.defaultSelected);
    return options.some((option, index) => option.selected !== (marked ? option.defaultSelected : index === 0));
  }
  if (control.type === "radio" || control.type === "checkbox") return (control as HTMLInputElement).checked !== (control as HTMLInputElement).defaultChecked;
  return control.value !== control.defaultValue;
}

function values(form: HTMLFormElement): Kept["values"] {
  const found = new Map<string, string[]>();
  for (const control of controls(form)) {
    const texts = found.get(control.name) ?? [];
    found.set(control.name, texts);
    if (control instanceof HTMLInputElement && /radio|checkbox/.test(control.type) && !control.checked) continue;
    texts.push(control.value);
  }
  return [...found];
}

const read = (name: string) => JSON.parse(sessionStorage.getItem(name) ?? "null") as Kept | null;
const write = (name: string, kept: Kept) => sessionStorage.setItem(name, JSON.stringify(kept));
const names = () => Object.keys(sessionStorage).filter((name) => name.startsWith(BEFORE));

function store(form: HTMLFormElement, sent: boolean): void {
  if (controls(form).some(isChanged)) write(key(form), { of: visitor(), sent, values: values(form) });
  else sessionStorage.removeItem(key(form));
}

function fill(form: HTMLFormElement, kept: Kept): void {
  const given = new Map(kept.values);
  for (const control of controls(form)) {
    const texts = given.get(control.name);
    if (!texts) continue;
    if (control instanceof HTMLInputElement && /radio|checkbox/.test(control.type)) control.checked = texts.includes(control.value);
    else control.value = texts.shift() ?? control.value;
    // What was typed lies open.
    if (isChanged(control)) for (let box = control.closest("details"); box; box = box.parentElement?.closest("details") ?? null) box.open = true;
  }
  document.dispatchEvent(new Event("tongban:filled"));
}

const differs = (form: HTMLFormElement, kept: Kept) => {
  const now = new Map(values(form));
  return kept.values.some(([name, texts]) => now.has(name) && JSON.stringify(now.get(name)) !== JSON.stringify(texts));
};

function giveBack(form: HTMLFormElement, kept: Kept): void {
  fill(form, kept);
  store(form, false);
}

function offer(form: HTMLFormElement, kept: Kept): void {
  const box = document.createElement("div");
  box.className = "tb-notice tb-tone-info tb-kept";
  box.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = kept.lost ? "刚才没有提交成功，您填写的内容已经填回来了，请核对后再提交。" : "您上次在这里填写的内容没有提交，还保存在这台设备上。";
  const bar = document.createElement("div");
  bar.className = "tb-bar";
  const act = (label: string, main: boolean, then: () => void) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: main ? "btn btn-primary" : "btn", textContent: label });
    button.addEventListener("click", () => {
      box.remove();
      then();
    });
    bar.append(button);
  };
  if (!kept.lost) {
    act("填回来", true, () => {
      giveBack(form, kept);
      say("已填回上次的内容");
    });
  }
  act("不要了", false, () => {
    form.reset();
    sessionStorage.removeItem(key(form));
    document.dispatchEvent(new Event("tongban:filled"));
  });
  box.append(words, bar);
  form.before(box);
}

/** What was sent has arrived, unless this page says otherwise. */
function settleSent(): void {
  const failed = document.querySelector("[data-problem]") !== null || /^\/(login|register)/.test(location.pathname);
  for (const name of names()) {
    const kept = read(name);
    if (kept?.sent && failed) write(name, { ...kept, sent: false, lost: true });
    else if (kept?.sent || (kept && visitor() && kept.of !== visitor())) sessionStorage.removeItem(name);
  }
}

function begin(): void {
  settleSent();
  if (!visitor()) return;
  for (const form of document.forms) {
    const kept = keeps(form) ? read(key(form)) : null;
    if (!kept || !differs(form, kept)) continue;
    offer(form, kept);
    if (kept.lost) giveBack(form, kept);
  }
}

export function watchKeeping(): void {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
  let leaving = false;
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      const form = (event.target as HTMLInputElement).form;
      if (form && visitor() && keeps(form)) store(form, false);
    });
  }
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented) return;
    leaving = form.target !== "_blank" && !form.hasAttribute("data-download");
    if (form.getAttribute("action") === "/logout") for (const name of names()) sessionStorage.removeItem(name);
    else if (visitor() && keeps(form)) store(form, true);
  });
  addEventListener("pageshow", () => {
    leaving = false;
  });
  addEventListener("beforeunload", (event) => {
    const isOpen = (form: HTMLFormElement) => keeps(form) && controls(form).some((control) => isChanged(control) && !control.matches(":disabled"));
    if (!leaving && visitor() && [...document.forms].some(isOpen)) event.preventDefault();
  });
}
