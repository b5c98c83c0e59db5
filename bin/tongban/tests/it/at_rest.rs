//! What lies in the data folder and in the database: whoever reads them with other programs than this one learns nothing
//! of people's files, answers and names.

use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use tongban::data::objects_folder;
use tongban_base::Ctx;
use tongban_cases::{CaseFilter, CaseId, list_cases, submit_case};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::decide;
use crate::browser::Browser;
use crate::house::{PDF, Site, migrations};

/// Where names and answers are.
const TABLES: [&str; 2] = ["SELECT * FROM case_record", "SELECT * FROM draft"];

/// What files of every kind show when they are not encrypted.
const TELLTALES: [&[u8]; 4] = [PDF, b"%PDF-", b"OFD.xml", b"\x89PNG"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        })
        .collect()
}

/// Addresses of files that the page of a case offers.
pub async fn offered(browser: &Browser, case: CaseId) -> Vec<String> {
    let page = browser.get(&format!("/me/cases/{case}")).await.ok().html();
    let links = page.all("main a[href]");
    links
        .iter()
        .map(|link| link.attribute("href").unwrap().to_owned())
        .filter(|href| href.contains("/files/") || href.contains("/documents/"))
        .collect()
}

on_both_databases! {
    &migrations();

    async fn uploads_letters_and_licence_files_lie_encrypted_and_a_changed_one_is_told(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let case = submit_case(&site.house.desk, &ctx, draft).await.unwrap().case;
        for (officer, decision) in [
            ("acceptor", "accept"), ("reviewer", "pass"), ("approver", "grant"), ("maker", "made"),
        ] {
            let officer = site.officer_at(officer, MONDAY_MORNING).await;
            decide(&site, &officer, case, decision).await;
        }
        site.drain().await;

        let stored = files(&objects_folder(&site.data.folder));
        // One upload, two letters as PDF and OFD, a licence as PDF, OFD and picture.
        assert!(stored.len() >= 8, "{stored:?}");
        for file in &stored {
            let bytes = std::fs::read(file).unwrap();
            for telltale in TELLTALES {
                let seen = bytes.windows(telltale.len()).any(|window| window == telltale);
                assert!(!seen, "{} is not encrypted", file.display());
            }
        }

        let citizen = site.citizen("ceshi1").await;
        let offered = offered(&citizen, case).await;
        assert!(offered.len() >= 3, "{offered:?}");
        for address in &offered {
            let file = citizen.get(address).await.ok().body;
            assert!(file.starts_with(b"%PDF-") || file.starts_with(b"PK"), "{address}");
        }
        for file in &stored {
            let mut bytes = std::fs::read(file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(file, bytes).unwrap();
        }
        for address in &offered {
            let told = citizen.get(address).await;
            assert_eq!(told.status, StatusCode::INTERNAL_SERVER_ERROR, "{address}");
            assert!(told.html().text("main").contains("损坏或缺失"));
        }
    }

    async fn name_and_answers_lie_encrypted_and_the_office_finds_the_whole_name(db: Db) {
        let site = Site::on(db).await;
        let mut numbers = Vec::new();
        for person in 1..=2 {
            let ctx = site.citizen_at(&format!("ceshi{person}"), MONDAY_MORNING).await;
            let draft = site.complete_draft(&ctx, person).await;
            numbers.push(submit_case(&site.house.desk, &ctx, draft).await.unwrap().number);
        }
        for sql in TABLES {
            let rows = format!("{:?}", site.rows(sql).await);
            for plain in ["测试一", "damaged"] {
                assert!(!rows.contains(plain), "{plain} in {sql}");
            }
        }
        let officer = site.officer_at("acceptor", MONDAY_MORNING).await;
        let first = [numbers[0].as_str()];
        for words in ["测试一", " 测试 一 ", "测·试一", &numbers[0]] {
            assert_eq!(found(&site, &officer, words).await, first, "{words}");
        }
        assert_eq!(found(&site, &officer, &numbers[0][..8]).await.len(), 2);
        for words in ["测试", "一", "%", "测试三", &numbers[0][1..]] {
            assert!(found(&site, &officer, words).await.is_empty(), "{words}");
        }
        let page = site.officer("acceptor").await.get("/workbench/cases?q=测试二").await.ok().html();
        assert_eq!(page.texts("tbody .tb-number"), [numbers[1].as_str()]);
        assert!(page.one("input[name=q]").attribute("placeholder").unwrap().contains("全名"));
    }
}

fn asking(words: &str) -> CaseFilter {
    CaseFilter {
        words: words.to_owned(),
        limit: 50,
        ..CaseFilter::default()
    }
}

async fn found(site: &Site, officer: &Ctx, words: &str) -> Vec<String> {
    let cases = list_cases(&site.house.desk, officer, asking(words)).await;
    cases.unwrap().rows.into_iter().map(|c| c.number).collect()
}
