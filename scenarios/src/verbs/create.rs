//! `create`: a new record of a register.

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
pub(super) struct Create {
    /// The register's code.
    create: String,
    fill: Values,
}

#[async_trait]
impl Verb for Create {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let page = play
            .get(&format!("/workbench/registers/{}/new", self.create))
            .await?;
        if page.is_refusal() {
            return Ok(page);
        }
        save(play, page, &self.fill).await
    }
}

/// Fills in the form of a record and saves it.
pub(super) async fn save(play: &mut Play<'_>, page: Page, fill: &Values) -> Result<Page, Why> {
    let Some(mut form) = Form::find(&page, |form| form.has_button("保存")) else {
        return Err(Why::unseen("能保存记录", page.short()));
    };
    play.set(&mut form, fill, &page)?;
    play.press(&form, "保存").await
}
