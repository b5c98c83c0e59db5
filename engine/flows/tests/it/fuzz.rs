//! Whatever is done to a drawing, it is refused in words or can be begun.

use serde_json::json;
use tongban_flows::{ChainFile, Verb};
use tongban_testkit::Fuzz;

use crate::chains::{OFFICE, Office};
use crate::sketch::{Sketch, TIMER, joint, message_event};
use crate::world::{Words, World, read};

const MOST: usize = 64 << 20;
const WORDS: [&str; 24] = [
    "<userTask id='x' tb:role='reviewer'/>",
    "<exclusiveGateway id='x' default='f1'/>",
    "<inclusiveGateway id='x'/>",
    "<parallelGateway id='x'/>",
    "<sequenceFlow id='x' sourceRef='s' targetRef='a'/>",
    "<subProcess id='x'><startEvent id='y'/></subProcess>",
    "<boundaryEvent id='x' attachedToRef='a'/>",
    "<multiInstanceLoopCharacteristics/>",
    "<timerEventDefinition><timeDuration>PT99999999999999999999H</timeDuration></timerEventDefinition>",
    "<timerEventDefinition><timeDate>2026-02-30</timeDate></timerEventDefinition>",
    "<terminateEventDefinition/>",
    "tb:phase='granted'",
    "tb:limit='5'",
    "tb:arguments='{}'",
    "tb:signers='[\"\"]'",
    "tb:rule='2'",
    "isSequential='true'",
    "default='f1'",
    "id='a'",
    "sourceRef='e'",
    "targetRef='s'",
    "<!DOCTYPE a [<!ENTITY b 'c'>]>",
    "&#0;",
    "\u{202e}",
];

/// Something of everything that can be drawn.
fn drawings() -> Vec<String> {
    let mut whole = Sketch::new();
    whole.message("paid");
    whole.nodes("startEvent", &["s"]);
    whole.nodes("parallelGateway", &["fork", "join"]);
    whole.nodes("exclusiveGateway", &["which"]);
    whole.user("a", &["yes", "no!"], "");
    whole.user("signers", &["yes", "no"], &joint(true, "all", "甲,乙"));
    whole.service("reserve", "reserve");
    whole.node("wait", "intermediateCatchEvent", &message_event("paid"));
    whole.node("late", "boundaryEvent attachedToRef='a'", TIMER);
    whole.open_sub("inner");
    whole.nodes("startEvent", &["is"]);
    whole.nodes("endEvent", &["ie"]);
    whole.user("ia", &["yes"], "");
    whole.path(&["is", "ia", "ie"]);
    whole.close_sub();
    whole.nodes("endEvent", &["e", "late_end"]);
    whole.path(&["s", "fork", "a", "which", "reserve", "join", "inner", "e"]);
    whole.path(&["fork", "signers", "wait", "join"]);
    whole.path(&["late", "late_end"]);
    whole.flow_if("which", "e", "decision == 'no'");
    let mut short = Sketch::new();
    short.nodes("startEvent", &["s"]);
    short.nodes("endEvent", &["e"]);
    short.user("a", &["yes"], "");
    short.path(&["s", "a", "e"]);
    vec![whole.write(), short.write()]
}

#[test]
fn any_damaged_drawing_is_refused_in_words_or_begins() {
    Fuzz::of(drawings())
        .words(&WORDS)
        .cases(1_500)
        .memory(MOST)
        .feed(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            let definition = read(&text).map_err(|faults| format!("{faults:?}"))?;
            let mut world = World::new(definition, json!({}));
            let begun = world.act(&Verb::Start);
            begun
                .map(|()| world.tasks())
                .map_err(|no| format!("{no:?}"))
        });
}

const CHAIN_WORDS: [&str; 16] = [
    "[[step]]",
    "[[end]]",
    "on = \"accept\"",
    "when = \"true\"",
    "join = \"order\"",
    "phase = \"ended\"",
    "limit = 4294967295",
    "limit = -1",
    "do.accept = []",
    "to=next",
    "asks=correction",
    "tone=harmful",
    "\"settle\"",
    "\\u0000",
    "\u{202e}",
    "<&\"'>",
];

#[test]
fn any_damaged_chain_is_refused_in_words_or_begins() {
    Fuzz::of(vec![OFFICE.to_owned()])
        .words(&CHAIN_WORDS)
        .cases(1_500)
        .memory(MOST)
        .feed(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            let chain: ChainFile = toml::from_str(&text).map_err(|fault| fault.to_string())?;
            let told = |faults| format!("{faults:?}");
            let drawing = chain.draw("approval", &text, &Office).map_err(told)?;
            let definition = drawing.compile(&Words, &Office).map_err(told)?;
            let mut world = World::new(definition, json!({}));
            let begun = world.act(&Verb::Start);
            begun
                .map(|()| world.tasks())
                .map_err(|no| format!("{no:?}"))
        });
}
