//! Jobs leave with their transaction, and one that is asked for again runs once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};
use tongban_base::{Problem, Timestamp};
use tongban_store::{Db, Dispatcher, Job, JobHandler, Lane};

use crate::support::on_both;

#[derive(Serialize, Deserialize)]
struct Note {
    key: String,
    number: u32,
}

impl Job for Note {
    const NAME: &'static str = "test.note";
    const TITLE: &'static str = "记事";
    const LANE: Lane = Lane::Short;
    fn ordering_key(&self) -> Option<String> {
        Some(self.key.clone())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_leave_with_their_transaction_and_in_order_of_their_key() {
    on_both(|db| async move {
        let refused: Result<(), _> = db
            .write((), |tx, ()| {
                Box::pin(async move {
                    tx.enqueue(
                        &Note {
                            key: "k".into(),
                            number: 99,
                        },
                        Timestamp(0),
                    )
                    .await?;
                    Err(Problem::invalid("test.refused", "不行"))
                })
            })
            .await;
        assert!(refused.is_err());
        for number in 0..5_u32 {
            db.write(number, |tx, number| {
                Box::pin(async move {
                    tx.enqueue(
                        &Note {
                            key: "k".into(),
                            number: *number,
                        },
                        Timestamp(0),
                    )
                    .await
                })
            })
            .await
            .unwrap();
        }
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        let failures = Arc::new(AtomicU32::new(0));
        let (inner, stumbles) = (Arc::clone(&seen), Arc::clone(&failures));
        let handler = JobHandler::new(move |_, note: Note| {
            let (seen, failures) = (Arc::clone(&inner), Arc::clone(&stumbles));
            async move {
                if note.number == 2 && failures.fetch_add(1, Ordering::SeqCst) == 0 {
                    return Err(Problem::internal("stumbled once"));
                }
                seen.lock().unwrap().push(note.number);
                Ok(())
            }
        });
        // Time is an argument: each look at the clock is an hour later, so waiting jobs fall due at once.
        static HOURS: AtomicU32 = AtomicU32::new(1);
        let later = || Timestamp(i64::from(HOURS.fetch_add(1, Ordering::SeqCst)) * 3_600_000);
        let dispatcher = Dispatcher::new(db.clone(), vec![handler], later);
        dispatcher.drain().await.unwrap();
        assert_eq!(*seen.lock().unwrap(), vec![0, 1, 2, 3, 4]);
        assert_eq!(dispatcher.status().await.unwrap().waiting, 0);
    })
    .await;
}

async fn ask_again(db: &Db) {
    let note = || Note {
        key: "again".into(),
        number: 1,
    };
    db.write(note(), |tx, note| {
        Box::pin(async move { tx.run_again(note, Timestamp(0)).await })
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_asked_for_again_runs_now_and_is_there_once() {
    on_both(|db| async move {
        let fails = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let (asking, stumbles) = (db.clone(), Arc::clone(&fails));
        let handler = JobHandler::new(move |_, _: Note| {
            let (db, fails) = (asking.clone(), Arc::clone(&stumbles));
            async move {
                if fails.swap(false, Ordering::SeqCst) {
                    return Err(Problem::internal("stumbled"));
                }
                // Asked for while it runs: what it does now may be too early.
                if !fails.swap(true, Ordering::SeqCst) {
                    ask_again(&db).await;
                }
                Ok(())
            }
        });
        let dispatcher = Dispatcher::new(db.clone(), vec![handler], || Timestamp(1000));
        ask_again(&db).await;
        ask_again(&db).await;
        assert_eq!(dispatcher.status().await.unwrap().waiting, 1);
        assert_eq!(dispatcher.drain().await.unwrap(), 1);
        ask_again(&db).await;
        assert_eq!(dispatcher.run_due().await.unwrap(), 1);
        assert_eq!(
            dispatcher.status().await.unwrap().waiting,
            1,
            "not forgotten"
        );
    })
    .await;
}

/// Two that run at most one after another: what is asked for while one runs is done after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_is_asked_for_often_waits_once_and_what_runs_already_does_not_count() {
    on_both(|db| async move {
        let ask = async |key: &'static str| {
            db.write(key, |tx, key| {
                Box::pin(async move {
                    let note = Note {
                        key: (*key).into(),
                        number: 1,
                    };
                    tx.enqueue_once(&note, Timestamp(0)).await
                })
            })
            .await
            .unwrap();
        };
        for key in ["a", "a", "b", "a"] {
            ask(key).await;
        }
        let ran = Arc::new(AtomicU32::new(0));
        let (counted, again) = (Arc::clone(&ran), db.clone());
        let handler = JobHandler::new(move |_, note: Note| {
            let (counted, again) = (Arc::clone(&counted), again.clone());
            async move {
                if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                    let key = note.key;
                    again
                        .write(key, |tx, key| {
                            Box::pin(async move {
                                let note = Note {
                                    key: key.clone(),
                                    number: 2,
                                };
                                tx.enqueue_once(&note, Timestamp(0)).await?;
                                tx.enqueue_once(&note, Timestamp(0)).await
                            })
                        })
                        .await?;
                }
                Ok(())
            }
        });
        let dispatcher = Dispatcher::new(db.clone(), vec![handler], || Timestamp(1000));
        dispatcher.drain().await.unwrap();
        // a, b, and a once more.
        assert_eq!(ran.load(Ordering::SeqCst), 3);
    })
    .await;
}
