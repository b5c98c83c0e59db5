//! `open_account`: an officer whom a decision entered sets the first password with the code that came by SMS, and is logged in.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;

/// Characters of a code.
const CODE: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenAccount {
    /// The login name.
    open_account: String,
    /// Instead of the one that was sent.
    code: Option<String>,
}

#[async_trait]
impl Verb for OpenAccount {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        if let Some(code) = &self.code {
            return play.opened(&self.open_account, code).await;
        }
        let sent = play.sms().await?;
        let named = sent
            .iter()
            .rev()
            .filter(|sms| sms.text.contains(&self.open_account));
        let code = named.filter_map(|sms| code_in(&sms.text)).next();
        let Some(code) = code else {
            let texts: Vec<&str> = sent.iter().map(|sms| sms.text.as_str()).collect();
            let expected = format!("短信里有 {} 的开通码", self.open_account);
            return Err(Why::unseen(expected, texts.join("；")));
        };
        play.opened(&self.open_account, &code).await
    }
}

fn code_in(text: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let mut words = text.split(|c: char| !is_part(c));
    // A mobile number has more, a day has fewer.
    let code =
        words.find(|word| word.len() == CODE && word.chars().any(|c| c.is_ascii_uppercase()));
    code.map(str::to_owned)
}
