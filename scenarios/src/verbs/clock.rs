//! The form by which an officer stops, resumes and prolongs the clock of a case; for the verbs that press it.

use crate::form::Form;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::values::Values;

/// Opens the case, fills in the form that has this button, and presses it.
pub(super) async fn change(
    play: &mut Play<'_>,
    button: &str,
    fields: &[(&str, String)],
) -> Result<Page, Why> {
    let case = format!("/workbench/cases/{}", play.case()?.id);
    let page = play.get(&case).await?;
    if page.is_refusal() {
        return Ok(page);
    }
    let Some(mut form) = Form::find(&page, |form| form.has_button(button)) else {
        return Err(Why::unseen(format!("可以按“{button}”"), page.short()));
    };
    let named = fields
        .iter()
        .map(|(name, text)| ((*name).to_owned(), vec![text.clone()]));
    play.set(&mut form, &Values(named.collect()), &page)?;
    play.press(&form, button).await
}
