// A phrase is put where the cursor stands in the opinion; what was written stays, and sentences stand apart.
const ends = /[。；！？，：、;.,\n]$/;

function apart(before: string, phrase: string): string {
  return before.trim() === "" || ends.test(before) ? phrase : `；${phrase}`;
}

export function watchPhrases(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-phrase-for]");
    const field = button && document.getElementById(button.dataset.phraseFor ?? "");
    if (!button || !(field instanceof HTMLTextAreaElement)) return;
    const before = field.value.slice(0, field.selectionStart);
    field.setRangeText(apart(before, button.textContent?.trim() ?? ""), field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
