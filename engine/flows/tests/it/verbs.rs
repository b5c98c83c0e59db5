//! The verbs on processes that offices draw.

use serde_json::json;
use tongban_flows::{Effect, Mode, Refusal, Status, Target, Verb};

use crate::sketch::{Sketch, TIMER, message_event};
use crate::world::World;

/// accept → (survey ∥ review) → approve → end; a service reserves after the survey.
pub fn parallel() -> String {
    let mut s = Sketch::new();
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e"]);
    s.nodes("parallelGateway", &["split", "join"]);
    for id in ["accept", "survey", "review", "approve"] {
        s.user(id, &[], "");
    }
    s.service("hold-place", "reserve");
    s.path(&[
        "s",
        "accept",
        "split",
        "survey",
        "hold-place",
        "join",
        "approve",
        "e",
    ]);
    s.path(&["split", "review", "join"]);
    s.write()
}

#[test]
fn a_return_into_one_parallel_branch_keeps_the_other_one_finished() {
    let mut world = World::started(&parallel(), json!({}));
    world.complete("accept", "");
    world.complete("survey", "");
    world.complete("review", "");
    assert_eq!(world.tasks(), ["approve"]);

    world.return_to("survey", Mode::Again);

    assert_eq!(world.tasks(), ["survey"]);
    assert_eq!(world.change.inverses.len(), 1);
    assert_eq!(world.change.inverses[0].effect, Effect::Reversible);
    world.complete("survey", "");
    assert_eq!(world.tasks(), ["approve"]);
    world.complete("approve", "");
    assert_eq!(world.state.status, Status::Completed);
}

#[test]
fn a_return_before_the_split_takes_both_branches_back() {
    let mut world = World::started(&parallel(), json!({}));
    world.complete("accept", "");
    world.complete("survey", "");

    world.return_to("accept", Mode::Again);

    assert_eq!(world.tasks(), ["accept"]);
    assert_eq!(world.ledger.values().collect::<Vec<_>>(), [&(1, 1)]);
    world.complete("accept", "");
    assert_eq!(world.tasks(), ["survey", "review"]);
}

#[test]
fn the_previous_steps_after_a_join_are_both_branches() {
    let mut world = World::started(&parallel(), json!({}));
    for task in ["accept", "survey", "review"] {
        world.complete(task, "");
    }
    let task = world.task("approve");

    world
        .try_return(Target::Previous(task), Mode::Again)
        .unwrap();

    assert_eq!(world.tasks(), ["survey", "review"]);
    let first = world.task("survey");
    world
        .try_return(Target::Previous(first), Mode::Again)
        .unwrap();
    assert_eq!(world.tasks(), ["accept"]);
    let none = world.task("accept");
    let refused = world.try_return(Target::Previous(none), Mode::Again);
    assert_eq!(refused, Err(Refusal::NoTarget));
}

#[test]
fn straight_back_puts_the_undone_cut_back_and_runs_operations_once_more() {
    let mut world = World::started(&parallel(), json!({}));
    for task in ["accept", "survey", "review"] {
        world.complete(task, "");
    }
    world.return_to("accept", Mode::Straight);
    assert_eq!(world.tasks(), ["accept"]);

    world.complete("accept", "");

    assert_eq!(world.tasks(), ["approve"]);
    assert_eq!(world.change.operations.len(), 1);
    assert!(world.change.deviations.is_empty() && world.change.dropped.is_empty());
    let restored = world.state.firings().filter(|f| f.restores.is_some());
    assert_eq!(restored.count(), 2);
}

/// fill → choice (large: two signatures, otherwise one) → e
fn choice() -> String {
    let mut s = Sketch::new();
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e"]);
    for id in ["fill", "chief", "clerk"] {
        s.user(id, &["agree", "deny!"], "");
    }
    s.path(&["s", "fill", "g"]);
    s.flow_if("g", "chief", "large");
    let default = s.flow("g", "clerk");
    s.node("g", &format!("exclusiveGateway default='{default}'"), "");
    s.path(&["chief", "e"]);
    s.path(&["clerk", "e"]);
    s.write()
}

#[test]
fn straight_back_says_where_a_rule_decides_otherwise_on_the_new_data() {
    let mut world = World::started(&choice(), json!({"large": false}));
    world.complete("fill", "agree");
    assert_eq!(world.tasks(), ["clerk"]);
    world.return_to("fill", Mode::Straight);

    world.variables = json!({"large": true});
    world.complete("fill", "agree");

    assert_eq!(world.tasks(), ["chief"]);
    assert_eq!(world.change.deviations.len(), 1);
    assert_eq!(world.change.deviations[0].element, "g");
}

#[test]
fn a_decision_must_be_one_of_the_task_and_bring_the_opinion_it_asks_for() {
    let mut world = World::started(&choice(), json!({}));
    let unknown = world.try_complete("fill", "perhaps").unwrap_err();
    assert_eq!(unknown.code(), "flow.unknown_decision");
    let verb = Verb::Complete(tongban_flows::Completion {
        task: world.task("fill"),
        decision: "deny".to_owned(),
        opinion: " ".to_owned(),
        data: json!(null),
    });
    assert_eq!(world.act(&verb).unwrap_err().code(), "flow.opinion_missing");
    assert_eq!(world.tasks(), ["fill"]);
}

/// Two branches meet at an inclusive join; the first may turn away instead.
fn turning_away() -> String {
    let mut s = Sketch::new();
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e", "away"]);
    s.nodes("parallelGateway", &["split"]);
    s.nodes("inclusiveGateway", &["join"]);
    for id in ["a", "b", "last"] {
        s.user(id, &["go", "leave"], "");
    }
    s.path(&["s", "split", "a", "g"]);
    s.flow_if("g", "join", "decision == 'go'");
    s.flow_if("g", "away", "decision == 'leave'");
    s.nodes("exclusiveGateway", &["g"]);
    s.path(&["split", "b", "join", "last", "e"]);
    s.write()
}

#[test]
fn returning_to_the_decision_that_sent_a_branch_elsewhere_undoes_the_inclusive_join_too() {
    let mut world = World::started(&turning_away(), json!({}));
    world.complete("b", "go");
    assert_eq!(world.tasks(), ["a"]);
    world.complete("a", "leave");
    assert_eq!(world.tasks(), ["last"]);

    world.return_to("a", Mode::Again);

    assert_eq!(world.tasks(), ["a"]);
    world.complete("a", "go");
    assert_eq!(world.tasks(), ["last"]);
    world.complete("last", "go");
    assert_eq!(world.state.status, Status::Completed);
}

#[test]
fn a_later_round_of_an_inclusive_join_goes_with_the_round_that_used_up_its_missing_flow() {
    let mut s = Sketch::new();
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e"]);
    s.nodes("parallelGateway", &["split"]);
    s.nodes("exclusiveGateway", &["merge"]);
    s.nodes("inclusiveGateway", &["join"]);
    for id in ["a", "b", "c", "last"] {
        s.user(id, &[], "");
    }
    s.path(&["s", "split", "a", "join", "last", "e"]);
    s.path(&["split", "b", "merge", "join"]);
    s.path(&["split", "c", "merge"]);
    let mut world = World::started(&s.write(), json!({}));
    for task in ["a", "b", "c"] {
        world.complete(task, "");
    }
    assert_eq!(world.tasks(), ["last", "last"]);

    world.return_to("a", Mode::Again);

    assert_eq!(world.tasks(), ["a"]);
    crate::oracle::Oracle::check(&world.definition, &world.state);
    world.complete("a", "");
    assert_eq!(world.tasks(), ["last", "last"]);
}

/// A sub-process of two parallel tasks, with an interrupting message and a timer that only reminds.
pub fn guarded() -> String {
    let mut s = Sketch::new();
    s.message("cancel");
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e", "reminded"]);
    s.user("before", &[], "");
    s.open_sub("sub");
    s.nodes("startEvent", &["is"]);
    s.nodes("endEvent", &["ie"]);
    s.nodes("parallelGateway", &["isplit"]);
    s.user("x", &[], "");
    s.user("y", &[], "");
    s.path(&["is", "isplit", "x", "ie"]);
    s.path(&["isplit", "y", "ie"]);
    s.close_sub();
    s.node(
        "cancelled",
        "boundaryEvent attachedToRef='sub'",
        &message_event("cancel"),
    );
    s.node(
        "late",
        "boundaryEvent attachedToRef='sub' cancelActivity='false'",
        TIMER,
    );
    for id in ["after", "settle", "remind"] {
        s.user(id, &[], "");
    }
    s.path(&["s", "before", "sub", "after", "e"]);
    s.path(&["cancelled", "settle", "e"]);
    s.path(&["late", "remind", "reminded"]);
    s.write()
}

#[test]
fn undoing_an_interruption_brings_back_what_it_had_cancelled() {
    let mut world = World::started(&guarded(), json!({}));
    world.complete("before", "");
    world.complete("x", "");
    world.message("cancel", None);
    assert_eq!(world.tasks(), ["settle"]);

    world.return_to("x", Mode::Again);

    assert_eq!(world.tasks(), ["x", "y"]);
    world.complete("x", "");
    world.complete("y", "");
    assert_eq!(world.tasks(), ["after"]);
}

#[test]
fn a_message_that_interrupted_interrupts_again_after_a_return_to_before_the_activity() {
    let mut world = World::started(&guarded(), json!({}));
    world.complete("before", "");
    world.message("cancel", None);

    world.return_to("before", Mode::Again);

    assert_eq!(world.tasks(), ["before"]);
    world.complete("before", "");
    assert_eq!(world.tasks(), ["settle"]);
}

#[test]
fn a_reminder_does_not_stop_the_activity_and_rings_once_for_each_token() {
    let mut world = World::started(&guarded(), json!({}));
    world.complete("before", "");
    world.ring();
    assert_eq!(world.tasks(), ["x", "y", "remind"]);
    assert_eq!(world.state.timers().count(), 0);
    world.complete("x", "");
    world.complete("y", "");
    assert_eq!(world.tasks(), ["remind", "after"]);

    world.return_to("x", Mode::Again);

    assert_eq!(world.tasks(), ["x", "remind"]);
    assert_eq!(world.state.timers().count(), 0);
    world.complete("x", "");
    world.complete("after", "");
    assert_eq!(world.state.status, Status::Running);
    world.complete("remind", "");
    assert_eq!(world.state.status, Status::Completed);
}

#[test]
fn messages_wait_and_an_event_gateway_takes_the_first_event() {
    let mut s = Sketch::new();
    s.message("paid");
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e"]);
    s.nodes("eventBasedGateway", &["race"]);
    s.user("first", &[], "");
    s.user("paid-next", &[], "");
    s.user("late-next", &[], "");
    s.node(
        "paid",
        "intermediateCatchEvent tb:key='number'",
        &message_event("paid"),
    );
    s.node("late", "intermediateCatchEvent", TIMER);
    s.path(&["s", "first", "race", "paid", "paid-next", "e"]);
    s.path(&["race", "late", "late-next", "e"]);
    let xml = s.write();

    let mut early = World::started(&xml, json!({"number": "A1"}));
    early.message("paid", Some("B2"));
    early.message("paid", Some("A1"));
    early.complete("first", "");
    assert_eq!(early.tasks(), ["paid-next"]);

    let mut late = World::started(&xml, json!({"number": "A1"}));
    late.complete("first", "");
    late.message("paid", Some("B2"));
    let (token, event, due) = late.state.timers().next().unwrap();
    assert_eq!(
        late.act(&Verb::Timer { token, event }),
        Err(Refusal::TimerGone)
    );
    late.act(&Verb::Hold).unwrap();
    late.now = late.now.plus_minutes(30);
    late.act(&Verb::Resume).unwrap();
    assert_eq!(late.state.timers().next().unwrap().2, due.plus_minutes(30));
    late.ring();
    assert_eq!(late.tasks(), ["late-next"]);
    assert_eq!(
        late.act(&Verb::Timer { token, event }),
        Err(Refusal::TimerGone)
    );
}

#[test]
fn withdrawing_undoes_everything_and_ends_and_a_settled_fee_forbids_it() {
    let mut s = Sketch::new();
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e"]);
    s.user("a", &[], "");
    s.user("b", &[], "");
    s.service("number", "document");
    s.service("notice", "send");
    s.service("fee", "settle");
    s.path(&["s", "number", "notice", "a", "fee", "b", "e"]);
    let withdraw = |permit_blocking| Verb::Withdraw {
        reason: "不再需要".to_owned(),
        permit_blocking,
    };

    let mut world = World::started(&s.write(), json!({}));
    let mut paid = World::started(&s.write(), json!({}));
    world.act(&withdraw(false)).unwrap();
    assert_eq!(world.state.status, Status::Withdrawn);
    let undone: Vec<_> = world
        .change
        .inverses
        .iter()
        .map(|i| i.element.as_str())
        .collect();
    assert_eq!(undone, ["notice", "number"]);
    assert!(world.tasks().is_empty());

    paid.complete("a", "");
    assert_eq!(
        paid.act(&withdraw(false)).unwrap_err().code(),
        "flow.blocking"
    );
    assert_eq!(paid.tasks(), ["b"]);
    paid.act(&withdraw(true)).unwrap();
    assert_eq!(paid.change.inverses.len(), 3);
}

#[test]
fn a_held_flow_refuses_work_and_a_stopped_one_is_over() {
    let mut world = World::started(&parallel(), json!({}));
    world.act(&Verb::Hold).unwrap();
    assert_eq!(world.try_complete("accept", ""), Err(Refusal::Held));
    world.act(&Verb::Resume).unwrap();
    world.complete("accept", "");
    world
        .act(&Verb::Stop {
            reason: "依法终止".to_owned(),
        })
        .unwrap();
    assert_eq!(world.state.status, Status::Stopped);
    assert_eq!(world.change.closed.len(), 2);
    assert_eq!(world.act(&Verb::Hold), Err(Refusal::Over));
}

#[test]
fn a_terminate_end_is_undone_with_the_branch_that_reached_it() {
    let mut s = Sketch::new();
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e"]);
    s.open_sub("sub");
    s.nodes("startEvent", &["is"]);
    s.nodes("endEvent", &["ie"]);
    s.node("kill", "endEvent", "<terminateEventDefinition/>");
    s.nodes("parallelGateway", &["split"]);
    s.user("a", &[], "");
    s.user("b", &[], "");
    s.path(&["is", "split", "a", "kill"]);
    s.path(&["split", "b", "ie"]);
    s.close_sub();
    s.user("after", &[], "");
    s.path(&["s", "sub", "after", "e"]);
    let mut world = World::started(&s.write(), json!({}));
    world.complete("a", "");
    assert_eq!(world.tasks(), ["after"]);

    world.return_to("a", Mode::Again);

    assert_eq!(world.tasks(), ["a", "b"]);
    let nothing_done = world.try_return(Target::Activity("a".to_owned()), Mode::Again);
    assert_eq!(nothing_done, Err(Refusal::NoTarget));
}
