//! What is refused when a pack is read.

use std::path::Path;

use tongban_messages::{Audience, Channel, MessageTemplates};
use tongban_packs::{Findings, Folder};

use crate::house::{ACCEPTED, templates};

#[test]
fn the_messages_of_the_transport_pack_are_read_without_a_fault() {
    let templates = of_pack("transport");
    let accepted = &templates.for_event("case.accepted")[0];
    assert_eq!(accepted.to, Audience::Applicant);
    assert_eq!(accepted.channels, [Channel::Site, Channel::Sms]);
    assert!(templates.for_event("case.nothing").is_empty());
}

#[test]
fn the_messages_of_the_base_pack_are_read_without_a_fault() {
    let templates = of_pack("base");
    assert_eq!(templates.for_event("case.overdue")[0].to, Audience::Staff);
}

fn of_pack(name: &str) -> MessageTemplates {
    let solutions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../solution");
    let folder = Folder::read(&solutions.join(name).join("pack")).unwrap();
    let mut findings = Findings::default();
    let templates = MessageTemplates::read(&folder, &mut findings);
    assert!(findings.is_empty(), "{findings:?}");
    templates
}

#[test]
fn a_faulty_message_is_told_with_its_place_and_left_out() {
    let faulty = |from: &str, to: &str| {
        let text = ACCEPTED.replace(from, to);
        let (templates, findings) = templates(&[("messages/a.toml", &text)]);
        assert!(templates.for_event("case.accepted").is_empty(), "{to}");
        findings.0[0].to_string()
    };
    let typo = faulty("case.number", "case.nubmer");
    assert!(
        typo.contains("messages/a.toml") && typo.contains("nubmer"),
        "{typo}"
    );
    let place = faulty("{{case.number}}", "{{case.number");
    assert!(place.contains("[text]"), "{place}");
    assert!(faulty("\"sms\"", "\"fax\"").contains("messages/a.toml:6"));
    assert!(faulty("[\"site\", \"sms\"]", "[]").contains("渠道"));
    assert!(faulty("title", "titel").contains("titel"));
}

#[test]
fn one_event_speaks_to_one_kind_of_people() {
    let second = ACCEPTED
        .replace("\"accepted\"", "\"second\"")
        .replace("applicant", "staff");
    let (_, findings) = templates(&[("messages/a.toml", ACCEPTED), ("messages/b.toml", &second)]);
    assert_eq!(findings.0.len(), 1);
    assert_eq!(findings.0[0].file, "messages/b.toml");
}
