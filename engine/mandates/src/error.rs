//! What this crate refuses, in words that say what to do.

use tongban_base::{FieldError, Kind, Problem};

use crate::model::State;

pub(crate) fn unproven() -> Problem {
    Problem::conflict(
        "mandate.unproven",
        "您还没有实名，请先完成实名认证，再使用亲友代办",
    )
}

pub(crate) fn too_young(age: i64) -> Problem {
    Problem::conflict(
        "mandate.too_young",
        format!("年满 {age} 周岁的人才能授权亲友代办"),
    )
}

pub(crate) fn oneself() -> FieldError {
    FieldError::new(
        "/id_number",
        "mandate.oneself",
        "这是您自己的身份证号，请填写代办人的",
    )
}

pub(crate) fn open_already() -> Problem {
    Problem::conflict(
        "mandate.open_already",
        "您和这个人之间已有一份邀请或者授权，先结束那一份，再重新邀请",
    )
}

pub(crate) fn too_many(most: i64) -> Problem {
    Problem::conflict(
        "mandate.too_many",
        format!("同时有效的授权和邀请最多 {most} 份，请先结束不用的"),
    )
}

pub(crate) fn too_often() -> Problem {
    Problem::new(
        Kind::TooMany,
        "mandate.too_often",
        "今天发出的邀请太多，请明天再试",
    )
}

/// Somebody else, or oneself on another page, came first.
pub(crate) fn moved_on(now: State) -> Problem {
    let words = match now {
        State::Invited => "这份邀请还在等确认",
        State::Confirmed => "这份邀请已经确认，授权已生效；不再代办的，请点“结束授权”",
        State::Declined => "这份邀请已经谢绝；仍要代办的，请对方重新邀请",
        State::Ended => "这份授权已经结束或者过期；仍要代办的，请对方重新邀请",
    };
    Problem::conflict("mandate.moved_on", words)
}
