//! What can be wrong with a request about a licence, with stable codes. Knows no page.

use tongban_base::{Date, Kind, Problem, date_words};

use crate::model::Status;

pub fn unknown_type(code: &str) -> Problem {
    Problem::internal(format!("the pack has no licence type {code}"))
}

pub fn unknown_issuer(code: &str) -> Problem {
    Problem::internal(format!("the pack has no organisation {code}"))
}

/// What was to be replaced or changed has ended since.
pub fn overtaken(status: Status) -> Problem {
    let words = format!("原证照的状态现在是“{}”", status.title());
    Problem::conflict("document.overtaken", words.clone()).with_cause(words)
}

/// A picture that was handed in and cannot be read any more.
pub fn unreadable_picture(cause: Problem) -> Problem {
    Problem::new(Kind::Internal, "document.picture", "照片不能用").with_cause(cause)
}

/// One change after the other.
pub fn in_making() -> Problem {
    let words = "这张证照的另一次变更正在制作，请等它制作完成后再办理";
    Problem::conflict("licence.in_making", words)
}

/// Somebody else was faster, or the licence has ended for another reason.
pub fn not_in_force(status: Status) -> Problem {
    let message = format!("这张证照的状态是“{}”，不能再作这项处理", status.title());
    Problem::conflict("licence.not_in_force", message)
}

pub fn not_a_previous_licence() -> Problem {
    Problem::conflict("licence.previous", "原证照不是申请人本人的同类证照，请核对")
}

/// A reissue or a renewal goes on from a licence; there is none in force.
pub fn no_basis() -> Problem {
    let words = "申请人名下没有有效的原证照，不能换发或者补发；需要新发的，请申请人重新申请";
    Problem::conflict("licence.no_basis", words)
}

/// The old term goes on, and it is over.
pub fn basis_expired(end: Date) -> Problem {
    let words = format!(
        "原证照的有效期到{}为止，已经过了，不能补发；请申请人办理换发",
        date_words(end)
    );
    Problem::conflict("licence.basis_expired", words)
}

pub fn not_made() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "licence.not_made",
        "证照文件正在制作，请稍后再打开",
    )
}

pub fn code_expired() -> Problem {
    Problem::new(
        Kind::Gone,
        "licence.presentation_expired",
        "二维码已经失效，请持证人刷新后再出示",
    )
}

pub fn too_large(megabytes: usize) -> Problem {
    Problem::new(
        Kind::TooLarge,
        "licence.file_too_large",
        format!("文件超过 {megabytes} MB，不能核验，请确认是不是证照文件"),
    )
}
