//! What a case was filed with is all that officers, letters and licences see; corrections exchange files and never run
//! out of room.

use tongban_base::Ctx;
use tongban_cases::{
    CaseId, Correction, Decision, FileState, MaterialFileId, Mend, complete_task, open_case,
    remove_correction, submit_correction, tasks_of, upload_correction, upload_file,
};
use tongban_store::params;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::decision;
use crate::house::{MATERIAL, PDF, Site, migrations};

async fn change(site: &Site, sql: &'static str) {
    site.db()
        .write((), move |tx, ()| {
            Box::pin(async move { tx.execute(sql, params![]).await.map(drop) })
        })
        .await
        .unwrap();
}

async fn ask(site: &Site, case: CaseId, at: i64) {
    let now = MONDAY_MORNING.plus_minutes(at);
    let acceptor = site.officer_at("acceptor", now).await;
    let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
    let mend = Mend {
        place: MATERIAL.into(),
        title: "原证".into(),
        problem: "不清楚".into(),
    };
    let correction = Some(Correction {
        materials: vec![mend],
        ..Correction::default()
    });
    let asked = Decision {
        correction,
        ..decision("correct")
    };
    complete_task(&site.house.desk, &acceptor, task, asked)
        .await
        .unwrap();
}

async fn names(site: &Site, ctx: &Ctx, case: CaseId, state: FileState) -> Vec<String> {
    let view = open_case(&site.house.desk, ctx, case).await.unwrap();
    let of = view.files.into_iter().filter(|f| f.state == state);
    of.map(|f| f.file.name).collect()
}

async fn newest(site: &Site) -> MaterialFileId {
    let rows = site
        .rows("SELECT id FROM material_file ORDER BY id DESC")
        .await;
    rows[0].get("id").unwrap()
}

on_both_databases! {
    &migrations();

    async fn a_row_that_is_not_in_the_list_is_shown_to_nobody(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        change(&site, "INSERT INTO material_file (id, draft_id, material, object, name, media_type, size, uploaded_at)
            SELECT 'x', draft_id, material, object, '后来的.pdf', media_type, size, uploaded_at FROM material_file").await;
        change(&site, "UPDATE material_file SET removed_at = 1 WHERE id <> 'x'").await;
        assert_eq!(names(&site, &ctx, case, FileState::Filed).await, ["原证.pdf"]);
        let page = site.officer("acceptor").await.get(&format!("/workbench/cases/{case}")).await.ok().text();
        assert!(page.contains("原证.pdf") && !page.contains("后来的.pdf"));
        let file = format!("/workbench/cases/{case}/files/x");
        assert!(site.officer("acceptor").await.get(&file).await.status.is_client_error());
    }

    async fn values_that_were_changed_behind_the_case_show(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        assert!(!open_case(&site.house.desk, &citizen, case).await.unwrap().values_changed);
        // By somebody who even has the keys; without them the case does not open at all.
        let cipher = site.data.ring.field_cipher().unwrap();
        let form = cipher.encrypt_in("{\"address\":\"别处\"}", "case_record.form", case).unwrap();
        change(&site, format!("UPDATE case_record SET form = '{form}'").leak()).await;
        assert!(open_case(&site.house.desk, &citizen, case).await.is_err());
        site.mark_anew("case_record").await;
        assert!(open_case(&site.house.desk, &citizen, case).await.unwrap().values_changed);
        let page = site.officer("acceptor").await.get(&format!("/workbench/cases/{case}")).await.ok().html();
        let told = page.texts(".tb-notice.tb-tone-late").join("");
        assert!(told.contains("可能被改动过"), "{told}");
    }

    async fn a_correction_always_has_room(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        for number in 1..10 {
            let content = [PDF, format!("% {number}").as_bytes()].concat();
            upload_file(desk, &ctx, draft, MATERIAL, &format!("{number}.pdf"), content).await.unwrap();
        }
        let case = tongban_cases::submit_case(desk, &ctx, draft).await.unwrap().case;
        ask(&site, case, 10).await;
        let later = Ctx::new(ctx.actor.clone(), MONDAY_MORNING.plus_minutes(20));
        let full = upload_correction(desk, &later, case, MATERIAL, "新.pdf", PDF.to_vec()).await.unwrap_err();
        assert!(full.message().contains("请先删除一个"), "{full}");
        // The page has a button for each.
        let citizen = site.citizen("ceshi1").await;
        let page = citizen.get(&format!("/me/cases/{case}/correction")).await.ok().html();
        let forms = page.all("main button[formaction$='/remove']");
        assert_eq!(forms.len(), 10);
        citizen.post(forms[0].attribute("formaction").unwrap(), &[]).await.leads_to();
        upload_correction(desk, &later, case, MATERIAL, "新.pdf", PDF.to_vec()).await.unwrap();
        // Until it is handed in the office sees what was filed.
        assert_eq!(names(&site, &later, case, FileState::Filed).await.len(), 10);
        submit_correction(desk, &later, case, &[]).await.unwrap();
        assert_eq!(names(&site, &later, case, FileState::New).await, ["新.pdf"]);
        assert_eq!(names(&site, &later, case, FileState::Replaced).await, ["原证.pdf"]);
        let page = site.officer("acceptor").await.get(&format!("/workbench/cases/{case}")).await.ok().html();
        let words = page.text("main");
        assert!(words.contains("补正新交") && words.contains("补正后已替换"), "{words}");
    }

    async fn a_wrong_file_of_a_correction_can_be_taken_away_again(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        ask(&site, case, 10).await;
        let later = Ctx::new(ctx.actor.clone(), MONDAY_MORNING.plus_minutes(20));
        upload_correction(desk, &later, case, MATERIAL, "错的.pdf", PDF.to_vec()).await.unwrap();
        remove_correction(desk, &later, case, newest(&site).await).await.unwrap();
        let early = submit_correction(desk, &later, case, &[]).await.unwrap_err();
        assert_eq!(early.field_errors()[0].pointer, format!("/materials/{MATERIAL}"));
        upload_correction(desk, &later, case, MATERIAL, "对的.pdf", PDF.to_vec()).await.unwrap();
        submit_correction(desk, &later, case, &[]).await.unwrap();
        assert_eq!(names(&site, &later, case, FileState::New).await, ["对的.pdf"]);
        assert_eq!(names(&site, &later, case, FileState::Filed).await, ["原证.pdf"]);
        // What was not handed in with an earlier correction does not come back with a later one.
        ask(&site, case, 30).await;
        let last = Ctx::new(ctx.actor.clone(), MONDAY_MORNING.plus_minutes(40));
        let early = submit_correction(desk, &last, case, &[]).await.unwrap_err();
        assert_eq!(early.field_errors()[0].pointer, format!("/materials/{MATERIAL}"));
    }
}
