// A button that changes one part of a page changes only that part: what is typed elsewhere, focus and place stay.
const BESIDE = ["saved", "steps"];

const named = (root: ParentNode, name: string) => root.querySelector<HTMLElement>(`[data-part="${CSS.escape(name)}"]`);

/** Puts the part of an answered page in the place of the old one; false when the answer has no such part. */
export function takePart(html: string, name: string): boolean {
  const page = new DOMParser().parseFromString(html, "text/html");
  if (!named(page, name) || !named(document, name)) return false;
  for (const part of [name, ...BESIDE]) {
    const fresh = named(page, part);
    if (fresh) named(document, part)?.replaceWith(document.importNode(fresh, true));
  }
  document.dispatchEvent(new Event("tongban:swap"));
  const place = named(document, name);
  say(place?.querySelector(".tb-error")?.textContent?.trim() ?? "");
  place?.querySelector<HTMLElement>('input[type="file"], button')?.focus({ preventScroll: true });
  return true;
}

/** Tells people who do not see what has changed. */
export function say(words: string): void {
  let status = document.getElementById("tb-said");
  if (!status) {
    status = Object.assign(document.createElement("p"), { id: "tb-said", className: "tb-only-read" });
    status.setAttribute("role", "status");
    document.body.append(status);
  }
  status.textContent = words;
}

async function send(form: HTMLFormElement, button: HTMLElement | null, part: string): Promise<void> {
  const address = button?.getAttribute("formaction") ?? form.action;
  const asked = form.enctype === "multipart/form-data" ? new FormData(form, button) : new URLSearchParams([...new FormData(form, button)].map(([name, value]) => [name, String(value)]));
  const answer = await fetch(address, { method: "POST", body: asked });
  const html = await answer.text();
  if (takePart(html, part)) say("已删除");
  else location.assign(answer.redirected ? answer.url : location.href);
}

export function watchParts(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = event.submitter;
    const marked = button?.hasAttribute("data-in-place") || form.hasAttribute("data-in-place");
    const part = (button ?? form).closest<HTMLElement>("[data-part]")?.dataset.part;
    if (event.defaultPrevented || !marked || !part) return;
    event.preventDefault();
    send(form, button, part).catch(() => say("网络中断，没有删除，请再点一次"));
  });
}
