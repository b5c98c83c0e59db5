//! What an administrator keeps of an installation: divisions, organisations, roles, days off. Knows no item and no case.

mod list;
mod read;
mod service;
mod web;

pub use web::{Rights, module};

use tongban_audit::AuditEvent;
use tongban_base::Permission;
pub use tongban_identity::MANAGE_ROLES;

/// Whoever holds it sees all of it.
pub const READ: Permission = Permission("installation.read");
/// Divisions and organisations.
pub const MANAGE: Permission = Permission("installation.manage");
/// A right of cases: whoever has it is told in time that the known calendar ends.
pub const KEEP_CALENDAR: Permission = Permission("calendar.keep");

pub(crate) const ADDED: AuditEvent = AuditEvent {
    name: "installation.added",
    title: "新增区划、机构、岗位或者日历",
};
pub(crate) const CHANGED: AuditEvent = AuditEvent {
    name: "installation.changed",
    title: "修改区划、机构、岗位或者日历",
};
pub(crate) const ENDED: AuditEvent = AuditEvent {
    name: "installation.ended",
    title: "撤销区划、机构或者岗位",
};
pub(crate) const RESTORED: AuditEvent = AuditEvent {
    name: "installation.restored",
    title: "恢复区划、机构、岗位或者日历",
};

/// The audit events of this crate.
pub const EVENTS: &[AuditEvent] = &[ADDED, CHANGED, ENDED, RESTORED];
/// What its entries are about.
pub const SUBJECTS: &[(&str, &str)] = &[
    ("division", "区划"),
    ("organisation", "机构"),
    ("role", "岗位"),
    ("year", "工作日历"),
];
