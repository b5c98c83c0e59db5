//! Numbers without gaps, whoever fails in between.

use tongban_base::Problem;
use tongban_licences::{LicenceQuery, NewLicence};
use tongban_testkit::{actors, on_both_databases};

use crate::house::{House, migrations, new_licence};

on_both_databases! {
    &migrations();

    async fn numbers_have_no_gaps_when_many_are_issued_at_once_and_some_fail(db: Db) {
        let house = House::on(db).await;
        let mut writes = Vec::new();
        for person in 0..24_u32 {
            let new = new_licence(&format!("31000019900101{person:04}"));
            let input = (house.licences.clone(), actors::system(), new, person);
            let db = house.db.clone();
            writes.push(tokio::spawn(async move {
                db.write(input, |tx, (licences, ctx, new, person)| {
                    Box::pin(async move {
                        let new: &NewLicence = new;
                        licences.issue(tx, ctx, new).await?;
                        match person % 3 {
                            0 => Err(Problem::invalid("test.refused", "不行")),
                            _ => Ok(()),
                        }
                    })
                })
                .await
            }));
        }
        for write in writes {
            let _ = write.await.unwrap();
        }
        let officer = actors::staff_of("office", actors::SHANGHAI, "maker", "测试制证人", &["licence.read"]);
        let found = house.licences.search(&officer, &LicenceQuery::default()).await.unwrap();
        let mut numbers: Vec<String> = found.rows.iter().map(|l| l.number.clone()).collect();
        numbers.sort();
        let expected: Vec<String> = (1..=16).map(|n| format!("示例2026{n:06}")).collect();
        assert_eq!(numbers, expected);
    }
}
