// A second click sends nothing; a dangerous button asks first; leaving with unsaved changes asks too.
const sent = new WeakSet<HTMLFormElement>();

function busy(form: HTMLFormElement, button: HTMLElement | null): void {
  sent.add(form);
  form.setAttribute("aria-busy", "true");
  for (const other of form.querySelectorAll<HTMLButtonElement>('button[type="submit"], button:not([type])')) other.setAttribute("aria-disabled", "true");
  const words = button?.dataset.busy;
  if (button && words) button.textContent = words;
}

function release(form: HTMLFormElement): void {
  sent.delete(form);
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

export function watchSubmitting(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = event.submitter;
    const question = button?.dataset.confirm ?? form.dataset.confirm;
    if (sent.has(form) || (question && !confirm(question))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // A download leaves the page where it is, and a search may be sent again.
    if (form.method === "get" || form.target === "_blank" || form.hasAttribute("data-download")) return;
    // Later than the browser's reading of the form, so that the button's own value is still sent.
    setTimeout(() => {
      if (!event.defaultPrevented || form.matches("[hx-post], [hx-put], [hx-delete]")) busy(form, button);
    });
  }, true);
  document.addEventListener("htmx:after:request", (event) => {
    const form = (event.target as Element).closest?.("form");
    if (form) release(form);
  });
  // Back from the browser's cache of pages: the form may be sent once more.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[aria-busy]")) release(form as HTMLFormElement);
  });
}
