// Files dropped on an upload are put into its file field; sending them shows how far it is and changes only its part of the page.
import { say, takePart } from "./parts";

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
    for (const old of zone.querySelectorAll(".tb-error")) old.remove();
    const words = tooLarge(field);
    if (words) fail(zone, words);
    else if (zone.hasAttribute("data-send-at-once") && field.files?.length) send(form, zone, field);
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

function send(form: HTMLFormElement, zone: HTMLElement, field: HTMLInputElement): void {
  const bar = document.createElement("progress");
  const words = document.createElement("span");
  bar.max = 100;
  bar.setAttribute("aria-label", "上传进度");
  words.setAttribute("role", "status");
  zone.append(bar, words);
  const request = new XMLHttpRequest();
  request.open("POST", zone.dataset.sendAtOnce || form.action);
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = (100 * event.loaded) / event.total;
    words.textContent = `已上传 ${Math.floor(bar.value)}%`;
  });
  const done = () => {
    bar.remove();
    words.remove();
  };
  request.addEventListener("load", () => {
    done();
    arrived(request, zone);
  });
  request.addEventListener("error", () => {
    done();
    fail(zone, "网络中断，文件没有传完，请重新选择");
  });
  const body = new FormData(form);
  // Other files of the form have a button of their own.
  for (const other of form.querySelectorAll<HTMLInputElement>('input[type="file"]')) {
    if (other !== field) body.delete(other.name);
  }
  request.send(body);
}

/** The server answers as it answers a form without a script: with a page, or with an address to go to. */
function arrived(request: XMLHttpRequest, zone: HTMLElement): void {
  const part = zone.closest<HTMLElement>("[data-part]")?.dataset.part;
  const taken = part !== undefined && takePart(request.responseText, part);
  if (taken && request.status < 400) say("文件已上传");
  if (taken) return;
  if (request.status < 400) location.assign(request.responseURL || location.href);
  else fail(zone, reason(request.responseText, zone));
}

/** The page that was answered says beside this field what is wrong with the file. */
function reason(page: string, zone: HTMLElement): string {
  const field = zone.querySelector('input[type="file"]');
  const said = new DOMParser().parseFromString(page, "text/html").getElementById(`${field?.id}-error`);
  return said?.textContent?.trim() || "上传没有成功，请检查文件后重试";
}

function fail(zone: HTMLElement, message: string): void {
  const words = document.createElement("p");
  words.textContent = message;
  words.className = "tb-error";
  words.setAttribute("role", "alert");
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
  document.addEventListener("tongban:swap", all);
}
