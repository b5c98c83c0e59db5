// A phrase is put where the cursor stands in the opinion; what was written stays.
export function watchPhrases(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-phrase-for]");
    const field = button && document.getElementById(button.dataset.phraseFor ?? "");
    if (!button || !(field instanceof HTMLTextAreaElement)) return;
    field.setRangeText(button.textContent?.trim() ?? "", field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
