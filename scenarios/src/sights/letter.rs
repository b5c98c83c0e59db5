//! `letter`: whether a letter of the case was made, and what stands in it. It is read from the OFD that whoever looks
//! can download.

use async_trait::async_trait;
use serde::Deserialize;

use super::Sight;
use crate::house::Door;
use crate::page::{Page, folded};
use crate::play::Play;
use crate::report::Why;
use crate::values::Texts;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Letter {
    /// The letter's code.
    letter: String,
    #[serde(default = "yes")]
    made: bool,
    #[serde(default)]
    holds: Texts,
    #[serde(default)]
    lacks: Texts,
}

fn yes() -> bool {
    true
}

#[async_trait]
impl Sight for Letter {
    fn check(&self) -> Result<(), String> {
        match !(self.made || self.holds.0.is_empty() && self.lacks.0.is_empty()) {
            true => Err("没有出具的文书里看不到文字".to_owned()),
            false => Ok(()),
        }
    }

    async fn look(&self, play: &mut Play<'_>) -> Result<(), Why> {
        let (page, found) = find(play, &self.letter).await?;
        let Some(path) = found else {
            return match self.made {
                true => Err(Why::unseen(
                    format!("出具了文书 {}", self.letter),
                    page.short(),
                )),
                false => Ok(()),
            };
        };
        if !self.made {
            let expected = format!("没有出具文书 {}", self.letter);
            return Err(Why::unseen(expected, page.short()));
        }
        let file = play.get(&format!("{path}.ofd")).await?;
        let text = text(&file.body);
        let said = folded(&text);
        for (texts, wanted) in [(&self.holds, true), (&self.lacks, false)] {
            for words in &texts.0 {
                let words = play.fill(words)?;
                if said.contains(&folded(&words)) != wanted {
                    let has = if wanted { "写着" } else { "没有写" };
                    let expected = format!("文书 {} 里{has}“{words}”", self.letter);
                    return Err(Why::unseen(expected, text));
                }
            }
        }
        Ok(())
    }
}

/// Where the file of a letter lies.
pub(crate) async fn file(play: &mut Play<'_>, code: &str, format: &str) -> Result<String, Why> {
    match find(play, code).await? {
        (_, Some(path)) => Ok(format!("{path}.{format}")),
        (page, None) => Err(Why::unseen(format!("出具了文书 {code}"), page.short())),
    }
}

/// The page of the case and, if the letter is there, its address without the ending.
async fn find(play: &mut Play<'_>, code: &str) -> Result<(Page, Option<String>), Why> {
    let title = play.title("documents", code)?;
    let id = &play.case()?.id;
    let case = match play.door() {
        Door::Citizen => format!("/me/cases/{id}"),
        Door::Staff => format!("/workbench/cases/{id}"),
    };
    let page = play.get(&case).await?;
    if page.is_refusal() {
        return Err(Why::unseen("能看到这个办件", page.short()));
    }
    let links = page.all(".tb-file a[href*='/documents/']");
    let own = links.iter().rev().find(|link| link.text == title);
    let path = own.and_then(|link| {
        link.attribute("href")?
            .strip_suffix(".pdf")
            .map(str::to_owned)
    });
    Ok((page, path))
}

/// What stands on the pages of an OFD, in their order. Those of this house lie in their package as they are.
fn text(file: &[u8]) -> String {
    let package = String::from_utf8_lossy(file);
    let mut text = String::new();
    for piece in package.split("TextCode ").skip(1) {
        let (_, piece) = piece.split_once('>').unwrap_or_default();
        text.push_str(piece.split('<').next().unwrap_or_default());
    }
    let plain = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ];
    plain
        .iter()
        .fold(text, |text, (coded, plain)| text.replace(coded, plain))
}
