// Files dropped on an upload are put into its file field; sending them shows how far it is.
function watch(zone: HTMLElement): void {
  const field = zone.querySelector<HTMLInputElement>('input[type="file"]');
  const form = zone.closest("form");
  if (!field || !form) return;
  const over = (on: boolean) => zone.classList.toggle("tb-drop-over", on);
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  zone.addEventListener("dragleave", () => over(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (!event.dataTransfer?.files.length) return;
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  const chosen = () => {
    const words = tooLarge(field);
    field.setCustomValidity(words);
    if (words) field.reportValidity();
    else if (zone.hasAttribute("data-send-at-once") && field.files?.length) send(form, zone);
  };
  field.addEventListener("change", chosen);
  // On a slow line people choose before this script has come.
  if (field.files?.length) chosen();
}

function tooLarge(field: HTMLInputElement): string {
  const limit = Number(field.dataset.maxMegabytes ?? 0);
  const large = limit && [...(field.files ?? [])].find((file) => file.size > limit * 1024 * 1024);
  return large ? `文件“${large.name}”超过 ${limit} MB，请压缩后重新选择` : "";
}

function send(form: HTMLFormElement, zone: HTMLElement): void {
  for (const old of zone.querySelectorAll(".tb-error")) old.remove();
  const bar = document.createElement("progress");
  const words = document.createElement("span");
  bar.max = 100;
  bar.setAttribute("aria-label", "上传进度");
  words.setAttribute("role", "status");
  zone.append(bar, words);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = (100 * event.loaded) / event.total;
    words.textContent = `已上传 ${Math.floor(bar.value)}%`;
  });
  request.addEventListener("load", () => {
    // The server answers as it answers a form without a script: with a page, or with an address to go to.
    if (request.status < 400) location.assign(request.responseURL || location.href);
    else fail(zone, bar, words, reason(request.responseText, zone));
  });
  request.addEventListener("error", () => fail(zone, bar, words, "网络中断，文件没有传完，请重新选择"));
  request.send(new FormData(form));
}

/** The page that was answered says beside this field what is wrong with the file. */
function reason(page: string, zone: HTMLElement): string {
  const field = zone.querySelector('input[type="file"]');
  const said = new DOMParser().parseFromString(page, "text/html").getElementById(`${field?.id}-error`);
  return said?.textContent?.trim() || "上传没有成功，请检查文件后重试";
}

function fail(zone: HTMLElement, bar: HTMLElement, words: HTMLElement, message: string): void {
  bar.remove();
  words.textContent = message;
  words.className = "tb-error";
  // Choosing the same file again, mended, counts as a change too.
  const field = zone.querySelector<HTMLInputElement>('input[type="file"]');
  if (field) field.value = "";
  zone.append(words);
}

export function watchDropzones(): void {
  const watched = new WeakSet<Element>();
  const all = () => {
    for (const zone of document.querySelectorAll<HTMLElement>("[data-dropzone]")) {
      if (!watched.has(zone)) watch(zone);
      watched.add(zone);
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
  else all();
  document.addEventListener("htmx:after:swap", all);
}
