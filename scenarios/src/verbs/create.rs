//! `create`: a new record of a register.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use super::files::check_kinds;
use crate::fixture::File;
use crate::form::Form;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::values::Values;
use crate::visitor::Sent;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Create {
    /// The register's code.
    create: String,
    fill: Values,
    /// Of its fields that are files.
    #[serde(default)]
    files: Values,
}

#[async_trait]
impl Verb for Create {
    fn check(&self) -> Result<(), String> {
        check_kinds(&self.files)
    }

    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let page = play
            .get(&format!("/workbench/registers/{}/new", self.create))
            .await?;
        if page.is_refusal() {
            return Ok(page);
        }
        save(play, page, (&self.fill, &self.files)).await
    }
}

/// Fills in the form of a record and saves it, with its files.
pub(super) async fn save(
    play: &mut Play<'_>,
    page: Page,
    (fill, files): (&Values, &Values),
) -> Result<Page, Why> {
    let Some(mut form) = Form::find(&page, |form| form.has_button("保存")) else {
        return Err(Why::unseen("能保存记录", page.short()));
    };
    play.set(&mut form, fill, &page)?;
    if files.0.is_empty() {
        return play.press(&form, "保存").await;
    }
    let mut sent = Vec::new();
    for (field, kinds) in &files.0 {
        let place = format!("input[type=file][name='{field}']");
        if page.all(&place).is_empty() {
            return Err(Why::unseen(format!("能上传“{field}”"), page.short()));
        }
        let of_field = kinds.iter().filter_map(|kind| File::of(kind));
        sent.extend(of_field.map(|file| (field.as_str(), file)));
    }
    let sent = Sent::files(&form.pressed("保存"), &sent);
    play.visit(&form.action, Some(sent)).await
}
