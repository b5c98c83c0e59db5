// Whoever is told of faults is led to them: the summary has the focus, and nothing that matters stays folded away.
function unfold(place: Element | null): void {
  for (let box = place?.closest("details"); box; box = box.parentElement?.closest("details")) box.open = true;
}

function lead(): void {
  // What is missing is told in the page, by the server: not in a bubble that fades.
  for (const form of document.forms) form.noValidate = true;
  for (const fault of document.querySelectorAll('[aria-invalid="true"], .tb-error')) unfold(fault);
  const summary = document.querySelector<HTMLElement>("#errors");
  if (summary) return summary.focus();
  // Led to a field that has just appeared.
  const place = location.hash.startsWith("#field-") && document.getElementById(location.hash.slice(1));
  if (place) place.focus();
}

/** Fields in which something was written and that are folded away. */
function folded(form: HTMLFormElement): HTMLElement | undefined {
  const texts = form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("details:not([open]) :is(textarea, input[type=text])");
  return [...texts].find((field) => field.value.trim() !== "" && field.value !== field.defaultValue);
}

export function watchFaults(): void {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", lead);
  else lead();
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("#errors a[href^='#']");
    const place = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!place) return;
    unfold(place);
    place.focus();
  });
  // What was written and cannot be seen is shown before it is sent.
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const hidden = folded(form);
    if (!hidden || event.defaultPrevented) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    unfold(hidden);
    tell(hidden);
    hidden.scrollIntoView({ block: "center" });
    hidden.focus({ preventScroll: true });
  }, true);
}

// Why nothing was sent yet, beside what it is about.
function tell(field: HTMLElement): void {
  const id = `${field.id || "folded"}-seen`;
  if (document.getElementById(id)) return;
  const words = document.createElement("p");
  words.id = id;
  words.className = "tb-error";
  words.setAttribute("role", "alert");
  words.textContent = "还没有提交：这里写的内容也会一起提交，请看一下再点一次";
  field.after(words);
}
