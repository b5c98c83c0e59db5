//! Flows in the hands of whoever runs the database: what was changed beside the program is not used and hides nothing.

use serde_json::json;
use tongban_base::{Ctx, Result};
use tongban_flows::{DueTimer, MARKED, MIGRATIONS, Outcome, TaskFilter, TaskId, TaskQuery};
use tongban_store::{Db, Row, Tx, params, walk_marks};
use tongban_testkit::on_both_databases;

use crate::stored::Office;
use crate::stored_verbs::{me, officer};
use crate::verbs::{guarded, parallel};

/// Tables with rows that do not fit, after every row was looked at.
pub async fn broken(db: &Db) -> Vec<&'static str> {
    let mut broken = Vec::new();
    for marked in MARKED {
        if !walk_marks(db, marked).await.unwrap().broken.is_empty() {
            broken.push(marked.table);
        }
    }
    broken
}

async fn meddle(db: &Db, sql: &'static str) {
    db.write((), move |tx, ()| Box::pin(tx.execute(sql, params![])))
        .await
        .unwrap();
}

async fn queue(db: &Db, ctx: &Ctx, role: &str, limit: usize) -> Vec<TaskId> {
    let query = TaskQuery {
        account: me(ctx).account,
        roles: vec![role.to_owned()],
        organisation: "transport".to_owned(),
        division_prefix: String::new(),
        subjects: None,
        filter: TaskFilter::default(),
    };
    ids(db, query, limit).await
}

/// The first page of a queue.
pub async fn ids(db: &Db, query: TaskQuery, limit: usize) -> Vec<TaskId> {
    let tasks = db.read((query, limit), |tx, (query, limit)| {
        let any = |_: &Tx, _: &Row| Ok(Some(()));
        Box::pin(tongban_flows::open_tasks(tx, query, (None, *limit), any))
    });
    let rows = tasks.await.unwrap().rows;
    rows.iter().map(|(task, ())| task.id).collect()
}

async fn due(db: &Db, ctx: &Ctx, limit: i64) -> Vec<DueTimer> {
    db.read(ctx.now, move |tx, now| {
        Box::pin(tongban_flows::due_timers(tx, *now, None, limit))
    })
    .await
    .unwrap()
}

/// A flow whose step has a timer that runs.
async fn with_timer(db: &Db, ctx: &Ctx) -> Office {
    let office = Office::new(db.clone(), &guarded(), json!({}));
    office.start(ctx).await;
    let before = office.task("before").await;
    office.complete(ctx, &before).await.unwrap();
    office
}

async fn stop(office: &Office, ctx: &Ctx) -> Result<Outcome> {
    let input = (office.clone(), ctx.clone());
    let stopped = office.db.write(input, |tx, (office, ctx)| {
        Box::pin(async move {
            tongban_flows::stop(tx, ctx, &office.engine(), office.id, "试验").await
        })
    });
    stopped.await
}

on_both_databases! {
    MIGRATIONS;

    async fn a_task_given_to_another_role_by_hand_is_in_no_queue_and_leaves_no_gap_in_one(db: Db) {
        let ctx = officer("测试一");
        let mut ids = Vec::new();
        for _ in 0..4 {
            let office = Office::new(db.clone(), &parallel(), json!({}));
            ids.push(office.start(&ctx).await.opened[0].id);
        }
        meddle(&db, "UPDATE flow_task SET role = 'boss' WHERE id = (SELECT MIN(id) FROM flow_task)").await;
        meddle(
            &db,
            "UPDATE flow_task SET by_order = 1 WHERE id = (SELECT MIN(id) FROM flow_task WHERE role = 'reviewer')",
        )
        .await;
        assert_eq!(queue(&db, &ctx, "boss", 10).await, []);
        assert_eq!(queue(&db, &ctx, "reviewer", 1).await, ids[2..3]);
        assert_eq!(queue(&db, &ctx, "reviewer", 2).await, ids[2..]);
        assert_eq!(broken(&db).await, ["flow_task"]);
    }

    async fn a_timer_brought_forward_by_hand_does_not_ring_and_holds_up_no_other(db: Db) {
        let mut ctx = officer("测试一");
        let first = with_timer(&db, &ctx).await;
        let second = with_timer(&db, &ctx).await;
        meddle(&db, "UPDATE flow_timer SET due = 1 WHERE instance_id = (SELECT MIN(id) FROM flow_instance)").await;
        assert_eq!(due(&db, &ctx, 1).await, []);
        ctx.now = ctx.now.plus_minutes(60);
        let rings: Vec<_> = due(&db, &ctx, 1).await.iter().map(|timer| timer.instance).collect();
        assert_eq!(rings, [second.id]);
        let refused = stop(&first, &ctx).await;
        assert!(refused.is_ok(), "a timer that does not fit keeps nobody from ending the flow");
        assert_eq!(broken(&db).await, Vec::<&str>::new());
    }
}
