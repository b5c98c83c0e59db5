//! What a verification rests on: the one list of grounds, the verdict that follows from each, and the reasons that are
//! told. Knows no file.

use serde::{Deserialize, Serialize};
use tongban_crypto::{Fault, FaultKind};

/// So many reasons are told; the rest is counted.
const MOST_TOLD: usize = 20;
/// Names out of a file are told as far as this.
const LONGEST_NAME: usize = 80;
const MOST_NAMES: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Valid,
    Invalid,
    /// Neither can be said of it here.
    Unknown,
    /// Not even read.
    Unreadable,
}

impl Verdict {
    pub fn title(self) -> &'static str {
        match self {
            Verdict::Valid => "有效",
            Verdict::Invalid => "无效",
            Verdict::Unknown | Verdict::Unreadable => "无法核验",
        }
    }
}

/// What a reason says of the file, from the lightest to the heaviest: the heaviest of all reasons decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Worth saying, changes nothing.
    Genuine,
    /// Nobody sealed it.
    Unsealed,
    /// All is right at the time that the signer claims, and nothing proves that time.
    TimeUnproven,
    /// Unchanged and rightly signed, by an authority that nobody here knows.
    AuthorityUnknown,
    /// A part of it is outside of what the seal protects; since when, nobody can tell.
    Unprotected,
    /// A form or an algorithm that is not verified here.
    Unsupported,
    /// Beyond the bounds of what is read.
    TooLarge,
    /// Neither OFD nor PDF, or not readable as such.
    Unreadable,
    /// The seal leaves open which document is shown.
    Exposed,
    /// Seal, signature or certificate contradict themselves or each other.
    Broken,
    /// A seal that the file declares is not there any more.
    SealRemoved,
    /// What was sealed is no longer the same.
    Changed,
}

impl Ground {
    pub fn verdict(self) -> Verdict {
        match self {
            Ground::Genuine => Verdict::Valid,
            Ground::Unsealed
            | Ground::TimeUnproven
            | Ground::AuthorityUnknown
            | Ground::Unprotected
            | Ground::Unsupported => Verdict::Unknown,
            Ground::TooLarge | Ground::Unreadable => Verdict::Unreadable,
            Ground::Exposed | Ground::Broken | Ground::SealRemoved | Ground::Changed => {
                Verdict::Invalid
            }
        }
    }
}

impl From<FaultKind> for Ground {
    fn from(kind: FaultKind) -> Self {
        match kind {
            FaultKind::Changed => Ground::Changed,
            FaultKind::Broken => Ground::Broken,
            FaultKind::AuthorityUnknown => Ground::AuthorityUnknown,
            FaultKind::TimeUnproven => Ground::TimeUnproven,
            FaultKind::Unsupported => Ground::Unsupported,
        }
    }
}

/// One thing that is said of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Stable, e.g. `file.changed`, `seal.expired`, `signature.signer_certificate`.
    pub code: String,
    /// A Chinese sentence for the person who asked.
    pub message: String,
    #[serde(skip)]
    pub ground: Ground,
}

impl Reason {
    pub fn new(ground: Ground, code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            ground,
        }
    }

    /// Something that changes no verdict.
    pub fn remark(code: &str, message: impl Into<String>) -> Self {
        Self::new(Ground::Genuine, code, message)
    }
}

impl From<&Fault> for Reason {
    fn from(fault: &Fault) -> Self {
        Self::new(fault.kind().into(), fault.code(), fault.message())
    }
}

/// Reasons as they are found, the heaviest first, bounded however many there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Reasons {
    told: Vec<Reason>,
    more: usize,
}

impl Reasons {
    pub(super) fn push(&mut self, reason: Reason) {
        if self.told.contains(&reason) {
            return;
        }
        let place = self.told.partition_point(|r| r.ground >= reason.ground);
        self.told.insert(place, reason);
        if self.told.len() > MOST_TOLD {
            self.told.pop();
            self.more += 1;
        }
    }

    pub(super) fn extend(&mut self, reasons: impl IntoIterator<Item = Reason>) {
        reasons.into_iter().for_each(|reason| self.push(reason));
    }

    pub(super) fn take(&mut self, other: &Reasons) {
        self.extend(other.told.iter().cloned());
        self.more += other.more;
    }

    pub(super) fn has(&self, ground: Ground) -> bool {
        self.told.iter().any(|reason| reason.ground == ground)
    }

    pub(super) fn drop_all(&mut self, ground: Ground) {
        self.told.retain(|reason| reason.ground != ground);
    }

    /// The heaviest.
    pub(super) fn ground(&self) -> Ground {
        self.told.first().map_or(Ground::Genuine, |r| r.ground)
    }

    pub(super) fn finish(self) -> Vec<Reason> {
        let mut all = self.told;
        if self.more > 0 {
            let words = format!("另有 {} 处，没有一一列出", self.more);
            all.push(Reason::remark("reasons.more", words));
        }
        all
    }
}

/// A name out of a file as a page can show it.
pub(super) fn shown(name: &str) -> String {
    let plain: String = name
        .chars()
        .take(LONGEST_NAME)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    match name.chars().nth(LONGEST_NAME) {
        Some(_) => plain + "…",
        None => plain,
    }
}

/// Some names, and how many there are.
pub(super) fn listed(names: &[&str]) -> String {
    let some: Vec<String> = names.iter().take(MOST_NAMES).map(|n| shown(n)).collect();
    match names.len() > MOST_NAMES {
        true => format!("{} 等 {} 个文件", some.join("、"), names.len()),
        false => some.join("、"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_any_number_of_reasons_the_heaviest_are_told_and_the_rest_is_counted() {
        let mut reasons = Reasons::default();
        for index in 0..5_000 {
            reasons.push(Reason::new(
                Ground::Unprotected,
                "a",
                format!("第 {index} 处"),
            ));
        }
        reasons.push(Reason::new(Ground::Changed, "b", "改动"));
        assert_eq!(reasons.ground(), Ground::Changed);
        let told = reasons.finish();
        assert_eq!(told.len(), MOST_TOLD + 1);
        assert_eq!(told[0].code, "b");
        assert_eq!(told[MOST_TOLD].message, "另有 4981 处，没有一一列出");
    }

    #[test]
    fn a_name_out_of_a_file_is_told_short_and_without_control_characters() {
        assert_eq!(shown("a\u{1b}[31m\nb"), "a\u{fffd}[31m\u{fffd}b");
        assert_eq!(shown(&"长".repeat(9_000)).chars().count(), LONGEST_NAME + 1);
        assert_eq!(listed(&["a"; 9]), "a、a、a、a、a 等 9 个文件");
    }
}
