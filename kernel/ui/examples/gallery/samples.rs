//! Fictional content of realistic length. Knows no template.

use super::*;
use tongban_ui::{MenuEntry, MenuGroup};

pub const ITEM: &str = "出租汽车驾驶员从业资格证补发";
pub const LONG_ADDRESS: &str = "示例市示例区示例街道示例社区和平东路一百二十八弄三十六号示例花园二期十七号楼三单元一千二百零三室（近示例地铁站二号口，示例小学东侧，快递请放物业前台）";
/// A picture in the form of a QR code; scanning it says nothing.
pub const QR: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'%3E%3Cpath d='M1 1h3v3h-3zM5 1h3v3h-3zM1 5h3v3h-3zM5 5h1v1h-1zM7 5h1v1h-1zM6 6h1v1h-1zM5 7h1v1h-1zM7 7h1v1h-1z'/%3E%3C/svg%3E";

pub struct Row {
    pub item: String,
    pub applicant: &'static str,
    pub number: String,
    pub badge: Badge,
    pub limit: &'static str,
    pub late: bool,
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap_or_default()
}

pub fn page(title: &str, active: &str, preferences: Preferences) -> Page {
    let site = Site {
        name: "示例市政务服务".into(),
        region: "示例市".into(),
        region_link: Some("#".into()),
        office: "示例市数据局".into(),
        phone: "12345".into(),
        search_link: Some("/search".into()),
        messages_link: Some("/workbench/messages".into()),
        accessibility_link: Some("#".into()),
        complaint_link: Some("#".into()),
        demo: true,
    };
    let page = Page {
        site: Arc::new(site),
        visitor: Some(Visitor {
            name: "测试一".into(),
            ..Visitor::default()
        }),
        csrf: "token".into(),
        preferences,
        path: "/".into(),
        active: active.into(),
        ..Page::default()
    };
    page.titled(title)
}

pub fn officer() -> Visitor {
    Visitor {
        name: "测试二".into(),
        note: "示例市交通运输局　受理岗".into(),
        staff: true,
        ..Visitor::default()
    }
}

pub fn menu() -> Vec<MenuGroup> {
    let entry = |key: &str, label: &str, icon: &str, count| MenuEntry {
        key: key.into(),
        label: label.into(),
        href: "#".into(),
        icon: icon.into(),
        count,
    };
    let work = vec![
        entry("home", "今日概况", "layout-dashboard", None),
        entry("tasks", "待办任务", "list-check", Some(36)),
        entry("done", "已办任务", "checks", None),
        entry("counter", "窗口登记", "clipboard-list", None),
    ];
    let records = vec![
        entry("practitioners", "从业人员", "users", None),
        entry("licences", "证照", "certificate", None),
        entry("holds", "锁停", "lock", Some(3)),
    ];
    vec![
        MenuGroup {
            title: "办理".into(),
            entries: work,
        },
        MenuGroup {
            title: "台账".into(),
            entries: records,
        },
    ]
}

pub fn tiles() -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    vec![
        (
            "#",
            "id-badge-2",
            "从业资格证申领",
            "第一次办证，考试合格后申请",
        ),
        ("#", "refresh", "从业资格证换发", "到期前 30 日内"),
        ("#", "file-certificate", "证件遗失补发", "3 个工作日办结"),
        ("#", "school", "考试报名", "选择考点和场次"),
        ("#", "arrows-exchange", "从业资格转籍", "跨省转入、转出"),
        ("#", "shield-check", "证照核验", "扫码或输入编号查真伪"),
    ]
}

pub fn times() -> Vec<(&'static str, u8, u8, u8)> {
    vec![
        ("从业资格证换发", 10, 3, 2),
        ("从业资格证补发", 10, 3, 1),
        ("从业资格转籍", 20, 10, 8),
    ]
}

pub fn crumbs(middle: &str) -> Vec<Link> {
    vec![
        Link::new("首页", "/"),
        Link::new(middle, "#"),
        Link::new(ITEM, ""),
    ]
}

pub fn materials() -> Vec<FileItem> {
    let item = |name: &str, note: &str| FileItem {
        name: name.into(),
        note: note.into(),
        ..FileItem::default()
    };
    vec![
        item("身份证", "免提交，系统自动核验"),
        item("一寸白底照片", "JPG 或 PNG，不超过 5 MB"),
        item("遗失声明", "在线填写"),
    ]
}

pub fn files() -> Vec<FileItem> {
    vec![
        FileItem {
            name: "身份证正面.jpg".into(),
            bytes: 1_572_864,
            note: "2026年11月16日 上传".into(),
            href: "#".into(),
            remove: "#".into(),
            badges: vec![Badge::new("已核验", Tone::Ok)],
        },
        FileItem {
            name:
                "示例科技有限公司关于为测试一同志出具从业经历证明的情况说明（盖章扫描件第三版）.pdf"
                    .into(),
            bytes: 345_678,
            note: "签章有效".into(),
            href: "#".into(),
            remove: "#".into(),
            badges: Vec::new(),
        },
    ]
}

pub fn steps() -> Vec<Step> {
    let step = |label: &str, done: bool, current| Step {
        label: label.into(),
        href: done.then(|| "#".into()),
        done,
        current,
    };
    vec![
        step("是否可办", true, false),
        step("申请人信息", false, true),
        step("补发信息", false, false),
        step("上传材料", false, false),
        step("确认提交", false, false),
    ]
}

pub fn errors() -> Vec<FieldError> {
    vec![
        FieldError::new(
            "/id_number",
            "check_digit",
            "身份证号第 18 位应为 7，请核对",
        ),
        FieldError::new("/mobile", "required", "请填写 11 位手机号"),
    ]
}

pub fn reasons() -> Vec<Choice> {
    let mut lost = Choice::new("lost", "遗失或被盗", true);
    lost.note = "需要填写遗失经过".into();
    vec![lost, Choice::new("damaged", "损坏，无法辨认", false)]
}

pub fn delivery() -> Vec<Choice> {
    vec![
        Choice::new("post", "邮寄到家", true),
        Choice::new("counter", "到窗口领取", false),
    ]
}

pub fn clock() -> Clock {
    let states = [
        (16, DayState::Counts, "工作日"),
        (17, DayState::Counts, "工作日"),
        (18, DayState::Stopped, "补正"),
        (19, DayState::Stopped, "补正"),
        (20, DayState::Stopped, "补正"),
        (21, DayState::Stopped, "周末"),
        (22, DayState::Stopped, "周末"),
        (23, DayState::Ahead, ""),
        (24, DayState::Ahead, ""),
        (25, DayState::Ahead, ""),
    ];
    let days = states.iter().map(|(number, state, reason)| ClockDay {
        date: day(&format!("2026-11-{number}")),
        state: *state,
        reason: (*reason).into(),
        today: *number == 22,
    });
    Clock {
        words: tongban_ui::markup::workdays_left(6, day("2026-12-03")),
        tone: Tone::Info,
        days: days.collect(),
        stops: vec!["周末".into(), "等您补正（11月18日至11月20日）".into()],
    }
}

pub fn late_clock() -> Clock {
    let mut clock = clock();
    clock.words = tongban_ui::markup::workdays_left(-2, day("2026-11-20"));
    clock.tone = Tone::Late;
    for day in clock.days.iter_mut().skip(7) {
        day.state = DayState::Over;
    }
    clock
}

pub fn events() -> Vec<Event> {
    let event = |title: &str, when: &str, by: &str, text: &str, undone| Event {
        title: title.into(),
        when: when.into(),
        by: by.into(),
        text: text.into(),
        undone,
    };
    vec![
        event(
            "要求补正",
            "2026年11月18日 09:20",
            "示例市交通运输局　测试二",
            "照片不清晰，请重新上传一寸白底照片",
            false,
        ),
        event(
            "受理",
            "2026年11月17日 10:02",
            "示例市交通运输局　测试二",
            "",
            true,
        ),
        event("提交申请", "2026年11月16日 21:40", "测试一", "", false),
    ]
}

pub fn valid() -> Verdict {
    Verdict {
        answer: "有效".into(),
        tone: Tone::Ok,
        reasons: vec![
            "签章完整，内容没有改动".into(),
            "发证机关：示例市交通运输局".into(),
        ],
    }
}

pub fn other_verdicts() -> Vec<Verdict> {
    vec![
        Verdict {
            answer: "无效".into(),
            tone: Tone::Late,
            reasons: vec!["文件在签章以后被改动".into()],
        },
        Verdict {
            answer: "已注销".into(),
            tone: Tone::Warn,
            reasons: vec!["2026年3月1日由发证机关注销".into()],
        },
        Verdict {
            answer: "无法核验".into(),
            tone: Tone::Quiet,
            reasons: vec!["暂时连接不到发证机关，请稍后再试".into()],
        },
    ]
}

pub fn tabs() -> Vec<Tab> {
    let tab = |label: &str, count, current| Tab {
        label: label.into(),
        href: "#".into(),
        count,
        current,
    };
    vec![
        tab("全部", Some(36), true),
        tab("今天到期", Some(4), false),
        tab("已超期", Some(1), false),
        tab("补正已交", Some(7), false),
        tab("我经手的", None, false),
    ]
}

pub fn rows() -> Vec<Row> {
    let long = "城市轨道交通、出租汽车（巡游、网络预约）、道路危险货物运输驾驶员和押运人员从业资格的跨省转入、转出及信息变更";
    (0..20)
        .map(|n| Row {
            item: if n % 5 == 1 { long.into() } else { ITEM.into() },
            applicant: if n % 4 == 2 {
                "示例省示例市示例区示例国际机场客货运输服务股份有限公司第一分公司"
            } else {
                "测试一"
            },
            number: tongban_ui::markup::grouped(&format!("20261122{n:05}")),
            badge: match n % 4 {
                0 => Badge::new("已受理", Tone::Info),
                1 => Badge::new("补正中", Tone::Warn).with_icon("clock-pause"),
                2 => Badge::new("待预审", Tone::Quiet),
                _ => Badge::new("准予许可", Tone::Ok),
            },
            limit: if n == 0 {
                "已超期 2 个工作日"
            } else {
                "还剩 6 个工作日"
            },
            late: n == 0,
        })
        .collect()
}

pub fn decisions() -> Vec<Decision> {
    let decision = |name: &str, label: &str| Decision {
        name: name.into(),
        label: label.into(),
        ..Decision::default()
    };
    vec![
        Decision {
            main: true,
            next: "受理后将送 测试三 审核，并短信告知申请人".into(),
            ..decision("accept", "受理")
        },
        decision("return", "退回"),
        decision("correct", "补正"),
        decision("transfer", "转办"),
        Decision {
            dangerous: true,
            confirm: "确定不予受理？将向申请人送达不予受理通知书".into(),
            ..decision("refuse", "不予受理")
        },
    ]
}

pub fn figures() -> Vec<Figure> {
    let figure = |name: &str, value: &str, unit: &str, trend: &str| Figure {
        name: name.into(),
        value: value.into(),
        unit: unit.into(),
        trend: trend.into(),
        definition: "当天零点起，按受理时间统计，不含已撤回的办件".into(),
        href: "#".into(),
    };
    vec![
        figure("今日受理", "128", "件", "比昨天多 12 件"),
        figure("今日办结", "96", "件", "比昨天少 3 件"),
        figure("当前等候", "17", "人", "平均等 8 分钟"),
        figure("本月收费", "¥1,234,560.00", "", "比上月同期多 3.2%"),
        figure("满意率", "99.2", "%", "与上月持平"),
    ]
}

pub fn calls() -> Vec<(&'static str, &'static str)> {
    vec![
        ("A0036", "5 号窗口"),
        ("B0012", "2 号窗口"),
        ("A0035", "8 号窗口"),
        ("C0007", "3 号窗口"),
    ]
}
