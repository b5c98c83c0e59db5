//! The audit events of this crate. Sending writes none of its own: the message itself is the record.

use tongban_audit::AuditEvent;

pub const READ: AuditEvent = AuditEvent {
    name: "message.read",
    title: "标记消息已读",
};
pub const RECEIPT: AuditEvent = AuditEvent {
    name: "message.receipt",
    title: "收到短信回执",
};

pub const EVENTS: &[AuditEvent] = &[READ, RECEIPT];
