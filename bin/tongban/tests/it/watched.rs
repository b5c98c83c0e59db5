//! What the look watches: days that nobody can know yet, what stands still, and a case that fails among others.

use tongban::wiring::{build, load_pack};
use tongban_cases::{
    announce_calendar_end, change_clock, end_lapsed, look, open_case, remind, submit_correction,
};
use tongban_store::params;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::decide;
use crate::house::{Site, migrations, plan};
use crate::law::{ask, at, mended, on, pause, people, system, told, twenty_days};

on_both_databases! {
    &migrations();

    async fn a_last_day_that_nobody_can_know_is_not_promised_and_is_fixed_when_the_days_off_are_published(db: Db) {
        let site = Site::with_pack(db, twenty_days()).await;
        let desk = &site.house.desk;
        let day = at("2026-12-21");
        let first = site.citizen_at("ceshi1", day).await;
        let second = site.citizen_at("ceshi2", day).await;
        let acceptor = site.officer_at("acceptor", day).await;
        let accepted = site.submitted(&first, 1).await;
        decide(&site, &acceptor, accepted, "accept").await;
        let mending = site.submitted(&second, 2).await;
        ask(desk, &acceptor, mending).await;

        let view = open_case(desk, &first, accepted).await.unwrap();
        assert_eq!(view.clock.unknown_year, Some(2027));
        let promise = &view.documents[0].data["case"];
        assert_eq!(promise["promised_by"], "截止日期以国家公布的2027年放假安排为准");
        let view = open_case(desk, &second, mending).await.unwrap();
        let by = "15个工作日内（截止日期以国家公布的2027年放假安排为准）";
        assert_eq!(view.documents[0].data["case"]["correction_by"], by);
        let page = site.citizen("ceshi2").await.get(&format!("/me/cases/{mending}/correction")).await.ok().text();
        assert!(page.contains("预计2027年1月12日，2027年放假安排尚未公布"), "{page}");
        // However the calendar turns out, nothing lapses before it is known.
        for day in ["2027-01-12", "2027-03-01"] {
            assert_eq!(end_lapsed(desk, &system(day)).await.unwrap(), 0);
        }

        let table = "[[year]]\nyear = 2027\nholidays = [{ date = \"2027-01-01\", name = \"元旦\" }]\nworkdays = []\n";
        let text = twenty_days().text("calendar.toml").unwrap().to_owned();
        let published = twenty_days().with("calendar.toml", format!("{text}\n{table}"));
        let next = build(&site.data, load_pack(published).unwrap(), plan()).await.unwrap();
        look(&next.desk, &system("2026-12-25")).await.unwrap();
        let view = open_case(&next.desk, &on("2026-12-25", &first), accepted).await.unwrap();
        assert_eq!(view.case.due_on.unwrap().to_string(), "2027-01-19");
        let view = open_case(&next.desk, &second, mending).await.unwrap();
        let correction = view.case.correction.unwrap();
        assert_eq!(correction.by_words(), "2027年1月12日前（含当日）");
        assert_eq!(told(&site, "case.correction_dated").await, 1);
        assert_eq!(end_lapsed(&next.desk, &system("2027-01-12")).await.unwrap(), 0);
        submit_correction(&next.desk, &on("2027-01-12", &second), mending, &mended()).await.unwrap();
    }

    async fn a_last_day_beyond_the_calendar_stands_in_a_sentence_of_the_case_page(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", at("2026-12-30")).await;
        let case = site.submitted(&citizen, 1).await;
        let page = site.officer("acceptor").await.get(&format!("/workbench/cases/{case}")).await.ok().text();
        let sentence = "（含当日；日期为预计，2027年放假安排尚未公布）前答复是否受理";
        assert!(page.contains(sentence) && !page.contains("应于 预计"), "{page}");
    }

    async fn who_keeps_the_calendar_is_told_sixty_days_before_its_end_once(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        assert!(!announce_calendar_end(desk, &system("2026-10-31")).await.unwrap());
        assert!(announce_calendar_end(desk, &system("2026-11-01")).await.unwrap());
        assert!(!announce_calendar_end(desk, &system("2026-11-02")).await.unwrap());
        assert!(told(&site, "calendar.ending").await > 0);
    }

    async fn what_stands_still_is_not_in_the_list_of_the_late_and_the_latest_stands_first(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        // Pages go by the present moment, so the cases began long before it.
        let now = site.house.app.now();
        let mut cases = Vec::new();
        for (person, days) in [(1, 20), (2, 40), (3, 30)] {
            let then = now.plus_minutes(-days * 24 * 60);
            let citizen = site.citizen_at(&format!("ceshi{person}"), then).await;
            let acceptor = site.officer_at("acceptor", then).await;
            let case = site.submitted(&citizen, person).await;
            decide(&site, &acceptor, case, "accept").await;
            cases.push(case);
        }
        let then = now.plus_minutes(-30 * 24 * 60);
        let reviewer = site.officer_at("reviewer", then).await;
        change_clock(desk, &reviewer, cases[2], pause()).await.unwrap();
        let page = site.officer("reviewer").await.get("/workbench/cases?late=1").await.ok().html();
        let links: Vec<String> = page.all("tbody tr").into_iter().map(|row| row.html).collect();
        assert_eq!(links.len(), 2, "the paused one is not late");
        assert!(links[0].contains(&cases[1].to_string()) && links[1].contains(&cases[0].to_string()));
        assert!(links[0].contains("已超期 ") && links[0].contains("审查"), "days late and step");
    }

    async fn a_case_that_fails_stops_no_reminder_of_another(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let who = people(&site).await;
        let other = site.citizen_at("ceshi2", MONDAY_MORNING).await;
        let broken = site.submitted(&who.citizen, 1).await;
        let whole = site.submitted(&other, 2).await;
        for case in [broken, whole] {
            decide(&site, &who.acceptor, case, "accept").await;
        }
        site.db()
            .write(broken, |tx, id| {
                Box::pin(async move {
                    tx.execute("UPDATE case_record SET form = 'x' WHERE id = $1", params![*id]).await
                })
            })
            .await
            .unwrap();
        assert_eq!(remind(desk, &system("2026-11-23")).await.unwrap(), 1);
        look(desk, &system("2026-11-26")).await.unwrap();
        assert_eq!((told(&site, "case.overdue").await, told(&site, "case.escalated").await), (1, 1));
    }
}
