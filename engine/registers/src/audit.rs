//! The audit events of this crate. Entries name fields, never their values: those stand encrypted in the history.

use tongban_audit::{AuditEvent, Lasting, Trace};

pub const CREATED: AuditEvent = AuditEvent {
    name: "register.created",
    title: "登记台账记录",
};
pub const CHANGED: AuditEvent = AuditEvent {
    name: "register.changed",
    title: "变更台账记录",
};
pub const DELETED: AuditEvent = AuditEvent {
    name: "register.deleted",
    title: "删除台账记录",
};
pub const RESTORED: AuditEvent = AuditEvent {
    name: "register.restored",
    title: "恢复已删除的台账记录",
};
pub const OPENED: AuditEvent = AuditEvent {
    name: "register.opened",
    title: "查看台账记录",
};
pub const UNMASKED: AuditEvent = AuditEvent {
    name: "register.unmasked",
    title: "查看台账记录的完整信息",
};
pub const SEARCHED: AuditEvent = AuditEvent {
    name: "register.searched",
    title: "按个人号码查询台账",
};
pub const LISTED: AuditEvent = AuditEvent {
    name: "register.listed",
    title: "浏览台账",
};
pub const IMPORTED: AuditEvent = AuditEvent {
    name: "register.imported",
    title: "导入台账记录",
};

pub const FILE_OPENED: AuditEvent = AuditEvent {
    name: "register.file_opened",
    title: "查看台账记录的文件",
};

pub const EVENTS: &[AuditEvent] = &[
    CREATED,
    CHANGED,
    DELETED,
    RESTORED,
    OPENED,
    UNMASKED,
    SEARCHED,
    LISTED,
    IMPORTED,
    FILE_OPENED,
];

/// What is deleted keeps its row.
pub const LASTING: Lasting = Lasting {
    begun: CREATED,
    table: "register_record",
};

/// Every one of these is a line of the history at the same moment.
pub const TRACE: Trace = Trace {
    subject: RECORD,
    events: &[CREATED, CHANGED, DELETED, RESTORED],
    table: "register_history",
    owner: "record_id",
};

pub(crate) const RECORD: &str = "register_record";
pub(crate) const REGISTER: &str = "register";

pub const SUBJECTS: &[(&str, &str)] = &[(RECORD, "台账记录"), (REGISTER, "台账")];
