//! `enter_code`: the code of the SMS that the page of a demonstration shows is filled in, with whatever else is asked.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::page::Page;
use crate::play::{Play, code_of};
use crate::report::Why;
use crate::values::Values;
use crate::visitor::Sent;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnterCode {
    /// `sms`, or a code to be tried instead.
    enter_code: String,
    #[serde(default)]
    form: Values,
}

#[async_trait]
impl Verb for EnterCode {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let path = play.page.path.clone();
        let code = match self.enter_code.as_str() {
            "sms" => {
                let expected = "页面上有短信里的 6 位验证码".to_owned();
                code_of(&play.page).ok_or_else(|| Why::unseen(expected, play.page.short()))?
            }
            other => other.to_owned(),
        };
        let form = play.fill_values(&self.form)?;
        let mut pairs = vec![("code".to_owned(), code)];
        for (name, values) in form.0 {
            pairs.extend(values.into_iter().map(|value| (name.clone(), value)));
        }
        play.visit(&path, Some(Sent::form(&pairs))).await
    }
}
