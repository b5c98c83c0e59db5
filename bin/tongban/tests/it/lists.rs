//! Long lists: every page forward and back shows each row once, in the order of the list.

use serde_json::Value as Json;
use tongban_base::{Result, Uuid};
use tongban_cases::{
    CaseId, Correction, Decision, Mend, complete_task, submit_correction, tasks_of,
    upload_correction,
};
use tongban_crypto::FieldCipher;
use tongban_store::{Db, Tx, params, queries_asked};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::at_once::{decide, decision};
use crate::browser::Browser;
use crate::house::{MATERIAL, PDF, Site, migrations};

const CASES: usize = 65;

async fn asked_for_material(site: &Site, case: CaseId) {
    let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
    let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
    let mend = Mend {
        place: MATERIAL.into(),
        title: "损毁的从业资格证".into(),
        problem: "看不清".into(),
    };
    let correction = Correction {
        materials: vec![mend],
        ..Correction::default()
    };
    let asked = Decision {
        correction: Some(correction),
        ..decision("correct")
    };
    complete_task(&site.house.desk, &acceptor, task, asked)
        .await
        .unwrap();
}

/// Another file than the first one.
fn pdf(number: u8) -> Vec<u8> {
    [PDF, b"%", &[b'0' + number], b"\n"].concat()
}

on_both_databases! {
    &migrations();

    async fn lists_of_cases_go_forward_and_back_over_the_same_pages(db: Db) {
        let site = Site::on(db).await;
        many_cases(&site).await;
        let citizen = site.citizen("ceshi1").await;
        let officer = site.officer("acceptor").await;
        let newest = "SELECT number FROM case_record ORDER BY submitted_at DESC, id DESC";
        let oldest = "SELECT c.number FROM flow_task t JOIN case_record c ON c.id = t.subject ORDER BY t.id";
        for (browser, list, order) in [
            (&citizen, "/me/cases", newest),
            (&officer, "/workbench/cases", newest),
            (&officer, "/workbench", oldest),
        ] {
            let forward = walk(browser, list.to_owned(), "next").await;
            let shown: Vec<String> = forward.iter().flat_map(|(_, rows)| rows.clone()).collect();
            assert_eq!(shown, numbers(&site, order).await, "{list}");
            assert!(forward.len() >= 3, "{list}");
            let (last, _) = forward.last().unwrap();
            let back = walk(browser, last.clone(), "prev").await;
            let rows = |pages: &[(String, Vec<String>)]| pages.iter().map(|(_, rows)| rows.clone()).collect::<Vec<_>>();
            let mut turned = rows(&back);
            turned.reverse();
            assert_eq!(turned, rows(&forward), "{list} backwards");
        }
    }

    async fn what_was_mended_is_a_list_of_its_own_with_when_and_what(db: Db) {
        covers!("HD-083");
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let [first, second] = [site.citizen_at("ceshi1", MONDAY_MORNING).await, site.citizen_at("ceshi2", MONDAY_MORNING).await];
        let (mended, waits) = (site.submitted(&first, 1).await, site.submitted(&second, 2).await);
        for case in [mended, waits] {
            asked_for_material(&site, case).await;
        }
        let officer = site.officer("acceptor").await;
        let list = "/workbench/cases?mended=1";
        assert!(officer.get(list).await.ok().text().contains("没有符合条件的办件"), "asked for is not mended");
        upload_correction(desk, &first, mended, MATERIAL, "新的.pdf", pdf(7)).await.unwrap();
        let answer = submit_correction(desk, &first, mended, &[]).await;
        answer.unwrap();
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, mended, "accept").await;
        let listed = officer.get(list).await.ok().html();
        assert_eq!(listed.texts("tbody .tb-number").len(), 1);
        let page = officer.get(&format!("/workbench/cases/{mended}")).await.ok().text();
        for told in ["退回补正", "提交补正", "受理", "原证.pdf", "新的.pdf"] {
            assert!(page.contains(told), "{told}");
        }
    }

    async fn a_page_of_thirty_rows_asks_no_more_than_one_of_five(db: Db) {
        let site = Site::on(db).await;
        many_cases(&site).await;
        let citizen = site.citizen("ceshi1").await;
        let officer = site.officer("acceptor").await;
        for (browser, list) in [(&citizen, "/me/cases"), (&officer, "/workbench/cases"), (&officer, "/workbench")] {
            let pages = walk(browser, list.to_owned(), "next").await;
            let mut asked = Vec::new();
            for (address, rows) in [pages.first().unwrap(), pages.last().unwrap()] {
                let before = queries_asked();
                browser.get(address).await.ok();
                asked.push((rows.len(), queries_asked() - before));
            }
            assert!(asked[0].0 > asked[1].0, "{list}: {asked:?}");
            assert_eq!(asked[0].1, asked[1].1, "{list}: {asked:?}");
        }
    }

    async fn the_json_list_of_cases_leads_on_until_all_are_told(db: Db) {
        let site = Site::on(db).await;
        many_cases(&site).await;
        let citizen = site.citizen("ceshi1").await;
        let (mut told, mut after) = (Vec::new(), String::new());
        loop {
            let page = citizen.get(&format!("/api/v1/cases?after={after}")).await.ok().json();
            let rows = page["cases"].as_array().unwrap();
            told.extend(rows.iter().map(|row| row["number"].as_str().unwrap().to_owned()));
            match &page["next"] {
                Json::String(next) => after.clone_from(next),
                next => {
                    assert!(next.is_null());
                    break;
                }
            }
        }
        assert_eq!(told, numbers(&site, "SELECT number FROM case_record ORDER BY submitted_at DESC, id DESC").await);
        let forged = citizen.get("/api/v1/cases?after=%25").await;
        assert_eq!(forged.status.as_u16(), 422);
    }

    async fn an_officer_finds_a_case_by_its_number_as_pages_print_it(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        site.submitted(&ctx, 1).await;
        let number = numbers(&site, "SELECT number FROM case_record").await.remove(0);
        let officer = site.officer("acceptor").await;
        let printed = tongban_ui::markup::grouped(&number);
        assert!(printed.contains(' '));
        let wide: String = number.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
        for words in [number.clone(), printed.clone(), wide, format!("\u{202d}{printed}\u{202c}"), printed[..9].to_owned()] {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            let query = query.append_pair("q", &words).finish();
            let page = officer.get(&format!("/workbench/cases?{query}")).await.ok().html();
            assert_eq!(page.texts("tbody .tb-number"), [number.as_str()], "{words}");
        }
    }
}

/// One case is filed; the others are copies of its rows, each with a task of its own.
async fn many_cases(site: &Site) {
    let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    let case = site.submitted(&ctx, 1).await;
    let cipher = site.data.ring.field_cipher().unwrap();
    copy(site.db(), (case, cipher)).await;
    site.mark_anew("case_record").await;
    site.mark_anew("flow_task").await;
}

/// Encrypted fields open in their own row only.
async fn seal_anew(tx: &mut Tx, cipher: &FieldCipher, from: CaseId, to: &str) -> Result<()> {
    let sql = "SELECT applicant, answers, form FROM case_record WHERE id = $1";
    let row = tx.query_one(sql, params![to]).await?;
    let mut values = params![to].to_vec();
    for column in ["applicant", "answers", "form"] {
        let (name, stored) = (format!("case_record.{column}"), row.get::<String>(column)?);
        let text = cipher.decrypt_in(&stored, &name, from)?;
        values.push(cipher.encrypt_in(&text, &name, to)?.into());
    }
    let sql = "UPDATE case_record SET applicant = $2, answers = $3, form = $4 WHERE id = $1";
    tx.execute(sql, &values).await.map(drop)
}

async fn copy(db: &Db, input: (CaseId, FieldCipher)) {
    db.write(input, |tx, (case, cipher)| {
        Box::pin(async move {
            for n in 1..CASES {
                let [id, draft, task] = [(); 3].map(|()| Uuid::now_v7().to_string());
                let number = format!("9{n:09}");
                tx.execute(
                    "INSERT INTO draft (id, account, item_code, release_hash, answers, form, division, created_at, updated_at, ended_at)
                     SELECT $1, account, item_code, release_hash, answers, form, division, created_at, updated_at, ended_at
                     FROM draft WHERE id = (SELECT draft_id FROM case_record WHERE id = $2)",
                    params![draft.as_str(), *case],
                )
                .await?;
                // Several at the same moment: the id decides between them.
                tx.execute(
                    "INSERT INTO case_record (id, number, code, draft_id, submitted_at, item_code, item_name, release_hash,
                         account, applicant, applicant_digest, organisation, division, status, answers, form, event_seq,
                         event_hash, twin)
                     SELECT $1, $2, $2, $3, submitted_at + $4, item_code, item_name, release_hash, account, applicant,
                         applicant_digest, organisation, division, status, answers, form, event_seq, event_hash, $1
                     FROM case_record WHERE id = $5",
                    params![id.as_str(), number.as_str(), draft.as_str(), i64::try_from(n / 4).unwrap(), *case],
                )
                .await?;
                seal_anew(tx, cipher, *case, &id).await?;
                tx.execute(
                    "INSERT INTO flow_task (id, subject, instance_id, token, stage, element, name, role, organisation,
                         division, limit_days, decisions, opened_at, version)
                     SELECT $1, $2, instance_id, token, stage, element, name, role, organisation, division, limit_days,
                         decisions, opened_at, version
                     FROM flow_task WHERE subject = $3",
                    params![task.as_str(), id.as_str(), *case],
                )
                .await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
}

async fn numbers(site: &Site, sql: &'static str) -> Vec<String> {
    let rows = site.rows(sql).await;
    rows.iter().map(|row| row.at(0).unwrap()).collect()
}

/// The address and the numbers of each page, from one to the last that its foot leads to.
async fn walk(browser: &Browser, mut address: String, towards: &str) -> Vec<(String, Vec<String>)> {
    let mut pages = Vec::new();
    loop {
        let page = browser.get(&address).await.ok().html();
        pages.push((address, page.texts("tbody .tb-number")));
        let links = page.all(&format!("a[rel={towards}]"));
        match links.first().and_then(|link| link.attribute("href")) {
            Some(next) => address = next.to_owned(),
            None => return pages,
        }
    }
}
