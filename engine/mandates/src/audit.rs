//! The audit events of this crate.

use tongban_audit::{AuditEvent, Lasting};

pub const INVITED: AuditEvent = AuditEvent {
    name: "mandate.invited",
    title: "邀请亲友代办",
};
pub const CONFIRMED: AuditEvent = AuditEvent {
    name: "mandate.confirmed",
    title: "确认代办",
};
pub const DECLINED: AuditEvent = AuditEvent {
    name: "mandate.declined",
    title: "谢绝代办",
};
pub const ENDED: AuditEvent = AuditEvent {
    name: "mandate.ended",
    title: "结束代办",
};

pub const EVENTS: &[AuditEvent] = &[INVITED, CONFIRMED, DECLINED, ENDED];

/// What the log calls the subject of these events, in words.
pub const SUBJECTS: &[(&str, &str)] = &[("mandate", "亲友代办")];

pub const LASTING: Lasting = Lasting {
    begun: INVITED,
    table: "mandate",
};
