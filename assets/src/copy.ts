// The button beside a number that people must copy.
async function copy(button: HTMLElement): Promise<void> {
  await navigator.clipboard.writeText(button.dataset.copy ?? "");
  const words = button.querySelector<HTMLElement>("[data-label]") ?? button;
  const before = words.textContent;
  words.textContent = "已复制";
  setTimeout(() => {
    words.textContent = before;
  }, 2500);
}

export function watchCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    if (button) void copy(button);
  });
}
