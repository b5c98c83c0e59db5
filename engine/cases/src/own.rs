//! The operations that cases themselves bring, as definitions see them.

use tongban_flows::{Effect, Phase};
use tongban_operations::{Argument, ArgumentKind, OperationInfo};

use crate::service::sub_cases;
use crate::sub_case;

/// How `case.close` may end a case.
const RESULTS: [&str; 3] = ["granted", "denied", "refused"];

/// What cases themselves bring.
pub(crate) const OWN: &[OperationInfo] = &[
    own("case.accept", "受理", Effect::Reversible, &[]),
    OperationInfo {
        check: sub_case::check_call,
        ..own(
            sub_cases::START,
            "发起另一个办件（子事项）",
            Effect::Reversible,
            &[required(
                "sub_case",
                "办理的 [[sub_case]] 里的名称",
                ArgumentKind::Text,
            )],
        )
    },
    own("case.refuse", "不予受理", Effect::Blocking, &[]),
    own(
        "case.close",
        "办结",
        Effect::Blocking,
        &[required(
            "result",
            "办结结果",
            ArgumentKind::Choice(&RESULTS),
        )],
    ),
    own(
        "document.make",
        "出具文书",
        Effect::Void,
        &[required("template", "文书的代码", ArgumentKind::Text)],
    ),
    own(
        "message.send",
        "通知申请人，或者某个岗位的人",
        Effect::Kept,
        &[
            required("event", "消息的事件", ArgumentKind::Text),
            Argument {
                name: "to",
                title: "岗位的代码，不写时通知申请人",
                kind: ArgumentKind::Text,
                required: false,
            },
        ],
    ),
];

const fn own(
    name: &'static str,
    title: &'static str,
    effect: Effect,
    arguments: &'static [Argument],
) -> OperationInfo {
    OperationInfo {
        name,
        title,
        effect,
        arguments,
        carries_out: false,
        check: |_| Vec::new(),
    }
}

const fn required(name: &'static str, title: &'static str, kind: ArgumentKind) -> Argument {
    Argument {
        name,
        title,
        kind,
        required: true,
    }
}

/// Where a case stands in law after an operation that moves it.
pub(crate) fn phase_after(operation: &str) -> Option<Phase> {
    match operation {
        "case.accept" => Some(Phase::Running),
        "case.close" => Some(Phase::Ended),
        _ => None,
    }
}
