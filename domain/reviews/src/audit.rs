//! The audit events of this crate.

use tongban_audit::{AuditEvent, Lasting};

pub const RATED: AuditEvent = AuditEvent {
    name: "review.rated",
    title: "评价办件",
};
pub const VERIFIED: AuditEvent = AuditEvent {
    name: "review.verified",
    title: "核实差评",
};
pub const ANSWERED: AuditEvent = AuditEvent {
    name: "review.answered",
    title: "反馈差评整改并答复",
};
pub const OPENED: AuditEvent = AuditEvent {
    name: "review.opened",
    title: "查看评价",
};

pub const EVENTS: &[AuditEvent] = &[RATED, VERIFIED, ANSWERED, OPENED];

pub const LASTING: Lasting = Lasting {
    begun: RATED,
    table: "review",
};
