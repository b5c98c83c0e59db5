//! `enter_code`: the code of the SMS that the page of a demonstration shows is filled in, with whatever else is asked.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::values::Values;
use crate::visitor::Sent;

const DIGITS: usize = 6;

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
                let shown = play.page.all("#shown-sms");
                let shown = shown
                    .first()
                    .map_or_else(String::new, |part| part.text.clone());
                let expected = "页面上有短信里的 6 位验证码".to_owned();
                code_in(&shown).ok_or_else(|| Why::unseen(expected, shown))?
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

fn code_in(text: &str) -> Option<String> {
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    words.find(|word| word.len() == DIGITS).map(str::to_owned)
}
