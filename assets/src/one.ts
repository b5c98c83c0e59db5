// In elder mode a form asks one question at a time. All of it is sent at the end, and the server says what is missing.
import { say } from "./parts";

const QUESTIONS = ":scope > [data-field]:not(:has(dd)), :scope > .form-conditional:not([hidden]), :scope > fieldset.tb-field";
const isElder = () => document.documentElement.dataset.mode === "elder";

class OneByOne {
  private at = 0;
  private readonly bar: HTMLElement;
  private readonly words = Object.assign(document.createElement("p"), { className: "tb-one-count" });
  private readonly steps = Object.assign(document.createElement("div"), { className: "tb-bar tb-one-bar" });

  constructor(private readonly form: HTMLFormElement, bar: HTMLElement) {
    this.bar = bar;
    this.button("上一题", -1, "btn");
    this.button("下一题", 1, "btn btn-primary");
    form.insertBefore(this.words, form.firstElementChild);
    bar.before(this.steps);
    const wrong = this.questions().findIndex((question) => question.querySelector('[aria-invalid="true"], .tb-error'));
    this.at = Math.max(0, wrong);
    // The return key goes on to the next question, and sends with the last.
    form.addEventListener("submit", (event) => {
      if (!isElder() || event.submitter?.getAttribute("value") !== "next" || this.at >= this.questions().length - 1) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      this.go(1);
    }, true);
    // A fault leads to its question.
    document.addEventListener("click", (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>("#errors a[href^='#']");
      const place = link && document.getElementById(link.hash.slice(1));
      const found = place ? this.questions().findIndex((question) => question.contains(place)) : -1;
      if (found >= 0) this.at = found;
      this.show();
    }, true);
    this.show();
  }

  private questions(): HTMLElement[] {
    return [...this.form.querySelectorAll<HTMLElement>(QUESTIONS)];
  }

  private button(label: string, by: number, className: string): void {
    const button = Object.assign(document.createElement("button"), { type: "button", className, textContent: label });
    button.dataset.by = String(by);
    button.addEventListener("click", () => this.go(by));
    this.steps.append(button);
  }

  private go(by: number): void {
    this.at = Math.min(Math.max(0, this.at + by), this.questions().length - 1);
    this.show();
    const question = this.questions()[this.at];
    question?.querySelector<HTMLElement>("input:not([type=hidden]), textarea, select")?.focus();
    say(this.words.textContent ?? "");
  }

  show(): void {
    const questions = this.questions();
    const alone = !isElder() || questions.length < 2;
    questions.forEach((question, index) => question.classList.toggle("tb-one-other", !alone && index !== this.at));
    const last = this.at >= questions.length - 1;
    this.words.hidden = this.steps.hidden = alone;
    this.words.textContent = `第 ${this.at + 1} 题，共 ${questions.length} 题`;
    for (const button of this.steps.querySelectorAll<HTMLElement>("button")) button.hidden = button.dataset.by === "1" ? last : this.at === 0;
    this.bar.classList.toggle("tb-one-other", !alone && !last);
  }
}

export function watchOneByOne(): void {
  const all: OneByOne[] = [];
  const begin = () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-one-by-one]")) {
      const bar = form.querySelector<HTMLElement>(":scope > .tb-bar");
      if (bar) all.push(new OneByOne(form, bar));
    }
  };
  const again = () => all.forEach((one) => one.show());
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
  for (const kind of ["change", "input", "tongban:filled", "tongban:mode"]) document.addEventListener(kind, again);
}
