// Read aloud: in elder mode each block marked data-speak gets a button that reads it. Nothing is sent anywhere.
let speaking: HTMLButtonElement | null = null;

function words(button: HTMLButtonElement, text: string): void {
  const label = button.lastElementChild;
  if (label) label.textContent = text;
}

function stop(): void {
  speechSynthesis.cancel();
  if (speaking) words(speaking, "朗读");
  speaking = null;
}

function readable(block: HTMLElement): string {
  const copy = block.cloneNode(true) as HTMLElement;
  for (const silent of copy.querySelectorAll(".tb-speak, svg, script, [aria-hidden=true], [data-without-script], select, .tb-demo")) silent.remove();
  return (copy.textContent ?? "").replace(/\s+/g, "，");
}

function toggle(button: HTMLButtonElement): void {
  const same = speaking === button;
  stop();
  const block = button.closest<HTMLElement>("[data-speak]");
  if (same || !block) return;
  const speech = new SpeechSynthesisUtterance(readable(block));
  speech.lang = "zh-CN";
  speech.rate = 0.9;
  speech.addEventListener("end", stop);
  speaking = button;
  words(button, "停止朗读");
  speechSynthesis.speak(speech);
}

function addButtons(): void {
  const template = document.querySelector<HTMLTemplateElement>("#tb-speak-button");
  if (!template) return;
  // A page that marks nothing is read as a whole.
  const main = document.querySelector<HTMLElement>(".tb-portal .tb-main");
  if (main && !main.querySelector("[data-speak]")) main.dataset.speak = "";
  for (const block of document.querySelectorAll("[data-speak]:not(:has(.tb-speak))")) block.append(template.content.cloneNode(true));
}

export function watchSpeaking(): void {
  if (!("speechSynthesis" in window)) return;
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", addButtons);
  else addButtons();
  document.addEventListener("htmx:after:swap", addButtons);
  document.addEventListener("tongban:swap", addButtons);
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>(".tb-speak");
    if (button) toggle(button);
  });
  addEventListener("pagehide", () => speechSynthesis.cancel());
}
