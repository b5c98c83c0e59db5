//! What a file or a code proves together with what is on record, in one word.

use serde::Serialize;

use super::Verdict;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Valid,
    Invalid,
    Cancelled,
    Revoked,
    Expired,
    /// Nothing can be said.
    Unknown,
}

impl From<Verdict> for Answer {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Valid => Answer::Valid,
            Verdict::Invalid => Answer::Invalid,
            Verdict::Unknown | Verdict::Unreadable => Answer::Unknown,
        }
    }
}

impl Answer {
    /// The verdict that goes with it, where one word has to do for file and register.
    pub fn verdict(self) -> Verdict {
        match self {
            Answer::Valid => Verdict::Valid,
            Answer::Invalid | Answer::Cancelled | Answer::Revoked | Answer::Expired => {
                Verdict::Invalid
            }
            Answer::Unknown => Verdict::Unknown,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Answer::Valid => "有效",
            Answer::Invalid => "无效",
            Answer::Cancelled => "已注销",
            Answer::Revoked => "已撤销",
            Answer::Expired => "已过期",
            Answer::Unknown => "无法核验",
        }
    }
}
