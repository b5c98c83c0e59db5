//! Joint signs: their rules, added and removed signers, returns into and out of them.

use serde_json::json;
use tongban_flows::{AddedSigner, FiringKind, Mode, Refusal, SignerPlace, Status, Target, Verb};

use crate::sketch::{Sketch, TIMER, joint};
use crate::verbs::parallel;
use crate::world::World;

fn signing(sequential: bool, rule: &str) -> World {
    let mut s = Sketch::new();
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e", "denied"]);
    s.user("draft", &[], "");
    s.user(
        "sign",
        &["agree", "deny"],
        &joint(sequential, rule, "signers"),
    );
    s.path(&["s", "draft", "sign", "g"]);
    s.nodes("exclusiveGateway", &["g"]);
    s.user("seal", &[], "");
    s.flow_if("g", "seal", "decision == 'agree'");
    s.flow_if("g", "denied", "decision == 'deny'");
    s.path(&["seal", "e"]);
    let mut world = World::started(&s.write(), json!({"signers": ["u1", "u2", "u3"]}));
    world.complete("draft", "");
    world
}

#[test]
fn a_joint_sign_follows_its_rule() {
    let mut all = signing(false, "all");
    assert_eq!(all.tasks(), ["sign:u1", "sign:u2", "sign:u3"]);
    all.complete("sign:u2", "agree");
    all.complete("sign:u1", "deny");
    all.complete("sign:u3", "agree");
    assert_eq!(all.state.status, Status::Completed);

    let mut two = signing(false, "2");
    two.complete("sign:u3", "agree");
    two.complete("sign:u1", "agree");
    assert_eq!(two.tasks(), ["seal"]);
    assert_eq!(two.change.closed.len(), 2);

    let mut order = signing(true, "all");
    for signer in ["u1", "u2", "u3"] {
        assert_eq!(order.tasks(), [format!("sign:{signer}")]);
        order.complete(&format!("sign:{signer}"), "agree");
    }
    assert_eq!(order.tasks(), ["seal"]);
}

#[test]
fn one_signature_of_a_finished_joint_sign_can_be_taken_back_alone() {
    let mut world = signing(false, "2");
    world.complete("sign:u1", "agree");
    world.complete("sign:u2", "agree");
    let signature = world
        .state
        .firings()
        .find(|f| f.kind == FiringKind::Sign)
        .unwrap()
        .no;

    world
        .try_return(Target::Step(signature), Mode::Again)
        .unwrap();

    assert_eq!(world.tasks(), ["sign:u1", "sign:u3"]);
    world.complete("sign:u3", "agree");
    assert_eq!(world.tasks(), ["seal"]);
    let task = world.task("seal");
    world
        .try_return(Target::Previous(task), Mode::Again)
        .unwrap();
    assert_eq!(world.tasks(), ["sign:u1", "sign:u2", "sign:u3"]);
}

#[test]
fn signers_are_added_and_taken_away_also_on_a_plain_task() {
    let mut world = World::started(&parallel(), json!({}));
    let added = |signer: &str, place| AddedSigner {
        signer: signer.to_owned(),
        present: "clerk".to_owned(),
        place,
    };
    world
        .act(&Verb::AddSigner {
            task: world.task("accept"),
            added: added("expert", SignerPlace::Before),
            reason: "请专家先看".to_owned(),
        })
        .unwrap();
    assert_eq!(world.tasks(), ["accept:expert"]);
    world
        .act(&Verb::AddSigner {
            task: world.task("accept:expert"),
            added: added("second", SignerPlace::After),
            reason: String::new(),
        })
        .unwrap();
    world.complete("accept:expert", "");
    assert_eq!(world.tasks(), ["accept:second"]);
    world
        .act(&Verb::RemoveSigner {
            task: world.task("accept:second"),
            reason: "出差".to_owned(),
        })
        .unwrap();
    world.complete("accept:clerk", "");
    assert_eq!(world.tasks(), ["survey", "review"]);

    world.return_to("accept", Mode::Again);
    assert_eq!(world.tasks(), ["accept"]);
}

#[test]
fn a_limit_runs_on_when_a_signer_is_added() {
    let mut s = Sketch::new();
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e"]);
    s.user("task", &[], "");
    s.node("late", "boundaryEvent attachedToRef='task'", TIMER);
    s.path(&["s", "task", "e"]);
    s.path(&["late", "e"]);
    let mut world = World::started(&s.write(), json!({}));
    let due = |world: &World| world.state.timers().next().unwrap().2;
    let before = due(&world);

    world.now = world.now.plus_minutes(30);
    let added = AddedSigner {
        signer: "expert".to_owned(),
        present: "clerk".to_owned(),
        place: SignerPlace::Beside,
    };
    let (task, reason) = (world.task("task"), "会签".to_owned());
    world
        .act(&Verb::AddSigner {
            task,
            added,
            reason,
        })
        .unwrap();

    assert_eq!(due(&world), before);
    world.ring();
    assert_eq!(world.state.status, Status::Completed);
}

#[test]
fn two_places_of_a_joint_sign_want_two_people() {
    for sequential in [false, true] {
        let mut world = signing_of(sequential, &["role:a", "role:a", "role:b"]);
        world.account = Some("one".to_owned());
        world.complete(&first(&world), "agree");
        let again = first(&world);
        let refused = world.try_complete(&again, "agree").unwrap_err();
        assert!(
            matches!(refused, Refusal::SignedAlready { .. }),
            "{refused}"
        );

        // Whose signature is taken back may sign again, once.
        let signature = world.state.firings().find(|f| f.kind == FiringKind::Sign);
        let signature = signature.unwrap().no;
        world
            .try_return(Target::Step(signature), Mode::Again)
            .unwrap();
        world.complete(&first(&world), "agree");
        let again = first(&world);
        assert!(world.try_complete(&again, "agree").is_err());

        for account in ["two", "three"] {
            world.account = Some(account.to_owned());
            world.complete(&first(&world), "agree");
        }
        assert_eq!(world.tasks(), ["seal"]);
    }
}

#[test]
fn who_has_a_place_by_name_signs_that_one() {
    for sequential in [false, true] {
        let mut world = signing_of(sequential, &["role:a", "one 测试一", "one"]);
        world.account = Some("one".to_owned());
        let refused = world.try_complete("sign:role:a", "agree").unwrap_err();
        assert!(matches!(refused, Refusal::OwnPlace { .. }), "{refused}");
        world.account = Some("two".to_owned());
        world.complete("sign:role:a", "agree");
        world.account = Some("one".to_owned());
        world.complete("sign:one 测试一", "agree");
        assert_eq!(world.tasks(), ["seal"]);
    }
}

#[test]
fn who_has_signed_is_not_added_for_a_second_place() {
    let mut world = signing_of(false, &["role:a", "role:a"]);
    world.account = Some("one".to_owned());
    world.complete("sign:role:a", "agree");
    let task = world.task("sign:role:a");
    let added = AddedSigner {
        signer: "one 测试一".to_owned(),
        present: String::new(),
        place: SignerPlace::Beside,
    };
    let reason = "会签".to_owned();
    let refused = world.act(&Verb::AddSigner {
        task,
        added,
        reason,
    });
    assert_eq!(refused.unwrap_err(), Refusal::SignerTwice);
}

fn signing_of(sequential: bool, signers: &[&str]) -> World {
    let mut s = Sketch::new();
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e"]);
    s.user("sign", &["agree"], &joint(sequential, "all", "signers"));
    s.user("seal", &[], "");
    s.path(&["s", "sign", "seal", "e"]);
    World::started(&s.write(), json!({ "signers": signers }))
}

fn first(world: &World) -> String {
    world.tasks().remove(0)
}

#[test]
fn a_drawn_joint_sign_keeps_its_people() {
    for (rule, least) in [("all", 2), ("2", 2), ("any", 1)] {
        for sequential in [false, true] {
            let mut world = signing(sequential, rule);
            for _ in least..3 {
                remove(&mut world).unwrap();
            }
            let refused = remove(&mut world).unwrap_err();
            let fits = match least {
                1 => refused == Refusal::LastSigner,
                _ => matches!(refused, Refusal::TooFewSigners { .. }),
            };
            assert!(fits, "{rule}: {refused:?}");
        }
    }
}

fn remove(world: &mut World) -> Result<(), Refusal> {
    let task = world.task(&first(world));
    world.act(&Verb::RemoveSigner {
        task,
        reason: "出差".to_owned(),
    })
}

#[test]
fn a_joint_sign_that_nobody_was_given_for_waits_for_a_name() {
    let world = signing_of(false, &[]);
    let open: Vec<_> = world
        .state
        .live()
        .filter_map(|t| t.place.task(&world.definition).map(|_| t))
        .collect();
    assert_eq!(open.len(), 1);
    assert_eq!(
        tongban_flows::Signer::read(&open[0].note.signer),
        tongban_flows::Signer::Vacant
    );
}
