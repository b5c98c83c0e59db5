//! Why a verb is refused, with a stable code and a sentence for the person who tried.

use thiserror::Error;
use tongban_base::{Kind, Problem, Timestamp};

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("这一步已经办过或已被收回，请刷新后再看")]
    TaskGone,
    #[error("流程已暂停，恢复后才能办理")]
    Held,
    #[error("流程没有暂停")]
    NotHeld,
    #[error("流程已经结束，不能再办理")]
    Over,
    #[error("流程已经启动")]
    Started,
    #[error("「{name}」没有这个办理决定")]
    UnknownDecision { name: String },
    #[error("选择「{label}」须填写意见")]
    OpinionMissing { label: String },
    #[error("请填写理由")]
    ReasonMissing,
    #[error("流程走到「{name}」时没有一个条件成立，请联系管理员")]
    NoWay { name: String },
    #[error("流程走到「{name}」时无法判断条件：{message}")]
    Condition { name: String, message: String },
    #[error("「{name}」的会签人超过 200 人，请联系管理员检查流程图")]
    TooManySigners { name: String },
    #[error("这是最后一位会签人，不能移除")]
    LastSigner,
    #[error("「{name}」是多人会签，移除后签的人不够；请改为转给别人办理")]
    TooFewSigners { name: String },
    #[error("这一步不是会签，不能移除会签人")]
    NotJoint,
    #[error("这位会签人已在名单里")]
    SignerTwice,
    #[error("{who}已于{}在「{name}」会签过；同一会签须由不同的人办理，请由其他人会签", at.words())]
    SignedAlready {
        who: String,
        name: String,
        at: Timestamp,
    },
    #[error("「{name}」已指定{who}会签其中一席；其余各席须由其他人会签")]
    OwnPlace { who: String, name: String },
    #[error("流程自动运行的步数过多，已中止，请联系管理员检查流程图")]
    Endless,
    #[error("没有可以退回的步骤")]
    NoTarget,
    #[error("退回到会签或子流程后须重新逐步办理，不能直接回到原处")]
    NoStraight,
    #[error("退回会撤销已经生效的操作（{elements}），须有相应权限")]
    Blocking { elements: String },
    #[error("定时已失效")]
    TimerGone,
    #[error("流程记录不完整")]
    HistoryMissing,
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Self::TaskGone => "flow.task_gone",
            Self::Held => "flow.held",
            Self::NotHeld => "flow.not_held",
            Self::Over => "flow.over",
            Self::Started => "flow.started",
            Self::UnknownDecision { .. } => "flow.unknown_decision",
            Self::OpinionMissing { .. } => "flow.opinion_missing",
            Self::ReasonMissing => "flow.reason_missing",
            Self::NoWay { .. } => "flow.no_way",
            Self::Condition { .. } => "flow.condition_failed",
            Self::TooManySigners { .. } => "flow.too_many_signers",
            Self::LastSigner => "flow.last_signer",
            Self::TooFewSigners { .. } => "flow.too_few_signers",
            Self::NotJoint => "flow.not_joint",
            Self::SignerTwice => "flow.signer_twice",
            Self::SignedAlready { .. } => "flow.signed_already",
            Self::OwnPlace { .. } => "flow.own_place",
            Self::Endless => "flow.endless",
            Self::NoTarget => "flow.no_target",
            Self::NoStraight => "flow.no_straight",
            Self::Blocking { .. } => "flow.blocking",
            Self::TimerGone => "flow.timer_gone",
            Self::HistoryMissing => "flow.history_missing",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::UnknownDecision { .. }
            | Self::OpinionMissing { .. }
            | Self::ReasonMissing
            | Self::NotJoint
            | Self::NoStraight
            | Self::SignerTwice
            | Self::LastSigner
            | Self::TooFewSigners { .. } => Kind::Invalid,
            Self::NoWay { .. } | Self::Condition { .. } | Self::Endless | Self::HistoryMissing => {
                Kind::Internal
            }
            _ => Kind::Conflict,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Problem::new(refusal.kind(), refusal.code(), refusal.to_string())
    }
}
