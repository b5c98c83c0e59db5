//! How surely an account belongs to a person. Levels as identity platforms of the government count them.

use tongban_base::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// Registered, nothing proven.
    L1,
    /// Name and identity number agree with the population register.
    L2,
    /// Proven face to face at a counter, or by a face compared with the register.
    L3,
    /// Proven with an electronic certificate of the person.
    L4,
}

impl Assurance {
    pub fn level(self) -> i64 {
        match self {
            Assurance::L1 => 1,
            Assurance::L2 => 2,
            Assurance::L3 => 3,
            Assurance::L4 => 4,
        }
    }

    pub(crate) fn of(level: i64) -> Option<Self> {
        [Self::L1, Self::L2, Self::L3, Self::L4]
            .into_iter()
            .find(|assurance| assurance.level() == level)
    }

    pub fn code(self) -> &'static str {
        match self {
            Assurance::L1 => "L1",
            Assurance::L2 => "L2",
            Assurance::L3 => "L3",
            Assurance::L4 => "L4",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Assurance::L1 => "未实名",
            Assurance::L2 => "已实名（姓名、身份证号核验）",
            Assurance::L3 => "已实名（本人到场或人脸核验）",
            Assurance::L4 => "已实名（数字证书核验）",
        }
    }

    pub fn is_real_name(self) -> bool {
        self >= Assurance::L2
    }
}

/// A step of an account's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssuranceChange {
    pub before: Assurance,
    pub after: Assurance,
    /// `registered`, `population-register`, `demonstration`.
    pub reason: String,
    pub at: Timestamp,
}
