//! The audit events of this crate.

use tongban_audit::{AuditEvent, Lasting, Trace};

macro_rules! events {
    ($($name:ident = $code:literal, $title:literal;)+) => {
        $(pub const $name: AuditEvent = AuditEvent { name: $code, title: $title };)+
        pub const EVENTS: &[AuditEvent] = &[$($name),+];
    };
}

events! {
    DRAFT_SAVED = "case.draft_saved", "保存申请草稿";
    DRAFT_DELETED = "case.draft_deleted", "删除申请草稿";
    AT_WINDOW = "case.at_window", "窗口收件：核对到场的申请人";
    FILE_UPLOADED = "case.file_uploaded", "上传申请材料";
    FILE_REMOVED = "case.file_removed", "删除申请材料";
    SUBMITTED = "case.submitted", "提交申请";
    CORRECTED = "case.corrected", "提交补正";
    DECIDED = "case.task_completed", "办理环节";
    RETURNED = "case.returned", "退回环节";
    PEOPLE_CHANGED = "case.people_changed", "变更办理人";
    URGED = "case.urged", "督办";
    SAID = "case.said", "提问、答复、备注";
    REVEALED = "case.revealed", "查看申请人完整号码";
    FIGURES = "case.figures_seen", "查看办件统计";
    FIGURES_EXPORTED = "case.figures_exported", "导出办件统计";
    WITHDRAWN = "case.withdrawn", "撤回申请";
    LAPSED = "case.lapsed", "逾期未补正终止办理";
    DEEMED_ACCEPTED = "case.deemed_accepted", "逾期未答复视为受理";
    PAUSED = "case.paused", "启动特别程序";
    RESUMED = "case.resumed", "结束特别程序";
    EXTENDED = "case.extended", "延长办理期限";
    TIMER_RANG = "case.timer_rang", "流程定时到期";
    PAPER_FAILED = "case.paper_failed", "文书或证照没有制作出来";
    PAPER_REMADE = "case.paper_remade", "重新制作文书或证照";
    PHOTO_EXCHANGED = "case.photo_exchanged", "更换证照上的照片";
    OPENED = "case.opened", "查看办件";
    CONSULTED = "case.consulted", "说明理由查阅办件";
    PROGRESS_SEEN = "case.progress_seen", "凭编号和后四位查看进度";
    LISTED = "case.listed", "查询办件";
    OFFERED = "case.records_offered", "选择台账记录";
    FILE_OPENED = "case.file_opened", "查看申请材料";
    FILE_TURNED = "case.file_turned", "转正申请材料";
    LETTER_OPENED = "case.letter_opened", "查看文书";
}

/// A look-up or a register from which a form offers records.
pub const SOURCE: &str = "offer";

pub const LASTING: Lasting = Lasting {
    begun: SUBMITTED,
    table: "case_record",
};

/// Every one of these is an event of the journal at the same moment.
pub const TRACE: Trace = Trace {
    subject: "case",
    events: &[
        SUBMITTED,
        CORRECTED,
        DECIDED,
        RETURNED,
        WITHDRAWN,
        LAPSED,
        DEEMED_ACCEPTED,
        PAUSED,
        RESUMED,
        EXTENDED,
        PEOPLE_CHANGED,
        URGED,
        SAID,
    ],
    table: "case_event",
    owner: "case_id",
};
