//! What hangs, panics or is killed in one lane costs the others nothing, and nothing is lost or run twice at once.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tongban_base::{Problem, Timestamp};
use tongban_store::{
    Db, Dispatcher, Job, JobHandler, Lane, LaneLimits, LaneSettings, Outcome, Row, Start, Upkeep,
    params,
};

use crate::support::on_both;

/// Waits on somebody outside.
#[derive(Serialize, Deserialize)]
struct Ask {
    number: i64,
}

impl Job for Ask {
    const NAME: &'static str = "test.ask";
    const TITLE: &'static str = "询问";
    const LANE: Lane = Lane::Counterpart("elsewhere");

    fn ordering_key(&self) -> Option<String> {
        Some(format!("ask:{}", self.number))
    }
}

/// Waits on nobody.
#[derive(Serialize, Deserialize)]
struct Paper {
    number: i64,
}

impl Job for Paper {
    const NAME: &'static str = "test.paper";
    const TITLE: &'static str = "制作";
    const LANE: Lane = Lane::Papers;
}

async fn enqueue(db: &Db, job: impl Job + 'static) {
    db.write(job, |tx, job| {
        Box::pin(async move { tx.enqueue(job, Timestamp(0)).await })
    })
    .await
    .unwrap();
}

async fn rows(db: &Db) -> Vec<Row> {
    db.read((), |tx, ()| {
        Box::pin(tx.query(
            "SELECT id, attempts, dead, lease_until, run_at, COALESCE(error, '') AS error FROM job ORDER BY id",
            params![],
        ))
    })
    .await
    .unwrap()
}

async fn number(db: &Db, column: &str) -> i64 {
    rows(db).await[0].get(column).unwrap()
}

struct Serving {
    stop: oneshot::Sender<()>,
    work: JoinHandle<()>,
}

fn serve(dispatcher: Dispatcher) -> Serving {
    let (stop, stopped) = oneshot::channel::<()>();
    let work = tokio::spawn(
        dispatcher
            .with_grace(Duration::from_millis(50))
            .serve(async {
                let _ = stopped.await;
            }),
    );
    Serving { stop, work }
}

impl Serving {
    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.work.await.unwrap();
    }
}

/// Never comes to its end, and says when it has begun.
fn hangs(begun: &mpsc::UnboundedSender<i64>) -> JobHandler {
    let begun = begun.clone();
    JobHandler::new(move |_, ask: Ask| {
        begun.send(ask.number).unwrap();
        std::future::pending::<tongban_base::Result<()>>()
    })
}

fn makes_papers(made: &mpsc::UnboundedSender<i64>) -> JobHandler {
    let made = made.clone();
    JobHandler::new(move |_, paper: Paper| {
        let made = made.clone();
        async move {
            made.send(paper.number).unwrap();
            Ok(())
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_counterpart_that_hangs_holds_no_paper_up_and_what_hung_is_left_for_the_next_start() {
    on_both(|db| async move {
        let (begun, mut hanging) = mpsc::unbounded_channel();
        let (made, mut papers) = mpsc::unbounded_channel();
        for number in 0..20 {
            enqueue(&db, Ask { number }).await;
        }
        let handlers = vec![hangs(&begun), makes_papers(&made)];
        let serving = serve(Dispatcher::new(db.clone(), handlers, || Timestamp(1000)));
        hanging.recv().await.unwrap();
        for number in 0..50 {
            enqueue(&db, Paper { number }).await;
        }
        for _ in 0..50 {
            papers.recv().await.unwrap();
        }
        serving.stop().await;
        let left = rows(&db).await;
        assert_eq!(left.len(), 20);
        for row in left {
            assert_eq!(row.get::<i64>("lease_until").unwrap(), 0);
            assert_eq!(
                row.get::<i64>("attempts").unwrap(),
                0,
                "it was not its fault"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_jobs_run_at_once_than_the_lane_is_wide() {
    on_both(|db| async move {
        let (running, most) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
        let (done, mut finished) = mpsc::unbounded_channel();
        let handler = JobHandler::new(move |_, _: Paper| {
            let (running, most, done) = (Arc::clone(&running), Arc::clone(&most), done.clone());
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
                done.send(most.load(Ordering::SeqCst)).unwrap();
                Ok(())
            }
        });
        for number in 0..30 {
            enqueue(&db, Paper { number }).await;
        }
        let settings = LaneSettings {
            papers: LaneLimits::new(3, 60),
            ..LaneSettings::default()
        };
        let dispatcher = Dispatcher::new(db.clone(), vec![handler], || Timestamp(1000));
        let serving = serve(dispatcher.with_lanes(settings));
        for _ in 0..30 {
            assert!(finished.recv().await.unwrap() <= 3);
        }
        serving.stop().await;
        assert!(rows(&db).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_takes_too_long_is_cut_off_and_counts_as_failed() {
    on_both(|db| async move {
        let (begun, _hanging) = mpsc::unbounded_channel();
        let limit = LaneLimits {
            width: 1,
            limit: Duration::from_millis(10),
        };
        let settings = LaneSettings {
            counterpart: limit,
            ..LaneSettings::default()
        };
        enqueue(&db, Ask { number: 1 }).await;
        let dispatcher = Dispatcher::new(db.clone(), vec![hangs(&begun)], || Timestamp(1000));
        assert_eq!(dispatcher.with_lanes(settings).run_due().await.unwrap(), 1);
        let error: String = rows(&db).await[0].get("error").unwrap();
        assert!(error.contains("jobs.too_long"), "{error}");
        assert_eq!(number(&db, "attempts").await, 1);
        assert!(number(&db, "run_at").await > 1000);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_is_renewed_for_as_long_as_its_job_runs() {
    on_both(|db| async move {
        let clock = Arc::new(AtomicI64::new(1000));
        let (begun, mut hanging) = mpsc::unbounded_channel();
        enqueue(&db, Ask { number: 1 }).await;
        let time = Arc::clone(&clock);
        let now = move || Timestamp(time.load(Ordering::SeqCst));
        let other = Dispatcher::new(db.clone(), vec![hangs(&begun)], now.clone());
        let serving = serve(Dispatcher::new(db.clone(), vec![hangs(&begun)], now));
        hanging.recv().await.unwrap();
        let first = number(&db, "lease_until").await;
        clock.store(first - 1, Ordering::SeqCst);
        while number(&db, "lease_until").await == first {
            tokio::task::yield_now().await;
        }
        clock.store(first + 1, Ordering::SeqCst);
        assert_eq!(other.run_due().await.unwrap(), 0, "it is in good hands");
        serving.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_start_takes_up_at_once_what_a_killed_one_had_in_hand() {
    on_both(|db| async move {
        let folder = tempfile::tempdir().unwrap();
        let (begun, mut hanging) = mpsc::unbounded_channel();
        enqueue(&db, Ask { number: 1 }).await;
        let killed = Start::begin(folder.path()).unwrap();
        let file = folder.path().join(killed.id());
        let dispatcher = |handler, start: Start| {
            Dispatcher::new(db.clone(), vec![handler], || Timestamp(1000)).started(start)
        };
        let serving = serve(dispatcher(hangs(&begun), killed));
        hanging.recv().await.unwrap();
        let beside = Start::begin(folder.path()).unwrap();
        assert!(beside.ended().is_empty(), "the other one lives");
        serving.work.abort();
        while File::open(&file).unwrap().try_lock().is_err() {
            tokio::task::yield_now().await;
        }

        let next = Start::begin(folder.path()).unwrap();
        assert_eq!(next.ended().len(), 1);
        let (answered, mut answers) = mpsc::unbounded_channel();
        let handler = JobHandler::new(move |_, ask: Ask| {
            let answered = answered.clone();
            async move {
                answered.send(ask.number).unwrap();
                Ok(())
            }
        });
        let serving = serve(dispatcher(handler, next));
        assert_eq!(answers.recv().await, Some(1));
        serving.stop().await;
        drop(beside);
        let later = Start::begin(folder.path()).unwrap();
        assert_eq!(
            later.ended().len(),
            1,
            "only the one that said nothing at its end"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_are_no_attempts_but_a_job_that_ends_the_program_again_and_again_rests() {
    on_both(|db| async move {
        let folder = tempfile::tempdir().unwrap();
        let (begun, mut hanging) = mpsc::unbounded_channel();
        enqueue(&db, Ask { number: 1 }).await;
        let started = || {
            let start = Start::begin(folder.path()).unwrap();
            let file = folder.path().join(start.id());
            let handlers = vec![hangs(&begun)];
            let dispatcher = Dispatcher::new(db.clone(), handlers, || Timestamp(1000));
            (serve(dispatcher.started(start)), file)
        };
        for kills in 0..36 {
            let (serving, file) = started();
            hanging.recv().await.unwrap();
            assert_eq!(number(&db, "attempts").await, 1, "after {kills} kills");
            serving.work.abort();
            while File::open(&file).unwrap().try_lock().is_err() {
                tokio::task::yield_now().await;
            }
        }
        started().0.stop().await;
        assert_eq!(number(&db, "dead").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_counterpart_that_answers_again_wakes_what_failed_there_and_nothing_else() {
    on_both(|db| async move {
        let is_down = Arc::new(AtomicBool::new(true));
        let down = Arc::clone(&is_down);
        let handler = JobHandler::new(move |_, ask: Ask| {
            let is_down = down.load(Ordering::SeqCst);
            async move {
                let at = Timestamp(3_600_000);
                let why = match ask.number {
                    // As a message that may not be sent by night.
                    0 => None,
                    _ if is_down => Some("没有应答".to_owned()),
                    _ => return Ok(Outcome::Done),
                };
                Ok(Outcome::Again { at, why })
            }
        });
        let dispatcher = Dispatcher::new(db.clone(), vec![handler], || Timestamp(1000));
        for number in 0..5 {
            enqueue(&db, Ask { number }).await;
        }
        assert_eq!(dispatcher.drain().await.unwrap(), 5);
        assert_eq!(dispatcher.run_due().await.unwrap(), 0);
        is_down.store(false, Ordering::SeqCst);
        enqueue(&db, Ask { number: 9 }).await;
        assert_eq!(dispatcher.drain().await.unwrap(), 5);
        assert_eq!(rows(&db).await.len(), 1, "the one that waits for its time");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_that_a_counterpart_takes_wakes_two_and_that_it_takes_no_more_is_no_attempt() {
    on_both(|db| async move {
        let handler = JobHandler::new(move |_, ask: Ask| async move {
            let why = "没有应答".to_owned();
            Ok(match ask.number {
                0..6 => Outcome::Again {
                    at: Timestamp(3_600_000),
                    why: Some(why),
                },
                6 => Outcome::Done,
                _ => Outcome::Busy {
                    until: Timestamp(7_200_000),
                    why,
                },
            })
        });
        let dispatcher = Dispatcher::new(db.clone(), vec![handler], || Timestamp(1000));
        for number in 0..6 {
            enqueue(&db, Ask { number }).await;
        }
        assert_eq!(dispatcher.drain().await.unwrap(), 6);
        enqueue(&db, Ask { number: 6 }).await;
        assert_eq!(dispatcher.run_due().await.unwrap(), 1);
        assert_eq!(dispatcher.run_due().await.unwrap(), 2);
        enqueue(&db, Ask { number: 7 }).await;
        assert_eq!(dispatcher.drain().await.unwrap(), 1);
        let rows = rows(&db).await;
        let busy = rows.last().unwrap();
        let held: [i64; 3] = ["attempts", "dead", "run_at"].map(|name| busy.get(name).unwrap());
        assert_eq!(held, [0, 0, 7_200_000]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_is_compared_with_that_of_a_database_on_another_machine() {
    on_both(|db| async move {
        db.compare_clock(Timestamp::now()).await.unwrap();
        assert_eq!(db.clock_ahead(), None);
        let ahead = db.compare_clock(Timestamp::now().plus_minutes(1)).await;
        assert_eq!(ahead.unwrap() > 50_000, db.is_postgres());
        assert_eq!(db.clock_ahead().is_some(), db.is_postgres());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_ends_its_job_and_no_other() {
    on_both(|db| async move {
        let handler = JobHandler::new(|_, paper: Paper| async move {
            assert!(paper.number != 1, "one that breaks");
            Ok(())
        });
        for number in 0..3 {
            enqueue(&db, Paper { number }).await;
        }
        let dispatcher = Dispatcher::new(db.clone(), vec![handler], || Timestamp(1000));
        assert_eq!(dispatcher.drain().await.unwrap(), 3);
        let error: String = rows(&db).await[0].get("error").unwrap();
        assert!(error.contains("one that breaks"), "{error}");
        assert_eq!(number(&db, "attempts").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_asked_for_while_it_runs_never_runs_twice_at_once() {
    on_both(|db| async move {
        let (begun, mut beginnings) = mpsc::unbounded_channel();
        let may_end = Arc::new(Semaphore::new(0));
        let gate = Arc::clone(&may_end);
        let handler = JobHandler::new(move |_, ask: Ask| {
            let (begun, gate) = (begun.clone(), Arc::clone(&gate));
            async move {
                begun.send(ask.number).unwrap();
                gate.acquire().await.unwrap().forget();
                Ok(())
            }
        });
        let now = || Timestamp(1000);
        let other = Dispatcher::new(db.clone(), vec![handler.clone()], now);
        enqueue(&db, Ask { number: 1 }).await;
        let serving = serve(Dispatcher::new(db.clone(), vec![handler], now));
        beginnings.recv().await.unwrap();
        db.write((), |tx, ()| {
            Box::pin(async move { tx.run_again(&Ask { number: 1 }, Timestamp(1000)).await })
        })
        .await
        .unwrap();
        assert_eq!(other.run_due().await.unwrap(), 0);
        may_end.add_permits(2);
        beginnings.recv().await.unwrap();
        while !rows(&db).await.is_empty() {
            tokio::task::yield_now().await;
        }
        serving.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_in_a_transaction_ends_it_and_nothing_else() {
    on_both(|db| async move {
        let falls = |db: Db| async move {
            db.write((), |tx, ()| {
                Box::pin(async move {
                    tx.enqueue(&Ask { number: 7 }, Timestamp(0)).await?;
                    panic!("a write that breaks")
                })
            })
            .await
        };
        let beside: Vec<_> = (0..20)
            .map(|number| {
                let db = db.clone();
                tokio::spawn(async move { enqueue(&db, Paper { number }).await })
            })
            .collect();
        let fallen: tongban_base::Result<()> = falls(db.clone()).await;
        let fallen: Problem = fallen.unwrap_err();
        assert_eq!(fallen.code(), "internal");
        for one in beside {
            one.await.unwrap();
        }
        let read: tongban_base::Result<()> = db
            .read((), |_, ()| {
                Box::pin(async move { panic!("a read that breaks") })
            })
            .await;
        assert_eq!(read.unwrap_err().code(), "internal");
        assert_eq!(rows(&db).await.len(), 20);
        assert!(db.upkeep().parts().iter().all(|part| part.falls == 0));
    })
    .await;
}

#[tokio::test]
async fn a_part_that_falls_begins_anew_and_is_counted() {
    let upkeep = Upkeep::default();
    let begun = AtomicI64::new(0);
    let work = || async {
        assert!(
            begun.fetch_add(1, Ordering::SeqCst) > 0,
            "the first time it breaks"
        );
    };
    upkeep.keep("part", work).await;
    assert_eq!(begun.load(Ordering::SeqCst), 2);
    let mut steps = 0;
    upkeep.keep_thread("thread", || {
        steps += 1;
        assert!(steps != 2, "the second time it breaks");
        steps < 3
    });
    assert_eq!(steps, 3);
    let falls: Vec<u64> = upkeep.parts().iter().map(|part| part.falls).collect();
    assert_eq!(falls, [1, 1]);
}
