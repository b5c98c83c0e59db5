//! Records are chosen on a page as a person does: what is not listed is looked for in the box beside it.

use crate::form::Form;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::values::Values;

/// The page and its form after everything was looked for that it did not list. What can be filled in is filled in before
/// each search, which keeps it.
pub(crate) async fn listed(
    play: &mut Play<'_>,
    (mut page, mut form): (Page, Form),
    values: &Values,
    fits: impl Fn(&Form) -> bool,
) -> Result<(Page, Form), Why> {
    for (name, words) in &values.0 {
        for word in words {
            let sought = format!("_sought.{name}");
            if form.offers(name, word) || !form.has(&sought) {
                continue;
            }
            for (name, words) in &values.0 {
                let there = words.iter().filter(|word| form.offers(name, word));
                let there: Vec<String> = there.cloned().collect();
                if form.is_typed(name) || !there.is_empty() {
                    let words = if form.is_typed(name) { words } else { &there };
                    form.set(name, words)
                        .map_err(|told| Why::unseen(told, page.short()))?;
                }
            }
            form.set(&sought, std::slice::from_ref(word))
                .map_err(|told| Why::unseen(told, page.short()))?;
            page = play.press(&form, name).await?;
            let found = Form::find(&page, &fits);
            form = found.ok_or_else(|| Why::unseen("查找以后还能继续填写", page.short()))?;
        }
    }
    Ok((page, form))
}
