//! The events that this crate writes into the audit log.

use tongban_audit::{AuditEvent, Lasting};

macro_rules! events {
    ($($constant:ident = $name:literal, $title:literal;)+) => {
        $(pub(crate) const $constant: AuditEvent = AuditEvent { name: $name, title: $title };)+
        /// The catalogue.
        pub const EVENTS: &[AuditEvent] = &[$($constant),+];
    };
}

events! {
    REGISTERED = "account.registered", "注册账号";
    MET = "account.met", "窗口核对到场人员身份";
    JOINED = "account.joined", "窗口开的账号归到本人注册的账号";
    CONTACT_CHANGED = "account.contact_changed", "修改联系方式";
    CODE_SENT = "mobile.code_sent", "发送短信验证码";
    CODE_REFUSED = "mobile.code_refused", "短信验证码填错";
    LOCKED = "account.locked", "账号锁定";
    PASSWORD_CHANGED = "account.password_changed", "修改密码";
    CONFIRMED = "account.confirmed", "再次确认密码";
    SESSIONS_ENDED = "account.sessions_ended", "结束账号的全部登录";
    PROOF_LOOKED_UP = "real_name.looked_up", "按身份证号查实名账号";
    PROOF_RELEASED = "real_name.released", "解除实名";
    OPENED = "session.opened", "登录";
    ENDED = "session.ended", "退出登录";
    REVOKED = "session.revoked", "结束其他登录";
    PROOF_ASKED = "real_name.asked", "提交实名核验";
    PROOF_ANSWERED = "real_name.answered", "实名核验结果";
    OPENID_GRANTED = "openid.granted", "同意向应用提供信息";
    OPENID_SIGNED_IN = "openid.signed_in", "登录其他应用";
    OPENID_CODE_REUSED = "openid.code_reused", "授权码被重复使用";
    OPENID_READ = "openid.read", "应用读取个人信息";
    OPENID_WITHDRAWN = "openid.withdrawn", "取消对应用的授权";
    DOOR_REFUSED = "door.refused", "访问被拒绝";
    STAFF_ENTERED = "staff.entered", "登记工作人员";
    STAFF_CHANGED = "staff.changed", "修改工作人员信息";
    STAFF_SWITCHED_OFF = "staff.switched_off", "停用工作人员";
    STAFF_SWITCHED_ON = "staff.switched_on", "启用工作人员";
    ROLES_ASSIGNED = "staff.roles_assigned", "调整岗位";
    STAFF_TAMPERED = "staff.tampered", "工作人员授权记录被改动";
}

/// What the log calls the subjects of these events, in words.
pub const SUBJECTS: &[(&str, &str)] = &[
    ("account", "账号"),
    ("staff", "工作人员"),
    ("session", "登录"),
    ("mobile_code", "短信验证码"),
    ("openid_client", "接入应用"),
    ("unknown_login", "不存在的账号"),
    ("route", "页面"),
];

pub const LASTING: [Lasting; 3] = [
    Lasting {
        begun: REGISTERED,
        table: "account",
    },
    Lasting {
        begun: MET,
        table: "account",
    },
    Lasting {
        begun: STAFF_ENTERED,
        table: "staff",
    },
];
