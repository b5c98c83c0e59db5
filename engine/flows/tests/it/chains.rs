//! Approval chains: what they draw, and what they are refused for.

use tongban_flows::{ChainFile, Definition, Diagnostic, Drawing, Effect, Effects, Kind, Phase};

use crate::world::Words;

/// Operations with arguments, and one that moves the matter.
pub struct Office;

impl Effects for Office {
    fn effect(&self, operation: &str) -> Option<Effect> {
        match operation {
            "reserve" | "accept" => Some(Effect::Reversible),
            "document" => Some(Effect::Void),
            "send" => Some(Effect::Kept),
            "settle" => Some(Effect::Blocking),
            _ => None,
        }
    }

    fn arguments(&self, operation: &str) -> Vec<&str> {
        match operation {
            "document" => vec!["template"],
            "send" => vec!["event", "to"],
            _ => Vec::new(),
        }
    }

    fn phase_after(&self, operation: &str) -> Option<Phase> {
        match operation {
            "accept" => Some(Phase::Running),
            "settle" => Some(Phase::Ended),
            _ => None,
        }
    }
}

pub fn draw(text: &str) -> Result<Drawing, Vec<Diagnostic>> {
    toml::from_str::<ChainFile>(text)
        .unwrap()
        .draw("approval", text, &Office)
}

pub fn compile(text: &str) -> Result<Definition, Vec<Diagnostic>> {
    draw(text)?.compile(&Words, &Office)
}

/// Every fault as `line [step] message`.
fn faults(text: &str) -> String {
    let told = |f: Diagnostic| format!("{} [{}] {}", f.line, f.element, f.message);
    let found = compile(text).err().unwrap_or_default();
    found.into_iter().map(told).collect::<Vec<_>>().join("\n")
}

pub const OFFICE: &str = r#"
title = "用章申请"
do = ["send(event = submitted, to = \"a, b\")"]

[[step]]
name = "受理"
who = "clerk"
limit = 2
decisions = ["accept 受理", "mend 退回补正 asks=correction reason=required", "refuse 不予受理 tone=harmful"]
do.accept = ["accept", "document(notice)"]
do.mend = ["document(correction)"]

[[step]]
name = "会签"
who = ["legal", "finance"]
join = "all"
decisions = ["agree 同意", "object 不同意 to=next tone=harmful"]

[[step]]
name = "领导审批"
when = "large"
who = "leader"
decisions = ["pass 批准", "back 退回会签 to=会签", "refuse 不予批准 tone=harmful"]

[[step]]
name = "盖章"
who = "clerk"
phase = "decided"
decisions = ["done 已盖章"]

[[end]]
on = "refuse"
do = ["settle", "send(event = refused)"]

[[end]]
on = "accept"
when = "trivial"
do = ["settle"]
"#;

#[test]
fn a_chain_draws_the_same_elements_for_ever() {
    let definition = compile(OFFICE).unwrap();
    let mut ids: Vec<&str> = definition
        .nodes()
        .map(|(_, node)| node.id.as_str())
        .collect();
    ids.extend(definition.flows().map(|(_, flow)| flow.id.as_str()));
    ids.sort_unstable();
    let kept = include_str!("chain_elements.txt");
    assert_eq!(ids, kept.lines().collect::<Vec<_>>());
}

#[test]
fn a_chain_says_what_a_drawing_says() {
    let definition = compile(OFFICE).unwrap();
    let find = |name: &str| {
        let mut nodes = definition.nodes();
        let found =
            nodes.find(|(ix, node)| node.name == name && definition.user_task(*ix).is_some());
        found.unwrap()
    };
    let task = |name: &str| definition.user_task(find(name).0).unwrap();
    let (node, accepting) = (find("受理").1, task("受理"));
    assert_eq!((node.line, node.called()), (6, "受理"));
    assert_eq!(
        (accepting.role.as_str(), accepting.limit),
        ("clerk", Some(2))
    );
    let phases = ["受理", "补正", "会签", "领导审批", "盖章"].map(|name| task(name).phase.unwrap());
    let expected = [
        Phase::Filed,
        Phase::Mending,
        Phase::Running,
        Phase::Running,
        Phase::Decided,
    ];
    assert_eq!(phases, expected);
    let multi = task("会签").multi.as_ref().unwrap();
    assert!(!multi.joint.sequential);
    let told = definition.find("chain.start.1").unwrap();
    let Kind::Service(call) = &definition.node(told).kind else {
        panic!("no operation")
    };
    let arguments = serde_json::json!({ "event": "submitted", "to": "a, b" });
    assert_eq!(call.arguments, arguments);
    let mends = find("补正").1.outgoing.iter();
    let targets: Vec<_> = mends.map(|flow| definition.flow(*flow).target).collect();
    assert_eq!(targets, [find("受理").0]);
}

/// What is changed in the chain, and what is said of it.
const SLIPS: &[(&str, &str, &str)] = &[
    (
        "when = \"large\"",
        "when = \"false\"",
        "21 [领导审批] 条件“false”里没有可变的内容",
    ),
    (
        "when = \"large\"",
        "when = \"1 > 2\"",
        "21 [领导审批] 条件“1 > 2”里没有可变的内容",
    ),
    (
        "when = \"large\"",
        "when = \"what?\"",
        "21 [领导审批] 表达式「what?」有误",
    ),
    (
        "[\"done 已盖章\"]",
        "[\"done 已盖章\"]\n[[step]]\nname = \"归档\"\nwho = \"clerk\"\ndecisions = [\"kept 已归档\"]\n[[end]]\non = \"done\"",
        "31 [归档] 没有人走得到这一步",
    ),
    (
        "who = [\"legal\", \"finance\"]",
        "who = [\"legal\"]",
        "16 [会签] 只有一个岗位，没有人可以会签",
    ),
    (
        "join = \"all\"\n",
        "",
        "15 [会签] 几个岗位一起办的，要写 join",
    ),
    (
        "join = \"all\"",
        "join = \"most\"",
        "16 [会签] join 不能写“most”，可用的有：all、any、order",
    ),
    (
        "object 不同意 to=next",
        "object 不同意",
        "17 [会签] 决定 object 没有人读",
    ),
    (
        "on = \"refuse\"",
        "on = \"refused\"",
        "9 [受理] 决定 refuse 没有人读",
    ),
    (
        "on = \"accept\"",
        "on = \"accepted\"",
        "35 [] on 里的决定 accepted 没有一个环节有",
    ),
    (
        "refuse 不予批准",
        "refuse 不予批准 to=会签",
        "23 [领导审批] 决定 refuse 有几个去处",
    ),
    (
        "to=会签",
        "to=会审",
        "23 [领导审批] to=会审：没有这个环节，可用的有：next、受理、会签",
    ),
    (
        "name = \"盖章\"",
        "name = \"会签\"",
        "26 [会签] 有两个环节叫这个名称",
    ),
    (
        "name = \"盖章\"",
        "name = \"盖 章\"",
        "26 [盖 章] 环节的名称里不能有空格",
    ),
    (
        "do.mend",
        "do.mended",
        "11 [受理] do.mended 没有人读：这一步没有决定 mended",
    ),
    ("\"settle\"]", "\"settled\"]", "38 [] 操作 settled 不存在"),
    (
        "document(notice)",
        "document(template = a, b)",
        "10 [受理] 操作 document 的参数 template 写了两次",
    ),
    (
        "document(notice)",
        "accept(now)",
        "10 [受理] 操作 accept 没有参数，now 不起作用",
    ),
    (
        "document(notice)",
        "send(now, then)",
        "10 [受理] 操作 send 有几个参数（event、to）",
    ),
    (
        "document(notice)",
        "document(notice",
        "10 [受理] 操作“document(notice”少了右括号",
    ),
    (
        "phase = \"decided\"",
        "phase = \"mending\"",
        "28 [盖章] 阶段（phase）不能写“mending”",
    ),
    (
        "who = \"leader\"",
        "who = \"applicant\"",
        "22 [领导审批] 申请人的环节不用写",
    ),
    (
        "who = \"leader\"",
        "who = \"李主任\"",
        "22 [领导审批] who 写岗位代码，“李主任”不是",
    ),
    (
        "limit = 2",
        "limit = 0",
        "8 [受理] 办理时限（limit）须为 1 到 3650 个工作日",
    ),
    ("[\"done 已盖章\"]", "[]", "26 [盖章] 没有写决定"),
    (
        "done 已盖章",
        "done",
        "29 [盖章] 决定“done”应写成“代码 名称”",
    ),
    (
        "done 已盖章",
        "好 已盖章",
        "29 [盖章] 决定的代码 好 只能用英文字母",
    ),
    (
        "done 已盖章",
        "done 已盖章 tone=good",
        "29 [盖章] 决定 done 里的 tone 不能写“good”，可用的有：favourable",
    ),
    (
        "done 已盖章",
        "done 已盖章 color=red",
        "29 [盖章] 决定 done 里的 color 不认识",
    ),
    (
        "done 已盖章",
        "done 已盖章 急",
        "29 [盖章] 决定 done 里的“急”看不懂",
    ),
    (
        "done 已盖章",
        "done 已盖章\\u0007",
        "29 [盖章] 决定里有显示不了的字符",
    ),
    (
        "[\"done 已盖章\"]",
        "[\"done 已盖章 to=盖章\"]",
        "走不到任何结束事件",
    ),
    ("when = \"trivial\"\n", "", "没有人走得到这一步"),
];

#[test]
fn every_slip_in_a_chain_is_told_with_its_line_and_step() {
    for (from, to, said) in SLIPS {
        assert!(OFFICE.contains(from), "{from}");
        let found = faults(&OFFICE.replacen(from, to, 1));
        assert!(found.contains(said), "{to}\nwanted {said}\nfound {found}");
    }
}

#[test]
fn an_unknown_key_is_refused_where_it_stands() {
    let text = OFFICE.replacen("limit = 2", "limits = 2", 1);
    let fault = toml::from_str::<ChainFile>(&text).err().unwrap();
    let line = text[..fault.span().unwrap().start].matches('\n').count();
    assert!(fault.message().contains("limits"), "{fault}");
    assert_eq!(text.lines().nth(line), Some("limits = 2"));
}
