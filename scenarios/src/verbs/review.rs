//! `review`: the applicant rates a case that is finished.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::form::Form;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::values::{Texts, Values};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Review {
    /// 1 is very satisfied, 5 very dissatisfied.
    review: u8,
    #[serde(default)]
    tags: Texts,
    words: Option<String>,
}

#[async_trait]
impl Verb for Review {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let path = format!("/me/cases/{}/review?level={}", play.case()?.id, self.review);
        let page = play.get(&path).await?;
        if page.is_refusal() {
            return Ok(page);
        }
        let Some(mut form) = Form::find(&page, |form| form.id == "say") else {
            return Err(Why::unseen(
                format!("能评 {} 级", self.review),
                page.short(),
            ));
        };
        let mut values = Values::default();
        if !self.tags.0.is_empty() {
            values.0.push(("tags".to_owned(), self.tags.0.clone()));
        }
        values.0.extend(
            self.words
                .iter()
                .map(|words| ("words".to_owned(), vec![words.clone()])),
        );
        play.set(&mut form, &values, &page)?;
        play.press(&form, "提交评价").await
    }
}
