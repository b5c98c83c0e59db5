//! `withdraw`: the applicant takes a case back, with a reason. Where the page offers it no more, it is sent as from a
//! page that was opened before.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::form::Form;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::visitor::Sent;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Withdraw {
    /// Why.
    withdraw: String,
}

#[async_trait]
impl Verb for Withdraw {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let case = format!("{}/{}", play.own_cases(), play.case()?.id);
        let reason = play.fill(&self.withdraw)?;
        let page = play.get(&case).await?;
        let action = format!("{case}/withdraw");
        let Some(mut form) = Form::find(&page, |form| form.action == action) else {
            let sent = Sent::form(&[("reason".to_owned(), reason)]);
            return play.visit(&action, Some(sent)).await;
        };
        form.set("reason", &[reason]).map_err(Why::Broken)?;
        play.press(&form, "撤回申请").await
    }
}
