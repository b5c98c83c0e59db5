//! Two places of a stored joint sign want two people, whichever way a task is taken.

use serde_json::json;
use tongban_base::{Ctx, Kind, Result, Timestamp};
use tongban_flows::{
    Assignment, FiringKind, MIGRATIONS, Mode, SignerPlace, Target, Task, TaskFilter, TaskId,
    TaskQuery,
};
use tongban_testkit::on_both_databases;

use crate::meddled::ids;
use crate::sketch::Sketch;
use crate::stored::Office;
use crate::stored_verbs::{me, officer, return_to};

on_both_databases! {
    MIGRATIONS;

    async fn a_second_place_of_a_joint_sign_is_somebody_elses(db: Db) {
        let office = Office::new(db, &two_places(), json!({"two": 2}));
        let (mut one, two) = (officer("测试一"), officer("测试二"));
        one.now = office_time();
        office.start(&one).await;
        let [first, second] = <[Task; 2]>::try_from(office.tasks().await).unwrap();
        assert_eq!(queue_of(&office, &one).await, [first.id, second.id]);
        office.complete(&one, &first).await.unwrap();

        let refused = office.complete(&one, &second).await.unwrap_err();
        assert_eq!((refused.kind(), refused.code()), (Kind::Conflict, "flow.signed_already"));
        let words = "您已于2027年1月15日 16:00在「sign」会签过；同一会签须由不同的人办理，请由其他人会签";
        assert_eq!(refused.message(), words);
        assert!(queue_of(&office, &one).await.is_empty());
        assert_eq!(queue_of(&office, &two).await, [second.id]);

        // Not by way of a hand over either.
        let input = (office.clone(), second.id, me(&one));
        let refused = office.db.write(input, |tx, (office, task, one)| {
            Box::pin(tongban_flows::hand_over(tx, &office.definition, *task, one.clone(), false))
        });
        assert_eq!(refused.await.unwrap_err().code(), "flow.signed_already");

        office.complete(&two, &second).await.unwrap();
        assert_eq!(office.elements().await, ["seal"]);

        // After a return everything is to be signed anew, again by two.
        return_to(&office, &one, Target::Activity("sign".to_owned()), Mode::Again).await.unwrap();
        let [first, second] = <[Task; 2]>::try_from(office.tasks().await).unwrap();
        office.complete(&one, &second).await.unwrap();
        assert_eq!(office.complete(&one, &first).await.unwrap_err().code(), "flow.signed_already");
        office.complete(&two, &first).await.unwrap();
    }

    async fn a_place_that_was_handed_over_stays_so(db: Db) {
        let office = Office::new(db, &two_places(), json!({"two": 2}));
        let (one, two, three) = (officer("测试一"), officer("测试二"), officer("测试三"));
        office.start(&one).await;
        let [first, second] = <[Task; 2]>::try_from(office.tasks().await).unwrap();
        hand_over(&office, first.id, &two).await.unwrap();
        // Nobody gets two places, and who has one by name does not take another.
        let twice = hand_over(&office, second.id, &two).await.unwrap_err();
        assert_eq!(twice.code(), "flow.own_place");
        assert_eq!(office.complete(&two, &second).await.unwrap_err().code(), "flow.own_place");
        assert_eq!(office.complete(&one, &first).await.unwrap_err().code(), "flow.not_yours");
        // It stays so when a signer is added, and after a return.
        let input = (office.clone(), one.clone(), first.id, me(&three));
        let added = office.db.write(input, |tx, (office, ctx, task, three)| {
            Box::pin(async move {
                let (engine, none) = (office.engine(), json!({}));
                let signer = Assignment::named(three.clone(), true);
                let beside = SignerPlace::Beside;
                tongban_flows::add_signer(tx, ctx, &engine, *task, &signer, beside, "会签", &none).await
            })
        });
        let added = added.await.unwrap().opened;
        assert!(added[0].assignment.by_order);
        office.complete(&two, &office.tasks().await[0]).await.unwrap();
        let step = Target::Step(tongban_flows::FiringNo(last_signature(&office).await));
        return_to(&office, &one, step, Mode::Again).await.unwrap();
        let again = office.tasks().await.into_iter().find(|task| task.token == first.token);
        assert_eq!(again.unwrap().assignment.assignee, Some(me(&two)));
    }
}

async fn hand_over(office: &Office, task: TaskId, to: &Ctx) -> Result<Task> {
    let input = (office.clone(), task, me(to));
    let done = office.db.write(input, |tx, (office, task, to)| {
        Box::pin(tongban_flows::hand_over(
            tx,
            &office.definition,
            *task,
            to.clone(),
            false,
        ))
    });
    done.await
}

async fn last_signature(office: &Office) -> i64 {
    let steps = office.db.read(office.id, |tx, id| {
        Box::pin(tongban_flows::history(tx, *id))
    });
    let steps = steps.await.unwrap();
    let signed = steps
        .iter()
        .rev()
        .find(|step| step.kind == FiringKind::Sign);
    signed.unwrap().no.0
}

/// A joint sign of two of one role.
fn two_places() -> String {
    let mut s = Sketch::new();
    s.nodes("startEvent", &["s"]);
    s.nodes("endEvent", &["e"]);
    let two = "<multiInstanceLoopCharacteristics><loopCardinality>two</loopCardinality></multiInstanceLoopCharacteristics>";
    s.user("sign", &[], two);
    s.user("seal", &[], "");
    s.path(&["s", "sign", "seal", "e"]);
    s.write()
}

fn office_time() -> Timestamp {
    Timestamp(1_800_000_000_000)
}

async fn queue_of(office: &Office, ctx: &Ctx) -> Vec<TaskId> {
    let query = TaskQuery {
        account: me(ctx).account,
        roles: vec!["reviewer".to_owned()],
        organisation: "transport".to_owned(),
        division_prefix: "3101".to_owned(),
        subjects: None,
        filter: TaskFilter::default(),
    };
    ids(&office.db, query, 10).await
}
