//! The audit events of this crate.

use tongban_audit::{AuditEvent, Lasting, Trace};

macro_rules! events {
    ($($name:ident = $code:literal, $title:literal;)+) => {
        $(pub const $name: AuditEvent = AuditEvent { name: $code, title: $title };)+
        pub const EVENTS: &[AuditEvent] = &[$($name),+];
    };
}

events! {
    ISSUED = "licence.issued", "颁发证照";
    UPDATED = "licence.updated", "变更证照";
    CANCELLED = "licence.cancelled", "注销证照";
    REVOKED = "licence.revoked", "撤销证照";
    UNDONE = "licence.undone", "收回证照的处理";
    OPENED = "licence.opened", "查看证照";
    VIEWED = "licence.viewed", "查看证照信息";
    SEARCHED = "licence.searched", "查询证照";
    LISTED = "licence.listed", "浏览证照";
    PRESENTED = "licence.presented", "出示证照";
    VERIFIED = "licence.verified", "核验证照";
}

/// The kind of subject that entries of this crate name.
pub const SUBJECT: &str = "licence";

pub const LASTING: Lasting = Lasting {
    begun: ISSUED,
    table: "licence",
};

/// Every one of these is a line of the history at the same moment.
pub const TRACE: Trace = Trace {
    subject: SUBJECT,
    events: &[ISSUED, UPDATED, CANCELLED, REVOKED, UNDONE],
    table: "licence_event",
    owner: "licence_id",
};
