//! What a definition is refused for, each fault with its element and a reason.

use crate::sketch::{Sketch, TIMER, joint, message_event};
use crate::world::read;

fn faults(sketch: &Sketch) -> Vec<(String, String)> {
    let found = read(&sketch.write()).err().unwrap_or_default();
    assert!(found.iter().all(|fault| fault.line > 1));
    found
        .into_iter()
        .map(|fault| (fault.element, fault.message))
        .collect()
}

fn base() -> Sketch {
    let mut s = Sketch::new();
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e"]);
    s.user("a", &["yes", "no"], "");
    s.path(&["s", "a"]);
    s
}

#[test]
fn every_fault_names_its_element_and_reason() {
    type Draw = fn(&mut Sketch);
    let cases: &[(&str, &str, Draw)] = &[
        ("script", "不支持的流程元素 scriptTask", |s| {
            s.nodes("scriptTask", &["script"])
        }),
        ("rule", "请改为排他网关", |s| {
            s.nodes("businessRuleTask", &["rule"]);
        }),
        (
            "p",
            "potentialOwner 没有人读，由谁办理请写 tb:role",
            |s| {
                s.user("p", &[], "<potentialOwner/>");
            },
        ),
        ("undo", "不支持补偿活动", |s| {
            s.node("undo", "serviceTask isForCompensation='true'", "");
        }),
        ("j", "会签里的 loopDataInputRef 没有人读", |s| {
            let drawn = "<multiInstanceLoopCharacteristics><loopDataInputRef>x</loopDataInputRef></multiInstanceLoopCharacteristics>";
            s.user("j", &[], drawn);
        }),
        ("t", "任务没有指定类型", |s| s.nodes("task", &["t"])),
        (
            "u",
            "阶段（tb:phase）不能写“granted”，可用的有：filed、mending",
            |s| s.nodes("userTask tb:role='reviewer' tb:phase='granted'", &["u"]),
        ),
        (
            "u",
            "不认识属性 tb:rôle，可用的有：tb:role、tb:stage",
            |s| s.nodes("userTask tb:role='reviewer' tb:rôle='x'", &["u"]),
        ),
        (
            "g",
            "不认识属性 tb:operation，这个元素没有可用的 tb: 属性",
            |s| s.nodes("exclusiveGateway tb:operation='note'", &["g"]),
        ),
        (
            "b",
            "决定所附的内容（asks）不能写“photo”，可用的有：correction",
            |s| {
                let drawn = "<extensionElements><tb:decision name='x' label='x' asks='photo'/></extensionElements>";
                s.node("b", "userTask tb:role='reviewer'", drawn);
            },
        ),
        (
            "b",
            "不认识属性 opinon，可用的有：name、label、opinion、asks、tone",
            |s| {
                let drawn = "<extensionElements><tb:decision name='x' label='x' opinon='required'/></extensionElements>";
                s.node("b", "userTask tb:role='reviewer'", drawn);
            },
        ),
        (
            "b",
            "不认识元素 tb:choice，可用的有：tb:decision",
            |s| {
                let drawn = "<extensionElements><tb:choice name='x'/></extensionElements>";
                s.node("b", "userTask tb:role='reviewer'", drawn);
            },
        ),
        ("u", "没有指定办理角色", |s| {
            s.nodes("userTask", &["u"])
        }),
        ("v", "没有指定操作", |s| {
            s.nodes("serviceTask", &["v"])
        }),
        ("v", "操作 unknown 不存在", |s| {
            s.service("v", "unknown")
        }),
        ("g", "没有离开的连线", |s| {
            s.nodes("exclusiveGateway", &["g"]);
            s.path(&["a", "g"]);
        }),
        ("g", "须设默认连线", |s| {
            s.nodes("exclusiveGateway", &["g"]);
            s.path(&["a", "g"]);
            s.flow_if("g", "e", "decision == 'yes'");
            s.flow_if("g", "e", "large");
        }),
        ("g", "须设默认连线", |s| {
            s.nodes("exclusiveGateway", &["g"]);
            s.path(&["a", "g"]);
            s.flow_if("g", "e", "large");
            s.flow_if("g", "e", "!(large)");
        }),
        ("g", "每条离开的连线都要写条件", |s| {
            s.nodes("exclusiveGateway", &["g"]);
            s.path(&["a", "g"]);
            s.flow_if("g", "e", "large");
            s.flow("g", "e");
        }),
        ("f2", "不认识的符号", |s| {
            s.flow_if("a", "e", "what?");
        }),
        ("lost", "从开始事件走不到这里", |s| {
            s.user("lost", &[], "");
            s.path(&["a", "e"]);
            s.path(&["lost", "e"]);
        }),
        ("b", "从这里走不到任何结束事件", |s| {
            s.user("b", &[], "");
            s.nodes("exclusiveGateway", &["g"]);
            s.path(&["a", "g", "b", "c", "b"]);
            s.user("c", &[], "");
        }),
        ("spin", "一直空转", |s| {
            s.path(&["a", "spin"]);
            s.flow_if("spin", "turn", "x == 1");
            s.flow_if("spin", "e", "x != 1");
            s.flow("turn", "spin");
            s.nodes("exclusiveGateway", &["spin", "turn"]);
        }),
        ("a", "编号（id）与另一个元素重复", |s| {
            s.user("a", &[], "");
            s.path(&["a", "e"]);
        }),
        ("sig", "不支持 signalEventDefinition", |s| {
            s.node("sig", "intermediateCatchEvent", "<signalEventDefinition/>");
        }),
        ("m", "所指的消息不存在", |s| {
            s.node("m", "intermediateCatchEvent", &message_event("none"));
        }),
        ("late", "须附在用户任务", |s| {
            s.node("late", "boundaryEvent attachedToRef='e'", TIMER);
        }),
        ("j", "会签须指定会签人", |s| {
            s.user("j", &[], &joint(false, "most", "signers"))
        }),
        ("race", "事件网关之后只能", |s| {
            s.nodes("eventBasedGateway", &["race"]);
            s.path(&["a", "race", "e"]);
        }),
        ("sub", "须有且只有一个开始事件", |s| {
            s.open_sub("sub");
            s.close_sub();
            s.path(&["a", "sub", "e"]);
        }),
        ("f2", "连线不能穿过子流程", |s| {
            s.open_sub("sub");
            s.nodes("startEvent", &["is"]);
            s.flow("is", "e");
            s.close_sub();
        }),
    ];
    for (element, message, draw) in cases {
        let mut sketch = base();
        draw(&mut sketch);
        let found = faults(&sketch);
        assert!(
            found
                .iter()
                .any(|(id, text)| id == element && text.contains(message)),
            "{element} {message}: {found:?}"
        );
    }
}

#[test]
fn conditions_that_name_every_decision_or_a_pair_of_opposites_need_no_default() {
    for (first, second) in [
        ("decision == 'yes'", "decision=='no'"),
        ("answers.kind == 'a'", "answers.kind!='a'"),
        ("!( case.size == 3 )", "case.size == 3"),
    ] {
        let mut s = base();
        s.nodes("exclusiveGateway", &["g"]);
        s.path(&["a", "g"]);
        s.flow_if("g", "e", first);
        s.flow_if("g", "e", second);
        assert_eq!(faults(&s), []);
    }
}

#[test]
fn inclusive_joins_that_would_wait_for_each_other_are_refused() {
    let mut s = Sketch::new();
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e"]);
    s.nodes("parallelGateway", &["split"]);
    s.nodes("inclusiveGateway", &["j1", "j2"]);
    s.nodes("exclusiveGateway", &["x1", "x2"]);
    s.user("b1", &[], "");
    s.user("b2", &[], "");
    s.path(&["s", "split", "j1", "b1", "x1"]);
    s.path(&["split", "j2", "b2", "x2"]);
    for (gate, other) in [("x1", "j2"), ("x2", "j1")] {
        s.flow_if(gate, other, "more == 1");
        s.flow_if(gate, "e", "more != 1");
    }
    let found = faults(&s);
    let named: Vec<_> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(named, ["j1", "j2"]);
    assert!(found[0].1.contains("互相等待"));
}
