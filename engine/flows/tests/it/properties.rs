//! Random verbs on random processes. After each one: the history replays to the cut, everything that was done
//! was allowed, a return touches its cone and nothing else, inverses run exactly once, and an end stays in reach.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tongban_flows::{
    AddedSigner, Completion, FiringKind, FiringNo, Instance, Message, Mode, Refusal, SignerPlace,
    Status, Target, Verb,
};

use crate::nets::{Drawing, WEATHER, block};
use crate::oracle::{self, Oracle};
use crate::world::{World, read};

/// A verb before it is known what there is to act on.
pub type Seed = (u8, usize, u8);

pub fn weather(bits: u8) -> Value {
    let mut variables = Map::new();
    for bit in 0..WEATHER {
        variables.insert(format!("c{bit}"), json!(bits >> bit & 1 == 1));
    }
    variables.insert("signers".to_owned(), json!(["u1", "u2", "u3"]));
    Value::Object(variables)
}

fn completion(world: &World, pick: usize, bits: u8) -> Option<Verb> {
    let open = world.open_tasks();
    let (_, task) = open.get(pick % open.len().max(1))?;
    let node = world.state.token(*task)?.place.task(&world.definition)?;
    let decisions = &world.definition.user_task(node)?.decisions;
    let decision = match decisions.len() {
        0 => String::new(),
        count => decisions[usize::from(bits >> 6) % count].name.clone(),
    };
    Some(Verb::Complete(Completion {
        task: *task,
        decision,
        opinion: "意见".to_owned(),
        data: Value::Null,
    }))
}

fn returning(world: &World, pick: usize, mode: Mode, permit_blocking: bool) -> Option<Verb> {
    let steps: Vec<FiringNo> = world
        .state
        .firings()
        .filter(|firing| firing.undone_by.is_none())
        .filter(|firing| {
            use FiringKind::{Complete, Enter, Open, Sign};
            matches!(firing.kind, Complete | Open | Sign | Enter)
        })
        .map(|firing| firing.no)
        .collect();
    let step = *steps.get(pick % steps.len().max(1))?;
    Some(Verb::Return {
        to: Target::Step(step),
        mode,
        reason: "退回".to_owned(),
        permit_blocking,
    })
}

pub fn verb(world: &mut World, (kind, pick, bits): Seed) -> Option<Verb> {
    let reason = "原因".to_owned();
    let open = world.open_tasks();
    let some_task = open.get(pick % open.len().max(1)).map(|(_, task)| *task);
    match kind {
        0..=99 => completion(world, pick, bits),
        100..=129 => returning(world, pick, Mode::Again, true),
        130..=149 => returning(world, pick, Mode::Straight, true),
        150..=164 => Some(Verb::Return {
            to: Target::Previous(some_task?),
            mode: if bits & 1 == 0 {
                Mode::Again
            } else {
                Mode::Straight
            },
            reason,
            permit_blocking: true,
        }),
        165..=184 => Some(Verb::Message(Message {
            name: format!("m{}", bits % 3),
            key: None,
            data: Value::Null,
        })),
        185..=209 => {
            let timers: Vec<_> = world.state.timers().collect();
            let (token, event, due) = *timers.get(pick % timers.len().max(1))?;
            world.now = world.now.max(due);
            Some(Verb::Timer { token, event })
        }
        210..=224 => Some(Verb::AddSigner {
            task: some_task?,
            added: AddedSigner {
                signer: format!("x{}", bits & 3),
                present: String::new(),
                place: [SignerPlace::Before, SignerPlace::After, SignerPlace::Beside][pick % 3],
            },
            reason,
        }),
        225..=234 => Some(Verb::RemoveSigner {
            task: some_task?,
            reason,
        }),
        235..=241 => Some(Verb::Hold),
        242..=252 => Some(Verb::Resume),
        253 => Some(Verb::Stop { reason }),
        _ => Some(Verb::Withdraw {
            reason,
            permit_blocking: true,
        }),
    }
}

/// What a return may have changed: the roots' cone, and nothing outside it.
fn check_return(before: &Instance, world: &World, verb: &Verb) {
    let undone: BTreeSet<FiringNo> = world.change.undone.iter().copied().collect();
    if let Verb::Return {
        to: Target::Step(root),
        ..
    } = verb
    {
        assert_eq!(undone, oracle::cone(before, &[*root]));
    }
    for firing in before.firings() {
        let now = world.state.firing(firing.no).unwrap();
        let touched = firing.undone_by.is_none() && now.undone_by.is_some();
        assert_eq!(touched, undone.contains(&firing.no));
        if !touched {
            assert_eq!(firing, now);
        }
    }
}

fn check_tasks(before: &Instance, world: &World) {
    let tasks = |state: &Instance| -> BTreeSet<_> {
        let open = state
            .live()
            .filter(|t| t.place.task(&world.definition).is_some());
        open.map(|token| token.no).collect()
    };
    let (was, is) = (tasks(before), tasks(&world.state));
    let opened: BTreeSet<_> = world.change.opened.iter().copied().collect();
    let closed: BTreeSet<_> = world.change.closed.iter().map(|(no, _)| *no).collect();
    assert_eq!(opened, is.difference(&was).copied().collect());
    assert_eq!(closed, was.difference(&is).copied().collect());
}

fn check_operations(world: &World) {
    for firing in world
        .state
        .firings()
        .filter(|firing| firing.operation.is_some())
    {
        let (run, taken_back) = world.ledger.get(&firing.no.0).copied().unwrap_or_default();
        assert_eq!(run, 1);
        assert_eq!(taken_back, u32::from(firing.undone_by.is_some()));
    }
}

fn play(xml: &str, seeds: &[Seed]) -> Option<World> {
    let definition = read(xml).ok()?;
    let mut world = World::new(definition, weather(0));
    world.act(&Verb::Start).ok()?;
    for seed in seeds {
        world.variables = weather(seed.2);
        let Some(verb) = verb(&mut world, *seed) else {
            continue;
        };
        let before = world.state.clone();
        match world.act(&verb) {
            Ok(()) => {}
            Err(
                Refusal::NoWay { .. } | Refusal::Condition { .. } | Refusal::TooManySigners { .. },
            ) => {
                panic!("{verb:?} is refused by the drawing itself");
            }
            Err(_) => continue,
        }
        Oracle::check(&world.definition, &world.state);
        if world.state.status == Status::Running {
            Oracle::check_rest(&world.definition, &world.state);
        }
        check_return(&before, &world, &verb);
        check_tasks(&before, &world);
        check_operations(&world);
    }
    Some(world)
}

/// Completes whatever is open; loops are left, messages come, timers ring.
fn play_to_the_end(world: &mut World) {
    world.variables = weather(0);
    if world.state.status == Status::Held {
        world.act(&Verb::Resume).unwrap();
    }
    let mut messages = ["m0", "m2", "m1"].into_iter().cycle();
    for _ in 0..400 {
        let ringing = world.state.timers().next();
        if world.state.status.is_over() {
            return;
        }
        if let Some(verb) = completion(world, 0, 0) {
            world.act(&verb).unwrap();
        } else if let Some((token, event, due)) = ringing {
            world.now = world.now.max(due);
            world.act(&Verb::Timer { token, event }).unwrap();
        } else {
            world.message(messages.next().unwrap(), None);
        }
    }
    panic!("no end in reach: {:?}", world.tasks());
}

pub fn seeds() -> impl Strategy<Value = Vec<Seed>> {
    prop::collection::vec((any::<u8>(), 0..64usize, any::<u8>()), 0..28)
}

/// Few cases by default; `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: if std::env::var_os("PROPTEST_CASES").is_some() {
            default.cases
        } else {
            128
        },
        failure_persistence: None,
        max_shrink_iters: 400,
        ..default
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_verb_on_a_net_of_blocks_keeps_the_model(block in block(), seeds in seeds()) {
        let xml = Drawing::of(&block, &[]);
        if let Err(faults) = read(&xml) {
            prop_assert!(false, "{faults:?}");
        }
        if let Some(mut world) = play(&xml, &seeds) {
            play_to_the_end(&mut world);
        }
    }

    #[test]
    fn every_verb_on_a_net_with_jumps_across_blocks_keeps_the_model(
        block in block(),
        jumps in prop::collection::vec((0..32usize, 0..32usize), 1..4),
        seeds in seeds(),
    ) {
        play(&Drawing::of(&block, &jumps), &seeds);
    }
}
