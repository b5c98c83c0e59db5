//! `post`: something is sent to an address as no page offers it.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::values::Values;
use crate::visitor::Sent;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Post {
    post: String,
    #[serde(default)]
    form: Values,
}

#[async_trait]
impl Verb for Post {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let path = play.fill(&self.post)?;
        let form = play.fill_values(&self.form)?;
        let pairs = form.0.into_iter().flat_map(|(name, values)| {
            let pair = move |value| (name.clone(), value);
            values.into_iter().map(pair).collect::<Vec<_>>()
        });
        let pairs: Vec<(String, String)> = pairs.collect();
        play.visit(&path, Some(Sent::form(&pairs))).await
    }
}
