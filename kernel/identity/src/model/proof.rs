//! The proof of a real name: what was asked of the population register, and how it stands.

use tongban_base::Timestamp;

/// What the population register answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    Match,
    Mismatch,
    NotFound,
    /// The register knows the number but does not confirm it at present.
    Suspended,
}

impl Match {
    pub fn code(self) -> &'static str {
        match self {
            Match::Match => "match",
            Match::Mismatch => "mismatch",
            Match::NotFound => "not_found",
            Match::Suspended => "suspended",
        }
    }

    pub fn of(code: &str) -> Option<Self> {
        [
            Match::Match,
            Match::Mismatch,
            Match::NotFound,
            Match::Suspended,
        ]
        .into_iter()
        .find(|answer| answer.code() == code)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofState {
    /// Asked, no answer yet: 核验中.
    Checking,
    /// The register could not be reached; it will be asked again: 待核验.
    Waiting,
    Proven,
    Mismatch,
    NotFound,
    Suspended,
    /// Right, but another account proved the same number meanwhile.
    Taken,
}

impl ProofState {
    const ALL: [ProofState; 7] = [
        ProofState::Checking,
        ProofState::Waiting,
        ProofState::Proven,
        ProofState::Mismatch,
        ProofState::NotFound,
        ProofState::Suspended,
        ProofState::Taken,
    ];

    pub fn code(self) -> &'static str {
        match self {
            ProofState::Checking => "checking",
            ProofState::Waiting => "waiting",
            ProofState::Proven => "proven",
            ProofState::Mismatch => "mismatch",
            ProofState::NotFound => "not_found",
            ProofState::Suspended => "suspended",
            ProofState::Taken => "taken",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    pub fn title(self) -> &'static str {
        match self {
            ProofState::Checking => "核验中",
            ProofState::Waiting => "待核验",
            ProofState::Proven => "已实名",
            ProofState::Mismatch => "信息不一致",
            ProofState::NotFound => "查无此号",
            ProofState::Suspended => "需到窗口核验",
            ProofState::Taken => "已有实名账号",
        }
    }

    /// What it means and what to do.
    pub fn words(self) -> &'static str {
        match self {
            ProofState::Checking => "正在向人口库核验，一般几秒钟出结果。",
            ProofState::Waiting => {
                "人口库暂时联系不上，系统会自动重新核验，您不用重复提交，可以先办其他事。"
            }
            ProofState::Proven => "姓名与身份证号核验一致。",
            ProofState::Mismatch => "姓名与身份证号不一致，请对照身份证核对后重新提交。",
            ProofState::NotFound => {
                "人口库中没有这个身份证号，请核对后重新提交；确认无误的，请携带身份证到窗口办理。"
            }
            ProofState::Suspended => "这个身份证号目前不能在线核验，请携带身份证到窗口办理。",
            ProofState::Taken => TAKEN,
        }
    }

    /// No answer yet: the page looks again by itself.
    pub fn is_open(self) -> bool {
        matches!(self, ProofState::Checking | ProofState::Waiting)
    }
}

/// What the second owner of an identity number is told.
const TAKEN: &str = "这个身份证号已在另一个账号完成实名。如果那是您的账号，请退出后用它登录；\
                                如果不是您办理的，请携带身份证到窗口核实处理。";

/// One proof as its account sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealNameProof {
    pub state: ProofState,
    pub asked_at: Timestamp,
    pub answered_at: Option<Timestamp>,
}
