//! What anybody may see of a letter whose code or file they hold.

use serde::Serialize;
use tongban_base::{Date, Timestamp, date_words};
use tongban_documents::{Answer, Reason};

/// What anybody may see of a letter whose code or file they hold.
#[derive(Clone, Debug, Serialize)]
pub struct PublicLetter {
    pub title: String,
    pub number: String,
    pub office: String,
    pub item: String,
    pub case_number: String,
    pub holder_name: String,
    pub holder_number: String,
    /// The day that the letter bears.
    pub made_on: Date,
    #[serde(skip)]
    pub made_at: Timestamp,
    pub is_made: bool,
    /// Taken back with the decision that made it.
    pub is_void: bool,
    /// The number of a later letter of the same kind in the same matter.
    pub later: Option<String>,
    /// SM3 of its files.
    pub pdf: Option<String>,
    pub ofd: Option<String>,
}

impl PublicLetter {
    pub fn answer(&self) -> Answer {
        match (self.is_void, self.is_made) {
            (true, _) => Answer::Invalid,
            (false, true) => Answer::Valid,
            (false, false) => Answer::Unknown,
        }
    }

    /// How it stands on record.
    pub fn reasons(&self) -> Vec<Reason> {
        let (office, title, number) = (&self.office, &self.title, &self.number);
        let day = date_words(self.made_on);
        let mut reasons = vec![match self.answer() {
            Answer::Invalid => {
                let words =
                    format!("{office}于 {day} 出具的《{title}》（{number}）已经撤回，不再有效");
                Reason::remark("letter.void", words)
            }
            Answer::Unknown => {
                let words = format!("《{title}》（{number}）正在制作，还没有发出");
                Reason::remark("letter.unmade", words)
            }
            Answer::Valid | Answer::Cancelled | Answer::Revoked | Answer::Expired => {
                let words = format!("{office}于 {day} 出具的《{title}》（{number}），没有撤回");
                Reason::remark("letter.on_record", words)
            }
        }];
        if let (false, Some(later)) = (self.is_void, &self.later) {
            let words = format!("同一办件后来又出具了一份《{title}》（{later}）");
            reasons.push(Reason::remark("letter.followed", words));
        }
        reasons
    }
}
