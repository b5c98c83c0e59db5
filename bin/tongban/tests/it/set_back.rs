//! The machine's clock was ahead once, or was set back while nothing ran.

use tongban::clock::{correct, not_far_ahead};
use tongban::wiring::{Plan, build, load_pack};
use tongban_audit::{Entry, attempt};
use tongban_base::{Clock, Ctx, Timestamp};
use tongban_store::params;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::house::{Site, migrations, plan};

async fn recorded_at(site: &Site, moment: Timestamp) {
    let entry = Entry::done(tongban_cases::EVENTS[0], "case", "a case of another day");
    let ctx = Ctx::system(moment);
    attempt(site.db(), &ctx, &site.house.audit_key, entry)
        .await
        .unwrap();
}

fn plan_at(now: Timestamp) -> Plan {
    Plan {
        clock: Clock::given(now),
        ..plan()
    }
}

async fn begins(site: &Site, now: Timestamp) -> Result<Timestamp, String> {
    let pack = load_pack(tongban::packs::transport()).unwrap();
    let house = build(&site.data, pack, plan_at(now)).await;
    house
        .map(|house| house.app.now())
        .map_err(|failure| failure.to_string())
}

on_both_databases! {
    &migrations();

    async fn a_house_begins_no_earlier_than_what_is_on_record(db: Db) {
        let site = Site::on(db).await;
        let now = site.house.app.now();
        let soon = now.plus_minutes(5);
        recorded_at(&site, soon).await;
        assert!(begins(&site, now).await.unwrap() >= soon);
    }

    async fn a_clock_that_was_ahead_is_refused_until_somebody_says_which_is_right(db: Db) {
        let site = Site::on(db).await;
        let now = site.house.app.now();
        let citizen = site.citizen("ceshi1").await;
        let next_year = now.plus_minutes(365 * 24 * 60);
        recorded_at(&site, next_year).await;
        site.db().write(next_year, |tx, next_year| Box::pin(async move {
            let sql = "UPDATE session SET seen_at = $1";
            tx.execute(sql, params![*next_year]).await?;
            tx.execute("UPDATE job SET run_at = $1, lease_until = $1", params![*next_year]).await?;
            tx.insert(
                "INSERT INTO login_guard (subject, failures, last_failed_at, locked_until)",
                params!["somebody", 5, *next_year, *next_year],
            );
            Ok(())
        })).await.unwrap();
        let refused = begins(&site, now).await.unwrap_err();
        assert!(refused.contains("tongban clock accept"), "{refused}");

        correct(&site.data, &Clock::given(now)).await.unwrap();
        let begun = begins(&site, now).await.unwrap();
        assert!(begun >= now && begun <= now.plus_minutes(5), "time goes on from today");
        let left: i64 = site.db().read(now.plus_minutes(10), |tx, soon| Box::pin(async move {
            let sql = "SELECT (SELECT COUNT(*) FROM job WHERE run_at > $1 OR lease_until > $1)
                + (SELECT COUNT(*) FROM login_guard WHERE locked_until > $1)
                + (SELECT COUNT(*) FROM session WHERE ended_at IS NULL AND seen_at > $1) AS number";
            tx.query_one(sql, params![*soon]).await?.get("number")
        })).await.unwrap();
        assert_eq!(left, 0, "nothing waits for next year");
        assert_eq!(citizen.get("/me").await.status, 303, "its session has ended");
        let again = correct(&site.data, &Clock::given(now)).await.unwrap();
        assert!(again.contains("没有改动"), "{again}");
        // What comes after it counts as before.
        assert!(begins(&site, now.plus_minutes(-60)).await.is_err());
    }

    async fn a_start_long_after_the_last_record_is_the_clock_until_somebody_says_otherwise(db: Db) {
        let site = Site::on(db).await;
        site.officer("acceptor").await.get("/workbench").await.ok();
        let days = |many: i64| MONDAY_MORNING.plus_minutes(many * 24 * 60);
        not_far_ahead(site.db(), days(39)).await.unwrap();
        let refused = not_far_ahead(site.db(), days(1000)).await.unwrap_err().to_string();
        assert!(refused.contains("相隔超过 40 天") && refused.contains("tongban clock accept"), "{refused}");
        let said = correct(&site.data, &Clock::given(days(1000))).await.unwrap();
        assert!(said.contains("记入审计日志"), "{said}");
        not_far_ahead(site.db(), days(1000)).await.unwrap();
        assert_eq!(site.audited("clock.corrected", "done").await, 1);
    }
}
