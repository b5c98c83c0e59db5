//! Numbers without gaps, whoever fails in between.

use tongban_base::{Kind, Problem};
use tongban_licences::{LicenceQuery, Licences};
use tongban_store::Db;
use tongban_testkit::{actors, on_both_databases};

use crate::house::{House, migrations, new_licence};

/// Every third one fails after its number was taken. Whoever meets too many others tries again, as a visitor would.
async fn issue_or_fail(db: Db, licences: Licences, person: u32) {
    loop {
        let new = new_licence(&format!("31000019900101{person:04}"));
        let input = (licences.clone(), actors::system(), new, person);
        let outcome = db.write(input, |tx, (licences, ctx, new, person)| {
            Box::pin(async move {
                licences.issue(tx, ctx, new).await?;
                match person % 3 {
                    0 => Err(Problem::invalid("test.refused", "不行")),
                    _ => Ok(()),
                }
            })
        });
        match outcome.await {
            Err(problem) if problem.kind() == Kind::Unavailable => {}
            Err(problem) => break assert_eq!(problem.code(), "test.refused"),
            Ok(()) => break,
        }
    }
}

on_both_databases! {
    &migrations();

    async fn numbers_have_no_gaps_when_many_are_issued_at_once_and_some_fail(db: Db) {
        let house = House::on(db).await;
        let mut writes = Vec::new();
        for person in 0..24_u32 {
            writes.push(tokio::spawn(issue_or_fail(house.db.clone(), house.licences.clone(), person)));
        }
        for write in writes {
            write.await.unwrap();
        }
        house.run_jobs().await;
        let officer = actors::staff_of("office", actors::SHANGHAI, "maker", "测试制证人", &["licence.read"]);
        let found = house.licences.search(&officer, &LicenceQuery::default()).await.unwrap();
        let mut numbers: Vec<String> = found.rows.iter().map(|l| l.number.clone()).collect();
        numbers.sort();
        let expected: Vec<String> = (1..=16).map(|n| format!("示例2026{n:06}")).collect();
        assert_eq!(numbers, expected);
    }
}
