//! What can be done in a scenario: each verb is one function in a file of its own, and one line here.

mod change;
mod clock;
mod create;
mod delete;
mod download;
mod enter_code;
mod extend;
mod files;
mod follow;
mod get;
mod mend;
mod open_account;
mod pause;
mod post;
mod press;
mod resume;
mod review;
mod start;
mod task;
mod verify;
mod withdraw;

use async_trait::async_trait;
use serde::de::DeserializeOwned;

use crate::notation::{Part, Reading};
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;

/// Something that a person does on the pages.
#[async_trait]
pub(crate) trait Verb: Send + Sync {
    /// What is wrong with it as it is written, before anything is played.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    /// Gives the page that it led to, be it a refusal. Errors: there was no way to do it.
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why>;
}

/// The key by which a step is known, and how the rest of it is read.
pub(crate) struct Word {
    pub key: &'static str,
    pub read: for<'t> fn(&mut Reading<'t>, Part<'t>) -> Option<Box<dyn Verb>>,
}

pub(crate) const WORDS: &[Word] = &[
    word::<start::Start>("start"),
    word::<task::Task>("task"),
    word::<mend::Mend>("mend"),
    word::<withdraw::Withdraw>("withdraw"),
    word::<pause::Pause>("pause"),
    word::<resume::Resume>("resume"),
    word::<extend::Extend>("extend"),
    word::<create::Create>("create"),
    word::<change::Change>("change"),
    word::<delete::Delete>("delete"),
    word::<review::Review>("review"),
    word::<download::Download>("download"),
    word::<verify::Verify>("verify"),
    word::<open_account::OpenAccount>("open_account"),
    word::<enter_code::EnterCode>("enter_code"),
    word::<get::Get>("get"),
    word::<follow::Follow>("follow"),
    word::<press::Press>("press"),
    word::<post::Post>("post"),
];

const fn word<V: Verb + DeserializeOwned + 'static>(key: &'static str) -> Word {
    Word {
        key,
        read: read::<V>,
    }
}

fn read<'t, V: Verb + DeserializeOwned + 'static>(
    reading: &mut Reading<'t>,
    part: Part<'t>,
) -> Option<Box<dyn Verb>> {
    let start = part.start;
    let verb: V = reading.rest(part)?;
    match verb.check() {
        Ok(()) => Some(Box::new(verb)),
        Err(words) => {
            reading.fault(start, words);
            None
        }
    }
}
