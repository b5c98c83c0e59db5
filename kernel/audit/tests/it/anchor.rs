//! What is kept of the log outside the database finds what the database alone cannot tell.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::Arc;

use tongban_audit::{
    ANCHOR_FILE, Anchor, AnchorCopy, FaultReason, MIGRATIONS, ReadLog, anchor_restored,
    begin_anchor, must_reach, read_anchor, verify, verify_anchored,
};
use tongban_base::{Ctx, Kind};
use tongban_store::Db;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{actors, on_both_databases};

use crate::{CHANGED, key, meddle, write_entries};

fn open(folder: &Path) -> Arc<Anchor> {
    Arc::new(Anchor::open(folder, key(), Vec::new()).unwrap())
}

/// Seals what waits and keeps the end outside.
async fn keep(db: &Db, anchor: &Arc<Anchor>) {
    verify(db, &key()).await.unwrap();
    begin_anchor(db, &Ctx::system(MONDAY_MORNING), &key(), anchor)
        .await
        .unwrap();
}

async fn faults(db: &Db, folder: &Path) -> Vec<FaultReason> {
    let lines = read_anchor(&folder.join(ANCHOR_FILE), &key())
        .unwrap()
        .unwrap();
    assert_eq!(lines.broken_at, None);
    let found = verify_anchored(db, &key(), &[lines]).await.unwrap();
    found.faults.into_iter().map(|fault| fault.reason).collect()
}

on_both_databases! {
    MIGRATIONS;

    async fn a_log_that_was_erased_is_missed(db: Db) {
        let folder = tempfile::tempdir().unwrap();
        let anchor = open(folder.path());
        write_entries(&db, 0..3).await;
        keep(&db, &anchor).await;
        assert!(faults(&db, folder.path()).await.is_empty());
        meddle(&db, "DELETE FROM audit_entry").await;
        meddle(&db, "DELETE FROM audit_head").await;
        assert!(verify(&db, &key()).await.unwrap().is_sound(), "the database alone cannot tell");
        assert_eq!(faults(&db, folder.path()).await, [FaultReason::NotAnchored]);
    }

    async fn a_log_that_was_put_back_to_an_earlier_end_is_missed(db: Db) {
        let folder = tempfile::tempdir().unwrap();
        let anchor = open(folder.path());
        write_entries(&db, 0..3).await;
        keep(&db, &anchor).await;
        meddle(&db, "INSERT INTO audit_head (name, sequence, chain, mac) SELECT 'old', sequence, chain, mac FROM audit_head").await;
        write_entries(&db, 3..6).await;
        keep(&db, &anchor).await;
        meddle(&db, "DELETE FROM audit_entry WHERE sequence > (SELECT sequence FROM audit_head WHERE name = 'old')").await;
        meddle(&db, "DELETE FROM audit_head WHERE name = 'main'").await;
        meddle(&db, "UPDATE audit_head SET name = 'main'").await;
        let refused = must_reach(folder.path(), &db, &key()).await.unwrap_err();
        assert_eq!(refused.code(), "audit.put_back");
        assert!(verify(&db, &key()).await.unwrap().is_sound(), "the database alone cannot tell");
        assert_eq!(faults(&db, folder.path()).await, [FaultReason::NotAnchored]);
        // Others written in their place do not hide it.
        write_entries(&db, 10..13).await;
        assert!(faults(&db, folder.path()).await.contains(&FaultReason::NotAnchored));
    }

    async fn a_restore_says_that_it_goes_back_and_the_log_goes_on_from_there(db: Db) {
        let folder = tempfile::tempdir().unwrap();
        let anchor = open(folder.path());
        write_entries(&db, 0..3).await;
        keep(&db, &anchor).await;
        meddle(&db, "INSERT INTO audit_head (name, sequence, chain, mac) SELECT 'old', sequence, chain, mac FROM audit_head").await;
        write_entries(&db, 3..6).await;
        keep(&db, &anchor).await;
        meddle(&db, "DELETE FROM audit_entry WHERE sequence > (SELECT sequence FROM audit_head WHERE name = 'old')").await;
        meddle(&db, "DELETE FROM audit_head WHERE name = 'main'").await;
        meddle(&db, "UPDATE audit_head SET name = 'main'").await;
        anchor_restored(&db, &Ctx::system(MONDAY_MORNING), &key(), &anchor).await.unwrap();
        must_reach(folder.path(), &db, &key()).await.unwrap();
        write_entries(&db, 6..9).await;
        keep(&db, &anchor).await;
        assert_eq!(faults(&db, folder.path()).await, []);
    }

    async fn the_same_reader_and_object_within_an_hour_are_one_entry(db: Db) {
        let reads = ReadLog::new(db.clone(), key());
        let officer = actors::reviewer(&[]);
        let at = |minutes| Ctx::new(officer.actor.clone(), MONDAY_MORNING.plus_minutes(minutes));
        let note = async |minutes, subject: &str| {
            reads.note(&at(minutes), CHANGED, ("thing", subject.into()), "测试").await.unwrap();
        };
        for (minutes, subject) in [(0, "1"), (59, "1"), (1, "2"), (61, "1")] {
            note(minutes, subject).await;
        }
        // What people read of their own is their affair.
        reads.note(&actors::citizen(), CHANGED, ("thing", "1".into()), "").await.unwrap();
        reads.flush().await.unwrap();
        assert_eq!(verify(&db, &key()).await.unwrap().entries, 3);
    }

    async fn what_cannot_be_written_waits_and_stops_the_readers_before_anything_is_lost(db: Db) {
        let reads = ReadLog::new(db.clone(), key());
        let officer = actors::reviewer(&[]);
        meddle_table(&db, "ALTER TABLE audit_entry RENAME TO away").await;
        let mut refused = None;
        for subject in 0..1000 {
            let note = reads.note(&officer, CHANGED, ("thing", subject.to_string()), "测试");
            refused = note.await.err();
        }
        assert_eq!(refused.unwrap().kind(), Kind::Internal);
        meddle_table(&db, "ALTER TABLE away RENAME TO audit_entry").await;
        reads.flush().await.unwrap();
        assert_eq!(verify(&db, &key()).await.unwrap().entries, 1000);
    }
}

async fn meddle_table(db: &Db, sql: &'static str) {
    db.write((), move |tx, ()| {
        Box::pin(async move { tx.execute(sql, &[]).await.map(drop) })
    })
    .await
    .unwrap();
}

#[test]
fn lines_outside_the_database_cannot_be_forged_and_a_torn_one_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(ANCHOR_FILE);
    let anchor = open(folder.path());
    for sequence in 1..4 {
        assert!(anchor.keep((sequence, "c"), 0, MONDAY_MORNING).unwrap());
    }
    assert!(
        !anchor.keep((3, "c"), 0, MONDAY_MORNING).unwrap(),
        "known already"
    );
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}sealed 4 c")).unwrap();
    let again = open(folder.path());
    again.keep((4, "c"), 0, MONDAY_MORNING).unwrap();
    let lines = read_anchor(&file, &key()).unwrap().unwrap();
    assert_eq!((lines.lines.len(), lines.broken_at), (4, None));
    for forged in [
        text.replacen("sealed 2", "sealed 9", 1),
        text.lines()
            .skip(1)
            .map(|line| format!("{line}\n"))
            .collect(),
    ] {
        std::fs::write(&file, forged).unwrap();
        assert!(
            read_anchor(&file, &key())
                .unwrap()
                .unwrap()
                .broken_at
                .is_some()
        );
        let refused = Anchor::open(folder.path(), key(), Vec::new())
            .err()
            .unwrap();
        assert_eq!(refused.code(), "audit.anchor_broken");
    }
}

#[test]
fn several_servers_share_a_folder_and_whatever_is_cut_off_meanwhile_shows() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(ANCHOR_FILE);
    let [one, other] = [open(folder.path()), open(folder.path())];
    for sequence in 1..5 {
        for anchor in [&one, &other] {
            let added = anchor.keep((sequence, "c"), 0, MONDAY_MORNING).unwrap();
            assert_eq!(added, std::ptr::eq(anchor, &raw const one), "{sequence}");
        }
    }
    let lines = || read_anchor(&file, &key()).unwrap().unwrap();
    assert_eq!((lines().lines.len(), lines().broken_at), (4, None));
    let text = std::fs::read_to_string(&file).unwrap();
    let cut = text.lines().take(2).map(|line| format!("{line}\n"));
    std::fs::write(&file, cut.collect::<String>()).unwrap();
    other.keep((5, "c"), 0, MONDAY_MORNING).unwrap();
    assert_eq!(lines().broken_at, Some(3));
}

#[test]
fn a_second_place_gets_every_line_and_one_that_cannot_be_written_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [copy, socket] = ["copy.anchor", "log"].map(|name| folder.path().join(name));
    let log = UnixDatagram::bind(&socket).unwrap();
    let places = ["", "syslog:", "syslog:/nowhere"].map(|kind| match kind {
        "" => copy.display().to_string(),
        "syslog:" => format!("syslog:{}", socket.display()),
        other => other.to_owned(),
    });
    let places: Vec<AnchorCopy> = places.iter().map(|place| place.parse().unwrap()).collect();
    let anchor = Anchor::open(folder.path(), key(), places).unwrap();
    anchor.keep((1, "c"), 0, MONDAY_MORNING).unwrap();
    let own = std::fs::read_to_string(folder.path().join(ANCHOR_FILE)).unwrap();
    assert_eq!(std::fs::read_to_string(copy).unwrap(), own);
    let mut message = [0; 512];
    let length = log.recv(&mut message).unwrap();
    let said = std::str::from_utf8(&message[..length]).unwrap();
    assert!(said.ends_with(own.trim_end()), "{said}");
}
