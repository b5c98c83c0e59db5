//! A licence has the face of the release that its case runs on, and keeps it.

use tongban_cases::CaseId;
use tongban_packs::Folder;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::decide;
use crate::house::{Site, migrations};

/// Another title, and a field without which the new face cannot be set.
fn with_new_face() -> Folder {
    let pack = tongban::packs::transport();
    let (kind, face) = ("licences/practitioner.toml", "licences/practitioner.typ");
    let title = "title = \"道路运输从业人员从业资格证\"";
    let text = pack.text(kind).unwrap();
    let with_title = text.replacen(title, "title = \"从业资格证（新版）\"", 1);
    assert_ne!(text, with_title);
    let grade = "\n[[fields]]\ncode = \"grade\"\ntitle = \"等级\"\nfrom = \"'一级'\"\n";
    let needs = "#assert(\"grade\" in json(\"/data.json\").licence)\n";
    let row = "(\"发证机关\", value(\"issuer_name\"))";
    let more = format!("{row}, (\"等级\", value(\"grade\"))");
    let drawn = format!(
        "{needs}{}",
        pack.text(face).unwrap().replacen(row, &more, 1)
    );
    pack.clone()
        .with(kind, format!("{with_title}{grade}"))
        .with(face, drawn)
}

async fn carried(site: &Site, case: CaseId, steps: &[(&str, &str)]) {
    for (login, name) in steps {
        let officer = site.officer_at(login, MONDAY_MORNING).await;
        decide(site, &officer, case, name).await;
    }
}

/// The page of the licence that a case made, for its holder.
async fn page(site: &Site, login: &str, case: CaseId) -> String {
    let sql = "SELECT l.id, l.case_id, e.release, e.made_at FROM licence l
        JOIN licence_edition e ON e.licence_id = l.id WHERE l.case_id IS NOT NULL";
    let rows = site.rows(sql).await;
    let of_case =
        |row: &&tongban_store::Row| row.get::<String>("case_id").unwrap() == case.to_string();
    let row = rows.iter().find(of_case).unwrap();
    assert!(
        row.get::<Option<i64>>("made_at").unwrap().is_some(),
        "its files are made"
    );
    let id: String = row.get("id").unwrap();
    let page = site
        .citizen(login)
        .await
        .get(&format!("/me/licences/{id}"))
        .await;
    page.ok().html().text("main")
}

const DECIDED: [(&str, &str); 3] = [
    ("acceptor", "accept"),
    ("reviewer", "pass"),
    ("approver", "grant"),
];
const MADE: [(&str, &str); 1] = [("maker", "made")];

on_both_databases! {
    &migrations();

    async fn a_case_of_the_old_release_makes_its_licence_with_the_old_face(db: Db) {
        let mut site = Site::on(db).await;
        let [first, second] = ["ceshi1", "ceshi2"];
        let old = site.submitted(&site.citizen_at(first, MONDAY_MORNING).await, 1).await;
        carried(&site, old, &DECIDED).await;
        // A licence that was on record before has no files yet.
        let held = site.licence(3).await["id"].as_str().unwrap().to_owned();
        site.republish(with_new_face()).await;
        carried(&site, old, &MADE).await;
        let new = site.submitted(&site.citizen_at(second, MONDAY_MORNING).await, 2).await;
        carried(&site, new, &DECIDED).await;
        carried(&site, new, &MADE).await;
        site.drain().await;

        let (old, new) = (page(&site, first, old).await, page(&site, second, new).await);
        assert!(old.contains("道路运输从业人员从业资格证") && !old.contains("等级"), "{old}");
        assert!(new.contains("从业资格证（新版）") && new.contains("等级"), "{new}");
        let holder = site.citizen("ceshi3").await;
        holder.get("/me/licences").await.ok();
        holder.get(&format!("/licences/{held}/pdf")).await.ok();
    }
}
