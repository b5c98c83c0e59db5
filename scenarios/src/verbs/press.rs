//! `press`: a button of the page that was shown last, or of the one at an address, after its form was filled in.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::form::Form;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::values::Values;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Press {
    /// The button: its words or its value.
    press: String,
    /// The address of the page.
    page: Option<String>,
    #[serde(default)]
    fill: Values,
}

#[async_trait]
impl Verb for Press {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let page = match &self.page {
            Some(path) => {
                let path = play.fill(path)?;
                play.get(&path).await?
            }
            None => play.page.clone(),
        };
        if page.is_refusal() {
            return Ok(page);
        }
        let Some(mut form) = Form::find(&page, |form| form.has_button(&self.press)) else {
            return Err(Why::unseen(format!("有按钮“{}”", self.press), page.short()));
        };
        play.set(&mut form, &self.fill, &page)?;
        play.press(&form, &self.press).await
    }
}
