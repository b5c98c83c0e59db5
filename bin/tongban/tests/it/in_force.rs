//! What is checked is what is served: a pack with a fault changes nothing, and numbers of papers never come twice.

use tongban::wiring::{build, load_pack};
use tongban_packs::Folder;
use tongban_store::params;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::decide;
use crate::house::{ITEM, Site, migrations, plan};

/// The pack of practitioners with one file changed.
fn changed(folder: Folder, file: &str, from: &str, to: &str) -> Folder {
    let before = folder.text(file).unwrap().to_owned();
    let after = before.replacen(from, to, 1);
    assert_ne!(before, after, "{file} has {from}");
    folder.with(file, after)
}

/// A new sentence in an item, and a register that cannot be read.
fn half_good() -> Folder {
    let item = format!("items/{ITEM}.toml");
    let folder = changed(tongban::packs::transport(), &item, "损毁时", "损坏时");
    let register = folder
        .list("registers/", ".toml")
        .next()
        .unwrap()
        .to_owned();
    let broken = format!("surprise = 1\n{}", folder.text(&register).unwrap());
    folder.with(&register, broken)
}

on_both_databases! {
    &migrations();

    async fn a_pack_with_a_fault_changes_nothing_in_force(db: Db) {
        let site = Site::on(db).await;
        let today = site.house.app.now().date();
        let before = site.house.desk.catalog.offered(ITEM, today).unwrap().hash.clone();
        let next = build(&site.data, load_pack(half_good()).unwrap(), plan()).await.unwrap();
        assert_eq!(next.desk.catalog.offered(ITEM, today).unwrap().hash, before);
        assert_eq!(next.pack.folder, tongban::packs::transport());
        assert_eq!(site.count("SELECT COUNT(*) FROM pack_in_force").await, 1);
    }

    async fn a_house_without_a_pack_in_force_tells_the_faults(db: Db) {
        let site = Site::on(db).await;
        site.db()
            .write((), |tx, ()| {
                Box::pin(async move { tx.execute("DELETE FROM pack_in_force", params![]).await })
            })
            .await
            .unwrap();
        let told = build(&site.data, load_pack(half_good()).unwrap(), plan()).await;
        let told = told.err().unwrap().to_string();
        assert!(told.contains("registers/") && told.contains("surprise"), "{told}");
    }

    async fn letters_with_one_number_rule_count_in_one_series(db: Db) {
        let folder = tongban::packs::transport();
        let shared = "沪交从通〔{year}〕{seq:4}号";
        let folder = changed(folder, "documents/acceptance-notice.toml", "沪交从受〔{year}〕{seq:4}号", shared);
        let folder = changed(folder, "documents/refusal-notice.toml", "沪交从不受〔{year}〕{seq:4}号", shared);
        let site = Site::with_pack(db, folder).await;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        for (person, decision) in [(1, "accept"), (2, "refuse"), (3, "accept")] {
            let citizen = site.citizen_at(&format!("ceshi{person}"), MONDAY_MORNING).await;
            let case = site.submitted(&citizen, person).await;
            decide(&site, &acceptor, case, decision).await;
        }
        let rows = site.rows("SELECT number FROM case_document ORDER BY number").await;
        let numbers: Vec<String> = rows.iter().map(|row| row.get("number").unwrap()).collect();
        let year = MONDAY_MORNING.date().to_string()[..4].to_owned();
        let expected = [1, 2, 3].map(|n| format!("沪交从通〔{year}〕000{n}号"));
        assert_eq!(numbers, expected);
    }

    async fn a_series_goes_on_from_where_its_letter_counted_before(db: Db) {
        let site = Site::on(db).await;
        let year = MONDAY_MORNING.date().to_string()[..4].to_owned();
        let counter = format!("document:acceptance-notice:{year}");
        site.db()
            .write(counter, |tx, counter| {
                Box::pin(async move {
                    tx.execute("INSERT INTO counter (name, value) VALUES ($1, 41)", params![counter.as_str()]).await
                })
            })
            .await
            .unwrap();
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let rows = site.rows("SELECT number FROM case_document").await;
        let number: String = rows[0].get("number").unwrap();
        assert!(number.ends_with("0042号"), "{number}");
    }
}
