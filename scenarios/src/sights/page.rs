//! `page`: what can be read at an address, on the whole page or in a part of it.

use async_trait::async_trait;
use serde::Deserialize;

use super::Sight;
use crate::page::{Page, folded};
use crate::play::Play;
use crate::report::Why;
use crate::values::Texts;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageSays {
    /// The address; empty for the page that was shown last.
    page: String,
    /// A part of the page, by CSS selection.
    part: Option<String>,
    #[serde(default)]
    holds: Texts,
    #[serde(default)]
    lacks: Texts,
    /// How many such parts there are.
    count: Option<usize>,
}

#[async_trait]
impl Sight for PageSays {
    fn check(&self) -> Result<(), String> {
        if self.holds.0.is_empty() && self.lacks.0.is_empty() && self.count.is_none() {
            return Err("page 没有写要看什么：holds、lacks 或者 count".to_owned());
        }
        match (&self.part, self.count) {
            (None, Some(_)) => Err("count 数的是 part 选中的部分，要写 part".to_owned()),
            _ => Ok(()),
        }
    }

    async fn look(&self, play: &mut Play<'_>) -> Result<(), Why> {
        let page = match self.page.is_empty() {
            true => play.page.clone(),
            false => {
                let path = play.fill(&self.page)?;
                play.get(&path).await?
            }
        };
        let parts = self.parts(&page)?;
        if let Some(count) = self.count
            && parts.len() != count
        {
            let expected = format!(
                "有 {count} 处“{}”",
                self.part.as_deref().unwrap_or_default()
            );
            return Err(Why::unseen(
                expected,
                format!("有 {} 处\n{}", parts.len(), page.short()),
            ));
        }
        let said = folded(&parts.concat());
        for (texts, wanted) in [(&self.holds, true), (&self.lacks, false)] {
            for text in &texts.0 {
                let text = play.fill(text)?;
                if said.contains(&folded(&text)) != wanted {
                    let has = if wanted { "有" } else { "没有" };
                    let place = self.part.as_deref().unwrap_or("页面");
                    let expected = format!("{place} 上{has}“{text}”");
                    return Err(Why::unseen(expected, page.short()));
                }
            }
        }
        Ok(())
    }
}

impl PageSays {
    fn parts(&self, page: &Page) -> Result<Vec<String>, Why> {
        let Some(css) = &self.part else {
            return Ok(vec![page.text()]);
        };
        let parts = page.select(css).map_err(Why::Broken)?;
        Ok(parts.into_iter().map(|part| part.text).collect())
    }
}
