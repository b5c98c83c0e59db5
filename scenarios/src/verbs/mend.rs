//! `mend`: the applicant corrects what was asked for and hands it in again.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use super::files::{check_kinds, hand_in};
use crate::choosing::listed;
use crate::form::Form;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::values::Values;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mend {
    /// The fields with what stands in them now; may be empty.
    mend: Values,
    #[serde(default)]
    files: Values,
}

#[async_trait]
impl Verb for Mend {
    fn check(&self) -> Result<(), String> {
        check_kinds(&self.files)
    }

    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let path = format!("{}/{}/correction", play.own_cases(), play.case()?.id);
        let page = play.get(&path).await?;
        if page.is_refusal() {
            return Ok(page);
        }
        let (page, missing) = hand_in(play, page, &self.files).await?;
        if page.is_refusal() {
            return Ok(page);
        }
        if let Some((material, _)) = missing.0.first() {
            return Err(Why::unseen(format!("要重新上传 {material}"), page.short()));
        }
        let fits = |form: &Form| form.action == path;
        let Some(form) = Form::find(&page, fits) else {
            return Err(Why::unseen("能提交补正", page.short()));
        };
        let (page, mut form) = listed(play, (page, form), &self.mend, fits).await?;
        play.set(&mut form, &self.mend, &page)?;
        play.press(&form, "提交补正").await
    }
}
