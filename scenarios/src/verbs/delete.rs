//! `delete`: one record of a register, with a reason.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::form::Form;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::sights::register;
use crate::values::Values;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delete {
    /// The register's code.
    delete: String,
    /// By which the list is narrowed to one record.
    #[serde(rename = "where")]
    which: Values,
    reason: String,
}

#[async_trait]
impl Verb for Delete {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let record = register::only(play, &self.delete, &self.which).await?;
        let page = play.get(&record).await?;
        let Some(mut form) = Form::find(&page, |form| form.action.ends_with("/delete")) else {
            return Err(Why::unseen("能删除这条记录", page.short()));
        };
        let reason = play.fill(&self.reason)?;
        form.set("reason", &[reason]).map_err(Why::Broken)?;
        play.press(&form, "删除").await
    }
}
