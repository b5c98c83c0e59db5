//! The rights of this crate. Roles of a pack grant them by name. None of them is needed to complete a task: that
//! follows from the role that the flow names.

use tongban_base::Permission;
use tongban_ui::PermissionDef;

/// An officer reads the cases of the office without a task in them; citizens act on their own.
pub const READ: Permission = Permission("case.read");
/// An officer looks for cases of the office, and reads one after saying why.
pub const CONSULT: Permission = Permission("case.consult");
pub const APPLY: Permission = Permission("case.apply");
pub const RETURN: Permission = Permission("case.return");
pub const SUSPEND: Permission = Permission("case.suspend");
/// Of whoever heads the office: nobody else grants more time (Administrative Licensing Law, article 42).
pub const EXTEND: Permission = Permission("case.extend");

/// Naming who does a step, when nobody can or somebody else should.
pub const REASSIGN: Permission = Permission("case.reassign");

/// Seeing figures of the office and urging what is late.
pub const SUPERVISE: Permission = Permission("case.supervise");

/// Filling in and filing for whoever stands at the window.
pub const COUNTER: Permission = Permission("case.counter");

/// Having papers made again that failed.
pub const REMAKE: Permission = Permission("document.remake");

/// Whoever has it is told in time that the known calendar ends.
pub const KEEP_CALENDAR: Permission = Permission("calendar.keep");

pub const PERMISSIONS: &[PermissionDef] = &[
    PermissionDef {
        name: "case.read",
        title: "查阅本单位全部办件",
    },
    PermissionDef {
        name: "case.consult",
        title: "查询本单位办件，说明理由后查阅",
    },
    PermissionDef {
        name: "case.return",
        title: "退回上一步或更早的环节",
    },
    PermissionDef {
        name: tongban_flows::UNDO_BLOCKING,
        title: "撤回已生效的办理结果（决定、证照、送达）",
    },
    PermissionDef {
        name: "case.suspend",
        title: "启动和结束特别程序",
    },
    PermissionDef {
        name: "case.extend",
        title: "批准延长办理期限",
    },
    PermissionDef {
        name: "case.reassign",
        title: "变更办理人（转办、增减会签人）",
    },
    PermissionDef {
        name: COUNTER.0,
        title: "窗口收件（为到场的申请人录入、提交）",
    },
    PermissionDef {
        name: REMAKE.0,
        title: "重新制作没有制作出来的文书和证照",
    },
    PermissionDef {
        name: "calendar.keep",
        title: "维护放假安排（到期前收到提醒）",
    },
    PermissionDef {
        name: SUPERVISE.0,
        title: "办件统计、督办，收到超期提醒",
    },
];
