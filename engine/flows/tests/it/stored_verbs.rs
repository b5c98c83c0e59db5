//! The verbs on stored flows, on both databases.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;
use tongban_base::{Ctx, Kind, Result};
use tongban_flows::{
    Assignment, FiringKind, Instance, MIGRATIONS, Message, Mode, Outcome, Person, SignerPlace,
    Status, Target, Task, TaskFilter, TaskQuery, Verb,
};
use tongban_store::{Cursor, Db, KeyPage};
use tongban_testkit::{actors, on_both_databases};

use crate::meddled::broken;
use crate::nets::{Drawing, block};
use crate::oracle::Oracle;
use crate::properties::{Seed, seeds, verb, weather};
use crate::sketch::Sketch;
use crate::stored::Office;
use crate::verbs::{guarded, parallel};
use crate::world::World;

pub fn officer(name: &str) -> Ctx {
    let mut ctx = actors::reviewer(&[]);
    ctx.actor.name = name.to_owned();
    ctx
}

pub fn me(ctx: &Ctx) -> Person {
    Person {
        account: ctx.actor.account.unwrap().to_string(),
        name: ctx.actor.name.clone(),
    }
}

pub async fn return_to(office: &Office, ctx: &Ctx, target: Target, mode: Mode) -> Result<Outcome> {
    office
        .db
        .write(
            (office.clone(), ctx.clone(), target),
            move |tx, (office, ctx, target)| {
                Box::pin(async move {
                    let (engine, variables) = (office.engine(), office.variables());
                    let reason = "材料有误";
                    tongban_flows::return_to(
                        tx, ctx, &engine, office.id, target, mode, reason, &variables,
                    )
                    .await
                })
            },
        )
        .await
}

async fn state(office: &Office) -> Instance {
    office
        .db
        .read(office.clone(), |tx, office| {
            Box::pin(tongban_flows::load_instance(
                tx,
                office.id,
                &office.definition,
            ))
        })
        .await
        .unwrap()
}

on_both_databases! {
    MIGRATIONS;

    async fn a_flow_is_worked_through_returned_and_finished(db: Db) {
        let office = Office::new(db, &parallel(), json!({}));
        let ctx = officer("测试一");
        let started = office.start(&ctx).await;
        assert_eq!(started.opened[0].stage, "审查");
        let accept = office.task("accept").await;
        office.complete(&ctx, &accept).await.unwrap();
        for element in ["survey", "review"] {
            let task = office.task(element).await;
            office.complete(&ctx, &task).await.unwrap();
        }
        assert_eq!(office.elements().await, ["approve"]);
        assert_eq!(office.count("reserve").await, 1);

        let target = Target::Activity("survey".to_owned());
        let returned = return_to(&office, &ctx, target, Mode::Again).await.unwrap();

        assert_eq!(returned.opened.len(), 1);
        assert_eq!(office.elements().await, ["survey"]);
        assert_eq!(office.count("reserve").await, 0);
        for element in ["survey", "approve"] {
            let task = office.task(element).await;
            office.complete(&ctx, &task).await.unwrap();
        }
        let whole = state(&office).await;
        assert_eq!(whole.status, Status::Completed);
        Oracle::check(&office.definition, &whole);
        let history = office
            .db
            .read(office.id, |tx, id| Box::pin(tongban_flows::history(tx, *id)))
            .await
            .unwrap();
        let undone = history.iter().filter(|step| step.undone_by.is_some()).count();
        assert_eq!(undone, 3);
        assert!(history.iter().any(|s| s.kind == FiringKind::Return && s.opinion == "材料有误"));
        assert_eq!(history[1].data, json!({ "checked": true }));
    }

    async fn of_two_officers_the_second_is_told_who_was_first(db: Db) {
        let office = Office::new(db, &parallel(), json!({}));
        let (first, second) = (officer("测试一"), officer("测试二"));
        office.start(&first).await;
        let task = office.task("accept").await;

        let (a, b) = tokio::join!(office.complete(&first, &task), office.complete(&second, &task));

        let (done, refused) = if a.is_ok() { (a, b) } else { (b, a) };
        assert_eq!(done.unwrap().opened.len(), 2);
        let refused = refused.unwrap_err();
        assert_eq!(refused.kind(), Kind::Conflict);
        assert_eq!(refused.code(), "flow.task_done");
        assert!(refused.message().starts_with("这一步已由测试"));
        assert_eq!(office.elements().await, ["survey", "review"]);
    }

    async fn the_queue_shows_open_tasks_of_the_role_in_the_office_page_by_page(db: Db) {
        let ctx = officer("测试一");
        let mut ids = Vec::new();
        for _ in 0..3 {
            let office = Office::new(db.clone(), &parallel(), json!({}));
            ids.push(office.start(&ctx).await.opened[0].id);
        }
        let query = |role: &str, division: &str, at: Option<Cursor>| (TaskQuery {
            account: me(&ctx).account,
            roles: vec![role.to_owned(), "other".to_owned()],
            organisation: "transport".to_owned(),
            division_prefix: division.to_owned(),
            subjects: None,
            filter: TaskFilter::default(),
        }, at);
        let shown = |page: &KeyPage<(Task, ())>| {
            let ids = page.rows.iter().map(|(task, ())| task.id);
            ids.collect::<Vec<_>>()
        };
        let found = |query: (TaskQuery, Option<Cursor>)| {
            let db = db.clone();
            async move {
                db.read(query, |tx, (query, at)| {
                    Box::pin(async move {
                        let count = tongban_flows::count_open_tasks(tx, query, 1_000).await?;
                        let at = (at.as_ref(), 2);
                        Ok((tongban_flows::open_tasks(tx, query, at, |_, _| Ok(Some(()))).await?, count))
                    })
                })
                .await
                .unwrap()
            }
        };
        let (page, count) = found(query("reviewer", "3101", None)).await;
        assert_eq!((shown(&page), count), (ids[..2].to_vec(), 3));
        let (rest, _) = found(query("reviewer", "", page.next)).await;
        assert_eq!(shown(&rest), ids[2..]);
        let (back, _) = found(query("reviewer", "", rest.previous)).await;
        assert_eq!((shown(&back), back.previous), (ids[..2].to_vec(), None));
        assert_eq!(found(query("acceptor", "31", None)).await.1, 0);
        assert_eq!(found(query("reviewer", "3102", None)).await.1, 0);
    }

    async fn a_task_is_claimed_delegated_and_taken_back(db: Db) {
        let office = Office::new(db, &parallel(), json!({}));
        let (one, two) = (officer("测试一"), officer("测试二"));
        office.start(&one).await;
        let task = office.task("accept").await;
        let db = office.db.clone();
        let input = (one.clone(), task.id, me(&two), office.clone());
        db.write(input.clone(), |tx, (one, task, two, office)| {
            Box::pin(async move {
                tongban_flows::claim(tx, one, &office.definition, *task).await?;
                tongban_flows::delegate(tx, one, &office.definition, *task, two.clone()).await
            })
        })
        .await
        .unwrap();

        let refused = office.complete(&one, &task).await.unwrap_err();
        assert_eq!(refused.message(), "这一步由测试二办理");
        db.write(input, |tx, (one, task, ..)| Box::pin(tongban_flows::take_back(tx, one, *task)))
            .await
            .unwrap();
        let refused = office.complete(&two, &task).await.unwrap_err();
        assert_eq!(refused.code(), "flow.not_yours");
        office.complete(&one, &task).await.unwrap();
    }

    async fn who_had_a_task_gets_it_back_after_a_return(db: Db) {
        let office = Office::new(db, &parallel(), json!({}));
        let one = officer("测试一");
        office.start(&one).await;
        let task = office.task("accept").await;
        let input = (one.clone(), task.id, office.clone());
        office
            .db
            .write(input, |tx, (one, task, office)| {
                Box::pin(tongban_flows::claim(tx, one, &office.definition, *task))
            })
            .await
            .unwrap();
        office.complete(&one, &task).await.unwrap();

        let target = Target::Activity("accept".to_owned());
        return_to(&office, &one, target, Mode::Straight).await.unwrap();

        let again = office.task("accept").await;
        assert_ne!(again.id, task.id);
        assert_eq!(again.assignment.assignee, Some(me(&one)));
        office.complete(&one, &again).await.unwrap();
        assert_eq!(office.elements().await, ["survey", "review"]);
    }

    async fn a_timer_fires_once_and_a_message_interrupts(db: Db) {
        let office = Office::new(db, &guarded(), json!({}));
        let mut ctx = officer("测试一");
        office.start(&ctx).await;
        let before = office.task("before").await;
        office.complete(&ctx, &before).await.unwrap();
        let due = |now| {
            let db = office.db.clone();
            async move {
                db.read(now, |tx, now| Box::pin(tongban_flows::due_timers(tx, *now, None, 10)))
                    .await
                    .unwrap()
            }
        };
        assert_eq!(due(ctx.now).await, []);
        ctx.now = ctx.now.plus_minutes(60);
        let timers = due(ctx.now).await;
        assert_eq!((timers.len(), timers[0].element.as_str()), (1, "late"));
        let fire = || {
            let input = (office.clone(), ctx.clone(), timers[0].clone());
            office.db.write(input, |tx, (office, ctx, timer)| {
                Box::pin(async move {
                    let engine = office.engine();
                    tongban_flows::fire_timer(tx, ctx, &engine, timer, &json!({})).await
                })
            })
        };
        fire().await.unwrap();
        assert_eq!(fire().await.unwrap_err().code(), "flow.timer_gone");
        assert_eq!(office.elements().await, ["x", "y", "remind"]);
        assert_eq!(due(ctx.now).await, []);

        office
            .db
            .write((office.clone(), ctx.clone()), |tx, (office, ctx)| {
                Box::pin(async move {
                    let message = Message {
                        name: "cancel".to_owned(),
                        key: None,
                        data: json!({ "by": "applicant" }),
                    };
                    let engine = office.engine();
                    tongban_flows::deliver_message(tx, ctx, &engine, office.id, message, &json!({}))
                        .await
                })
            })
            .await
            .unwrap();
        assert_eq!(office.elements().await, ["remind", "settle"]);
        Oracle::check(&office.definition, &state(&office).await);
    }

    async fn an_operation_that_has_to_wait_leaves_nothing_and_runs_once_when_it_is_woken(db: Db) {
        let mut sketch = Sketch::new();
        sketch.nodes("startEvent", &["start"]);
        sketch.user("decide", &[], "");
        sketch.service("close", "document");
        sketch.user("hand-over", &[], "");
        sketch.nodes("endEvent", &["end"]);
        for (from, to) in [("start", "decide"), ("decide", "close"), ("close", "hand-over"), ("hand-over", "end")] {
            sketch.flow(from, to);
        }
        let office = Office::new(db.clone(), &sketch.write(), json!({}));
        let wang = officer("wang");
        office.start(&wang).await;
        office.shut(true).await;
        let outcome = office.complete(&wang, &office.task("decide").await).await.unwrap();
        assert_eq!((outcome.postponed, outcome.opened.len()), (1, 0));
        assert_eq!(office.count("document").await, 0);
        let woken = act(&office, &wang, &Verb::Wake).await.unwrap();
        assert_eq!((woken.postponed, office.elements().await.len()), (1, 0), "it still has to wait");

        // A return takes it like any other step.
        let back = Target::Activity("decide".to_owned());
        let outcome = return_to(&office, &wang, back, Mode::Again).await.unwrap();
        assert_eq!((outcome.postponed, office.elements().await), (0, vec!["decide".to_owned()]));
        office.complete(&wang, &office.task("decide").await).await.unwrap();
        office.shut(false).await;
        for _ in 0..2 {
            let woken = act(&office, &wang, &Verb::Wake).await.unwrap();
            assert_eq!((woken.postponed, office.elements().await), (0, vec!["hand-over".to_owned()]));
        }
        assert_eq!(office.count("document").await, 1);
        assert_eq!(office.complete(&wang, &office.task("hand-over").await).await.unwrap().status, Status::Completed);
    }

    async fn an_added_signer_has_a_task_of_his_own(db: Db) {
        let office = Office::new(db, &parallel(), json!({}));
        let (one, expert) = (officer("测试一"), officer("测试专家"));
        office.start(&one).await;
        let task = office.task("accept").await;
        let input = (office.clone(), one.clone(), task, Assignment::named(me(&expert), false));
        office
            .db
            .write(input, |tx, (office, ctx, task, expert)| {
                Box::pin(async move {
                    let (engine, place) = (office.engine(), SignerPlace::Beside);
                    let none = json!({});
                    tongban_flows::add_signer(
                        tx, ctx, &engine, task.id, expert, place, "请会签", &none,
                    )
                    .await
                })
            })
            .await
            .unwrap();
        let tasks = office.tasks().await;
        assert_eq!(tasks.len(), 2);
        assert_eq!(tasks[1].assignment.assignee, Some(me(&expert)));
        assert_eq!(office.complete(&one, &tasks[1]).await.unwrap_err().code(), "flow.not_yours");
        office.complete(&expert, &tasks[1]).await.unwrap();
        office.complete(&one, &tasks[0]).await.unwrap();
        assert_eq!(office.elements().await, ["survey", "review"]);
    }

    async fn random_verbs_leave_the_same_in_the_tables_as_in_memory(db: Db) {
        // A fixed seed: the random search is the property test's, here it is the tables that are in doubt.
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let cases = (block(), seeds());
        for _ in 0..12 {
            let (block, seeds) = cases.new_tree(&mut runner).unwrap().current();
            mirror(&db, &Drawing::of(&block, &[]), &seeds).await;
        }
        assert_eq!(broken(&db).await, Vec::<&str>::new());
    }
}

/// Plays the same verbs on the stored flow and in memory.
async fn mirror(db: &Db, xml: &str, seeds: &[Seed]) {
    let office = Office::new(db.clone(), xml, weather(0));
    let mut ctx = actors::system();
    ctx.actor.name = "测试一".to_owned();
    let mut world = World::new(crate::world::read(xml).unwrap(), weather(0));
    ctx.now = world.now;
    office.start(&ctx).await;
    world.act(&Verb::Start).unwrap();
    for seed in seeds {
        world.variables = weather(seed.2);
        *office.variables.lock().unwrap() = world.variables.clone();
        let Some(verb) = verb(&mut world, *seed) else {
            continue;
        };
        ctx.now = world.now;
        let before = world.open_tasks();
        let (here, stored) = (world.act(&verb), act(&office, &ctx, &verb).await);
        assert_eq!(
            here.is_ok(),
            stored.is_ok(),
            "{verb:?}: {here:?} {stored:?}"
        );
        let whole = state(&office).await;
        assert_eq!(whole.status, world.state.status);
        assert!(whole.tokens().eq(world.state.tokens()));
        let bare = |state: &Instance| -> Vec<_> {
            let firings = state.firings().cloned();
            firings
                .map(|mut firing| {
                    if let Some(operation) = &mut firing.operation {
                        operation.result = json!(null);
                    }
                    firing
                })
                .collect()
        };
        assert_eq!(
            bare(&whole),
            bare(&world.state),
            "after {verb:?} on {before:?}"
        );
        assert_eq!(whole.plans(), world.state.plans());
        let mut stored: Vec<_> = office.tasks().await.iter().map(|task| task.token).collect();
        stored.sort();
        let open: Vec<_> = world
            .open_tasks()
            .into_iter()
            .map(|(_, token)| token)
            .collect();
        assert_eq!(stored, open);
    }
}

/// A verb by way of the service that offices use.
async fn act(office: &Office, ctx: &Ctx, verb: &Verb) -> Result<Outcome> {
    let tasks = office.tasks().await;
    let input = (office.clone(), ctx.clone(), verb.clone(), tasks);
    office
        .db
        .write(input, |tx, (office, ctx, verb, tasks)| {
            Box::pin(async move {
                let (engine, id) = (office.engine(), office.id);
                let (engine, variables) = (&engine, &office.variables());
                let task = |token| tasks.iter().find(|task| task.token == token).unwrap().id;
                match verb {
                    Verb::Start => unreachable!(),
                    Verb::Complete(c) => {
                        tongban_flows::complete(tx, ctx, engine, task(c.task), c, variables).await
                    }
                    Verb::Return {
                        to, mode, reason, ..
                    } => {
                        tongban_flows::return_to(tx, ctx, engine, id, to, *mode, reason, variables)
                            .await
                    }
                    Verb::Withdraw { reason, .. } => {
                        tongban_flows::withdraw(tx, ctx, engine, id, reason, variables).await
                    }
                    Verb::Stop { reason } => tongban_flows::stop(tx, ctx, engine, id, reason).await,
                    Verb::Hold => tongban_flows::hold(tx, ctx, engine, id).await,
                    Verb::Resume => tongban_flows::resume(tx, ctx, engine, id, variables).await,
                    Verb::Wake => tongban_flows::wake(tx, ctx, engine, id, variables).await,
                    Verb::AddSigner {
                        task: token,
                        added,
                        reason,
                    } => {
                        let account = added.signer.clone();
                        let name = String::new();
                        let signer = Assignment::named(Person { account, name }, false);
                        tongban_flows::add_signer(
                            tx,
                            ctx,
                            engine,
                            task(*token),
                            &signer,
                            added.place,
                            reason,
                            variables,
                        )
                        .await
                    }
                    Verb::RemoveSigner {
                        task: token,
                        reason,
                    } => {
                        tongban_flows::remove_signer(
                            tx,
                            ctx,
                            engine,
                            task(*token),
                            reason,
                            variables,
                        )
                        .await
                    }
                    Verb::Message(message) => {
                        tongban_flows::deliver_message(
                            tx,
                            ctx,
                            engine,
                            id,
                            message.clone(),
                            variables,
                        )
                        .await
                    }
                    Verb::Timer { token, event } => {
                        let due = tongban_flows::due_timers(tx, ctx.now, None, 1000).await?;
                        let element = &office.definition.node(*event).id;
                        let found = due.iter().find(|timer| {
                            timer.instance == id
                                && timer.token == *token
                                && timer.element == *element
                        });
                        let timer = found.ok_or(tongban_flows::Refusal::TimerGone)?;
                        let rung = tongban_flows::fire_timer(tx, ctx, engine, timer, variables);
                        Ok(rung.await?.unwrap())
                    }
                }
            })
        })
        .await
}
