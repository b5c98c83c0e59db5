//! Every file that a row names is looked for; one that is missing or damaged is told to whoever asks for it and to the
//! operator, and mended by whoever hands the same in again.

use axum::http::StatusCode;
use tongban::data::objects_folder;
use tongban::modules;
use tongban_store::{ObjectId, ObjectReport, ObjectState, check_objects};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_rest::offered;
use crate::backup::{client, upload};
use crate::house::{PDF, Site, migrations};
use crate::server::{Server, new_database, program, run};

async fn report(site: &Site) -> ObjectReport {
    let tables = modules::marked(&modules::all());
    check_objects(site.db(), &site.data.objects, &tables)
        .await
        .unwrap()
}

fn path(data: &std::path::Path, id: &ObjectId) -> std::path::PathBuf {
    let (front, rest) = id.as_str().split_at(2);
    objects_folder(data).join(front).join(rest)
}

on_both_databases! {
    &migrations();

    async fn a_missing_file_is_told_to_everybody_whom_it_concerns_and_comes_back_with_its_content(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        site.drain().await;
        let sound = report(&site).await;
        assert!(sound.faults.is_empty() && sound.named == 1, "{sound:?}");
        let file = path(&site.data.folder, &ObjectId::of(PDF));
        std::fs::remove_file(&file).unwrap();
        let citizen = site.citizen("ceshi1").await;
        let address = offered(&citizen, case).await;
        let address = address.iter().find(|address| address.contains("/files/")).unwrap();
        let told = citizen.get(address).await;
        assert_eq!(told.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(told.html().text("main").contains("损坏或缺失"));
        let ready = site.browser().get("/readyz").await.ok().json();
        assert_eq!((&ready["state"], &ready["findings"][0]["part"]), (&"degraded".into(), &"files".into()));
        let found = report(&site).await;
        let [fault] = &found.faults[..] else { panic!("{found:?}") };
        let number = site.rows("SELECT number FROM case_record").await[0].at::<String>(0).unwrap();
        assert_eq!((fault.state, fault.table), (ObjectState::Missing, "material_file"));
        assert_eq!(fault.of, format!("办件 {number} 的材料 原证.pdf"));

        let other = site.citizen_at("ceshi2", MONDAY_MORNING).await;
        site.complete_draft(&other, 2).await;
        assert_eq!(citizen.get(address).await.ok().body, PDF);
        assert!(report(&site).await.faults.is_empty());
        assert_eq!(site.data.objects.lost(), 0);
    }

    async fn letters_and_licence_files_are_looked_for_too(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        for (officer, decision) in [
            ("acceptor", "accept"), ("reviewer", "pass"), ("approver", "grant"), ("maker", "made"),
        ] {
            let officer = site.officer_at(officer, MONDAY_MORNING).await;
            crate::at_once::decide(&site, &officer, case, decision).await;
        }
        site.drain().await;
        let sound = report(&site).await;
        assert_eq!((sound.faults.len(), sound.surplus), (0, 0), "every column that names files is declared");
        for sql in [
            "SELECT pdf FROM case_document WHERE pdf IS NOT NULL",
            "SELECT ofd FROM case_document WHERE ofd IS NOT NULL",
            "SELECT png_object FROM licence_edition WHERE png_object IS NOT NULL",
            "SELECT pdf_object FROM licence_edition WHERE pdf_object IS NOT NULL",
            "SELECT ofd_object FROM licence_edition WHERE ofd_object IS NOT NULL",
        ] {
            let id: ObjectId = site.rows(sql).await[0].at(0).unwrap();
            let file = path(&site.data.folder, &id);
            let mut content = std::fs::read(&file).unwrap();
            content[100] ^= 1;
            std::fs::write(&file, content).unwrap();
        }
        let found = report(&site).await;
        assert_eq!((found.faults.len(), found.named, found.surplus), (5, sound.named, sound.surplus));
        assert!(found.faults.iter().all(|fault| fault.state == ObjectState::Damaged), "{found:?}");
        assert!(found.faults.iter().any(|fault| fault.of.starts_with("证照 ")), "{found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_names_what_is_missing_while_the_server_runs_on_the_embedded_database() {
    names_what_is_missing(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_names_what_is_missing_while_the_server_runs_on_postgres() {
    names_what_is_missing(Some(new_database().await)).await;
}

async fn names_what_is_missing(database: Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let (data, database) = (folder.path().join("data"), database.as_deref());
    let server = Server::start(&data, database);
    upload(&mut client(&server).await).await;
    let surplus = path(&data, &ObjectId::of(b"nobody names it"));
    std::fs::create_dir_all(surplus.parent().unwrap()).unwrap();
    std::fs::write(surplus, b"x").unwrap();
    let said = run(&data, database, &["check-data"]);
    assert!(
        said.contains("检查通过") && said.contains("另有 1 份"),
        "{said}"
    );
    std::fs::remove_file(path(&data, &ObjectId::of(PDF))).unwrap();
    let said = program(&data, database, &["check-data"]).output().unwrap();
    assert_eq!(said.status.code(), Some(1));
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("的材料 原证.pdf：文件缺失"), "{said}");
    drop(server);
}
