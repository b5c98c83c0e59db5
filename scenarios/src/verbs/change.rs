//! `change`: other values in one record of a register.

use async_trait::async_trait;
use serde::Deserialize;

use super::files::check_kinds;
use super::{Verb, create};
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::sights::register;
use crate::values::Values;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// The register's code.
    change: String,
    /// By which the list is narrowed to one record.
    #[serde(rename = "where")]
    which: Values,
    fill: Values,
    /// Of its fields that are files.
    #[serde(default)]
    files: Values,
}

#[async_trait]
impl Verb for Change {
    fn check(&self) -> Result<(), String> {
        check_kinds(&self.files)
    }

    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let record = register::only(play, &self.change, &self.which).await?;
        let page = play.get(&format!("{record}/change")).await?;
        if page.is_refusal() {
            return Ok(page);
        }
        create::save(play, page, (&self.fill, &self.files)).await
    }
}
