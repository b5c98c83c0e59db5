//! The audit log on both databases: entries go with their change, attempts stay, and no later change goes unseen.
#![expect(clippy::unwrap_used, reason = "tests")]

mod anchor;
mod pages;

use serde_json::json;
use tongban_audit::{
    AuditEvent, AuditKey, Entry, EntryFilter, FaultReason, MIGRATIONS, Outcome, attempt,
    list_entries, note_refused, record, seal_pending, verify,
};
use tongban_base::{Kind, Problem};
use tongban_crypto::MacKey;
use tongban_store::{Cursor, Db, params};
use tongban_testkit::{actors, on_both_databases};

const CHANGED: AuditEvent = AuditEvent {
    name: "thing.changed",
    title: "修改",
};

fn key() -> AuditKey {
    AuditKey::new(MacKey::new([7; 32]))
}

async fn write_entries(db: &Db, subjects: std::ops::Range<i64>) {
    for subject in subjects {
        db.write((actors::citizen(), subject), |tx, (ctx, subject)| {
            Box::pin(async move {
                let entry = Entry::done(CHANGED, "thing", subject)
                    .with_change(json!({"size": 1.5}), json!({"size": 2}));
                record(tx, ctx, &key(), entry).await
            })
        })
        .await
        .unwrap();
    }
}

/// Somebody with access to the database, beside the program.
async fn meddle(db: &Db, sql: &'static str) {
    let touched = db
        .write((), move |tx, ()| Box::pin(tx.execute(sql, params![])))
        .await
        .unwrap();
    assert!(touched > 0);
}

async fn faults(db: &Db) -> Vec<(i64, FaultReason)> {
    let found = verify(db, &key()).await.unwrap();
    let faults = found.faults.into_iter();
    faults.map(|fault| (fault.sequence, fault.reason)).collect()
}

on_both_databases! {
    MIGRATIONS;

    async fn a_chain_that_nobody_touched_is_sound(db: Db) {
        assert!(verify(&db, &key()).await.unwrap().is_sound());
        write_entries(&db, 0..3).await;
        assert_eq!(seal_pending(&db, &key()).await.unwrap(), 3);
        write_entries(&db, 3..5).await;
        let found = verify(&db, &key()).await.unwrap();
        assert!(found.is_sound());
        assert_eq!((found.entries, found.sealed), (5, 5));
        let other_key = AuditKey::new(MacKey::new([8; 32]));
        assert!(!verify(&db, &other_key).await.unwrap().is_sound());
    }

    async fn a_changed_entry_is_named(db: Db) {
        write_entries(&db, 0..6).await;
        verify(&db, &key()).await.unwrap();
        meddle(&db, "UPDATE audit_entry SET actor_name = 'X' WHERE subject_id = '2'").await;
        assert_eq!(faults(&db).await, [(3, FaultReason::Changed)]);
    }

    async fn an_entry_changed_before_it_is_sealed_is_named(db: Db) {
        write_entries(&db, 0..3).await;
        meddle(&db, "UPDATE audit_entry SET outcome = 'refused' WHERE subject_id = '1'").await;
        assert_eq!(faults(&db).await, [(2, FaultReason::Changed)]);
    }

    async fn a_removed_entry_is_named_by_its_place(db: Db) {
        write_entries(&db, 0..6).await;
        verify(&db, &key()).await.unwrap();
        meddle(&db, "DELETE FROM audit_entry WHERE subject_id IN ('1', '2')").await;
        assert_eq!(faults(&db).await, [(2, FaultReason::Removed), (3, FaultReason::Removed)]);
    }

    async fn closing_the_gap_of_a_removed_entry_does_not_hide_it(db: Db) {
        write_entries(&db, 0..4).await;
        verify(&db, &key()).await.unwrap();
        meddle(&db, "DELETE FROM audit_entry WHERE sequence = 2").await;
        meddle(&db, "UPDATE audit_entry SET sequence = 2 WHERE sequence = 3").await;
        meddle(&db, "UPDATE audit_entry SET sequence = 3 WHERE sequence = 4").await;
        assert_eq!(faults(&db).await, [(2, FaultReason::Moved), (4, FaultReason::CutOff)]);
    }

    async fn a_log_without_its_last_entries_is_not_whole(db: Db) {
        write_entries(&db, 0..4).await;
        verify(&db, &key()).await.unwrap();
        meddle(&db, "DELETE FROM audit_entry WHERE sequence = 4").await;
        assert_eq!(faults(&db).await, [(4, FaultReason::CutOff)]);
    }

    async fn entries_that_changed_places_are_named(db: Db) {
        write_entries(&db, 0..5).await;
        verify(&db, &key()).await.unwrap();
        meddle(&db, "UPDATE audit_entry SET sequence = 99 WHERE sequence = 2").await;
        meddle(&db, "UPDATE audit_entry SET sequence = 2 WHERE sequence = 3").await;
        meddle(&db, "UPDATE audit_entry SET sequence = 3 WHERE sequence = 99").await;
        let found = faults(&db).await;
        assert!(found.contains(&(2, FaultReason::Moved)));
        assert!(found.iter().all(|(sequence, reason)| {
            (2..=4).contains(sequence) && *reason == FaultReason::Moved
        }));
    }

    async fn a_change_that_fails_leaves_no_entry_but_a_refused_attempt_stays(db: Db) {
        let failed = db
            .write(actors::citizen(), |tx, ctx| {
                Box::pin(async move {
                    record(tx, ctx, &key(), Entry::done(CHANGED, "thing", 1)).await?;
                    Err::<(), _>(Problem::forbidden())
                })
            })
            .await;
        assert!(failed.is_err());
        let refused = Entry::refused(CHANGED, "thing", 1, "forbidden");
        attempt(&db, &actors::citizen(), &key(), refused).await.unwrap();
        let reader = actors::supervisor(&["audit.read"]);
        let entries = list_entries(&db, &reader, &EntryFilter::default(), (None, 10)).await.unwrap().rows;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].outcome, Outcome::Refused);
        assert_eq!(entries[0].detail, json!({"reason": "forbidden"}));
    }

    async fn nobody_fills_the_log_with_refusals_or_hides_those_of_others(db: Db) {
        let key = key();
        for (actor, tries) in [(actors::citizen(), 230), (actors::reviewer(&[]), 1)] {
            for _ in 0..tries {
                let refused = Entry::refused(CHANGED, "thing", 1, "forbidden");
                note_refused(&db, &actor, &key, refused).await.unwrap();
            }
        }
        let reader = actors::supervisor(&["audit.read"]);
        let entries = list_entries(&db, &reader, &EntryFilter::default(), (None, 400)).await.unwrap().rows;
        assert_eq!(entries.len(), 201);
    }

    async fn whoever_reads_for_a_district_reads_what_its_officers_did(db: Db) {
        let at = |division: &str| actors::staff_of("transport", division, "admin", "测试", &["audit.read"]);
        for actor in [at("310101000000"), at("310115000000"), at("310000000000"), actors::citizen()] {
            attempt(&db, &actor, &key(), Entry::done(CHANGED, "thing", 1)).await.unwrap();
        }
        let read = async |division: &str| {
            list_entries(&db, &at(division), &EntryFilter::default(), (None, 10)).await.unwrap().rows.len()
        };
        assert_eq!((read("310101000000").await, read("310000000000").await), (1, 4));
        seal_pending(&db, &key()).await.unwrap();
        assert!(verify(&db, &key()).await.unwrap().is_sound());
        let sql = "UPDATE audit_entry SET division = '310115000000' WHERE division = '310101000000'";
        db.write((), move |tx, ()| Box::pin(tx.execute(sql, params![]))).await.unwrap();
        assert!(!verify(&db, &key()).await.unwrap().is_sound());
    }

    async fn the_log_is_read_page_by_page_and_only_with_the_right(db: Db) {
        write_entries(&db, 0..5).await;
        let nobody = list_entries(&db, &actors::reviewer(&[]), &EntryFilter::default(), (None, 9)).await;
        assert_eq!(nobody.unwrap_err().kind(), Kind::Forbidden);
        let reader = actors::supervisor(&["audit.read"]);
        let list = async |filter: EntryFilter, at: Option<Cursor>| {
            let page = list_entries(&db, &reader, &filter, (at.as_ref(), 2)).await.unwrap();
            let subjects: Vec<String> = page.rows.iter().map(|e| e.subject_id.clone()).collect();
            (subjects, page.previous, page.next)
        };
        let (first, _, next) = list(EntryFilter::default(), None).await;
        assert_eq!(first, ["4", "3"]);
        let (second, previous, _) = list(EntryFilter::default(), next).await;
        assert_eq!(second, ["2", "1"]);
        let (back, none, _) = list(EntryFilter::default(), previous).await;
        assert_eq!((back, none), (first, None));
        let one = EntryFilter { subject_kind: "thing".into(), subject_id: "1".into(), ..EntryFilter::default() };
        assert_eq!(list(one, None).await.0.len(), 1);
        let other = EntryFilter { event: "other.event".into(), ..EntryFilter::default() };
        assert!(list(other, None).await.0.is_empty());
    }
}
