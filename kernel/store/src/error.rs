//! How faults of the databases become problems. Nothing of a database's own words reaches a visitor.

use std::sync::atomic::{AtomicBool, Ordering};

use tongban_base::{Kind, Problem};
use tongban_outward::Distrust;

use crate::ObjectState;

pub(crate) fn unique(cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::conflict("store.unique", "已经有一条相同的记录，请核对").with_cause(cause)
}

/// The one row that a statement has to meet is not there, or is not any more what it was.
pub(crate) fn changed() -> Problem {
    Problem::conflict(
        "store.changed",
        "内容刚刚有变化，这次没有保存，请刷新后再试",
    )
}

static BROKEN: AtomicBool = AtomicBool::new(false);

/// Whether the database has given back since the start what is none: a page that was overwritten, a file cut off.
pub fn is_broken() -> bool {
    BROKEN.load(Ordering::Relaxed)
}

pub(crate) fn note_broken() {
    BROKEN.store(true, Ordering::Relaxed);
}

pub(crate) fn broken(cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    note_broken();
    let words = "系统数据有损坏，这项内容暂时打不开，请联系系统管理员";
    Problem::new(Kind::Internal, "store.broken", words).with_cause(cause)
}

pub(crate) fn constraint(cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::conflict("store.constraint", "这样做会使数据前后不一致，没有保存").with_cause(cause)
}

pub(crate) fn full(cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(
        Kind::Unavailable,
        "store.full",
        "系统存储空间不足，这次没有保存成功，请稍后再试",
    )
    .with_cause(cause)
}

pub(crate) fn unavailable(cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(
        Kind::Unavailable,
        "store.unavailable",
        "系统正忙，这次没有保存成功，请稍后再试",
    )
    .with_cause(cause)
}

/// The file of the embedded database is not any more where it was opened.
pub(crate) fn replaced() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "store.replaced",
        "系统暂时不能保存，这次没有保存成功，请稍后再试",
    )
}

/// The server showed a certificate that is not believed; nothing was said to it.
pub(crate) fn distrusted(why: &Distrust) -> Problem {
    Problem::new(
        Kind::Unavailable,
        "store.distrusted",
        format!("没有连接数据库：{why}"),
    )
}

/// A read that the database did not answer in time.
pub(crate) fn unanswered(cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(
        Kind::Unavailable,
        "store.unavailable",
        "系统正忙，暂时查不到，请稍后再试",
    )
    .with_cause(cause)
}

const LOST: &str = "这份文件损坏或缺失，无法打开，请联系办理部门";
const MISSING: &str = "store.object_missing";
const DAMAGED: &str = "store.object_damaged";

/// A row names a file that is not there.
pub(crate) fn missing(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    Problem::new(Kind::Internal, MISSING, LOST).with_cause(cause)
}

/// A file that does not open: changed, cut off, or encrypted with a key that is not in the ring.
pub(crate) fn damaged(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    Problem::new(Kind::Internal, DAMAGED, LOST).with_cause(cause)
}

pub(crate) fn state_of(problem: &Problem) -> ObjectState {
    match problem.code() {
        MISSING => ObjectState::Missing,
        DAMAGED => ObjectState::Damaged,
        _ => ObjectState::Unreadable,
    }
}

pub(crate) fn stopped() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "store.stopped",
        "系统正在停止，请稍后再试",
    )
}

/// A job ran longer than jobs of its lane may.
pub(crate) fn cut_off(limit: std::time::Duration) -> Problem {
    Problem::new(
        Kind::Unavailable,
        "jobs.too_long",
        format!("处理超过 {} 秒，已中断", limit.as_secs()),
    )
}

/// A write awaited something else than its database.
pub(crate) fn foreign_await() -> Problem {
    Problem::internal("a transaction awaited something else than the database")
}

/// The connection broke while the commit was on its way.
pub(crate) fn in_doubt() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "store.in_doubt",
        "数据库连接中断，不能确定这次是否已经保存，请先核对，再决定是否重做",
    )
}

/// A write went on after a statement of its own had failed.
pub(crate) fn failed_before(state: &str) -> Problem {
    Problem::internal(format!(
        "a write went on after a statement failed with {state}"
    ))
}

pub(crate) fn zero_byte() -> Problem {
    Problem::invalid("input.zero_byte", "内容里有无法保存的字符，请删去后再试")
}

/// A row is not what this program has written.
pub fn row_changed() -> Problem {
    Problem::new(
        Kind::Internal,
        "store.row_changed",
        "这条记录没有通过完整性校验，已停止使用，请联系系统管理员",
    )
}

/// A table lost its marks although they were given once.
pub(crate) fn marks_removed(table: &str) -> Problem {
    Problem::new(
        Kind::Internal,
        "store.marks_removed",
        format!("数据表 {table} 的完整性标记被清除，系统没有启动，请从备份恢复"),
    )
}

pub(crate) fn no_marks() -> Problem {
    Problem::internal("a marked table was used in a database opened without the key of marks")
}

/// A statement whose effect on the sum of a table cannot be told.
pub(crate) fn unsummed(table: &str) -> Problem {
    Problem::internal(format!(
        "a statement on the marked table {table} is not understood"
    ))
}

pub(crate) fn half_marked(table: &str) -> Problem {
    Problem::internal(format!("not all marked columns of {table} were given"))
}
