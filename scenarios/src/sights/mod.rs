//! What can be seen in a scenario: each sight is one function in a file of its own, and one line here.

mod audit;
mod case;
pub(crate) mod letter;
pub(crate) mod licence;
mod message;
mod page;
pub(crate) mod queue;
pub(crate) mod register;
mod sms;
mod table;

use async_trait::async_trait;
use serde::de::DeserializeOwned;

use crate::notation::{Part, Reading};
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;

/// Something that a person looks for on the pages.
#[async_trait]
pub(crate) trait Sight: Send + Sync {
    /// What is wrong with it as it is written, before anything is played.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    /// Errors: it is not there.
    async fn look(&self, play: &mut Play<'_>) -> Result<(), Why>;
}

/// The key by which a step is known, and how the rest of it is read.
pub(crate) struct Word {
    pub key: &'static str,
    pub read: for<'t> fn(&mut Reading<'t>, Part<'t>) -> Option<Box<dyn Sight>>,
}

pub(crate) const WORDS: &[Word] = &[
    word::<queue::Queue>("queue"),
    word::<case::CaseIs>("case"),
    word::<letter::Letter>("letter"),
    word::<message::Message>("message"),
    word::<sms::SmsSent>("sms"),
    word::<licence::Licence>("licence"),
    word::<register::Register>("register"),
    word::<page::PageSays>("page"),
    word::<table::Table>("table"),
    word::<audit::Audit>("audit"),
];

const fn word<S: Sight + DeserializeOwned + 'static>(key: &'static str) -> Word {
    Word {
        key,
        read: read::<S>,
    }
}

fn read<'t, S: Sight + DeserializeOwned + 'static>(
    reading: &mut Reading<'t>,
    part: Part<'t>,
) -> Option<Box<dyn Sight>> {
    let start = part.start;
    let sight: S = reading.rest(part)?;
    match sight.check() {
        Ok(()) => Some(Box::new(sight)),
        Err(words) => {
            reading.fault(start, words);
            None
        }
    }
}

/// What a page says by titles: each with the words beside it.
fn facts(page: &Page) -> Vec<(String, String)> {
    let titles = page.all("dt").into_iter().map(|part| part.text);
    let words = page.all("dd").into_iter().map(|part| part.text);
    titles.zip(words).collect()
}
