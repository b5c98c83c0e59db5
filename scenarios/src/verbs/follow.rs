//! `follow`: a link of the page that was shown last, or of the one at an address.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::page::{Page, folded};
use crate::play::Play;
use crate::report::Why;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Follow {
    /// What stands on it.
    follow: String,
    /// The address of the page.
    page: Option<String>,
}

#[async_trait]
impl Verb for Follow {
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
        let words = folded(&play.fill(&self.follow)?);
        let links = page.all("a[href]");
        let named = links.iter().filter(|link| folded(&link.text) == words);
        let mut led: Vec<&str> = named.filter_map(|link| link.attribute("href")).collect();
        led.sort_unstable();
        led.dedup();
        match led.as_slice() {
            [href] => play.get(&absolute(&page.path, href)).await,
            [] => Err(Why::unseen(
                format!("有链接“{}”", self.follow),
                page.short(),
            )),
            several => {
                let seen = format!("有 {} 个，通向不同的地方", several.len());
                Err(Why::unseen(format!("只有一个链接“{}”", self.follow), seen))
            }
        }
    }
}

/// Where a link leads from a page: one that begins with `?` asks the same page for something else.
fn absolute(path: &str, href: &str) -> String {
    let here = path.split('?').next().unwrap_or(path);
    match href {
        query if query.starts_with('?') => format!("{here}{query}"),
        href => href.split('#').next().unwrap_or(href).to_owned(),
    }
}
