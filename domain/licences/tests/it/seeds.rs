//! Licences that exist already, in bulk.

use serde_json::{Map, json};
use tongban_base::Ctx;
use tongban_documents::Answer;
use tongban_licences::{Ended, ExistingLicence, FileFormat, HolderLookup, LicenceQuery, Status};
use tongban_testkit::{actors, on_both_databases};

use crate::house::{House, LI, ZHANG, migrations, person};

fn existing(id_number: &str, status: Status) -> ExistingLicence {
    let mut face = Map::new();
    face.insert("first_issued_on".into(), json!("2009-03-02"));
    let day = |text: &str| text.parse().unwrap();
    ExistingLicence {
        kind: "driver".into(),
        account: None,
        person: person(id_number),
        form: json!({}),
        face,
        division: "310101000000".into(),
        issued_on: day("2021-03-02"),
        valid_from: day("2021-03-02"),
        valid_to: Some(day("2027-03-02")),
        status,
        ended: (status != Status::Valid).then(|| Ended {
            on: day("2025-01-01"),
            by: "示例发证处".into(),
            basis: String::new(),
            reason: String::new(),
        }),
    }
}

async fn seed(house: &House, rows: Vec<ExistingLicence>) -> tongban_base::Result<usize> {
    let input = (house.licences.clone(), actors::system(), rows);
    house
        .db
        .write(input, |tx, (licences, ctx, rows)| {
            Box::pin(async move { Ok(licences.seed(tx, ctx, rows).await?.len()) })
        })
        .await
}

fn proved(number: &'static str) -> HolderLookup {
    HolderLookup(Box::new(move |_| {
        Box::pin(async move { Ok(Some(number.to_owned())) })
    }))
}

on_both_databases! {
    &migrations();

    async fn existing_licences_come_to_their_holders_and_are_made_when_looked_at(db: Db) {
        let house = House::on(db).await;
        seed(&house, vec![existing(ZHANG, Status::Valid), existing(LI, Status::Cancelled)]).await.unwrap();
        let again = seed(&house, vec![existing(ZHANG, Status::Valid)]).await;
        assert_eq!(again.unwrap_err().code(), "store.unique", "one in force of a kind");
        let holder: Ctx = actors::citizen();
        assert!(house.licences.own(&holder, None).await.unwrap().is_empty());
        let own = house.licences.own(&holder, Some(&proved(ZHANG))).await.unwrap();
        assert_eq!((own.len(), own[0].number.as_str()), (1, "示例2021000001"));
        let open = house.licences.open(&holder, own[0].id).await.unwrap();
        assert_eq!((open.edition.files.clone(), open.face["first_issued_on"].as_str()), (None, Some("2009-03-02")));
        let (file, _) = house.licences.download(&holder, own[0].id, FileFormat::Ofd).await.unwrap();
        assert_eq!(house.licences.verify_upload(&holder, file).await.unwrap().answer, Answer::Valid);

        let find = |ctx: Ctx, words: &str| {
            let (licences, words) = (house.licences.clone(), words.to_owned());
            let query = LicenceQuery { words, ..LicenceQuery::default() };
            async move { licences.search(&ctx, &query).await.map(|page| page.rows.len()) }
        };
        let officer = |division: &str| actors::staff_of("office", division, "maker", "测试制证人", &["licence.read"]);
        assert_eq!(find(officer("310101000000"), LI).await.unwrap(), 1);
        assert_eq!(find(officer("310000000000"), "示例2021000001").await.unwrap(), 1);
        assert_eq!(find(officer("310104000000"), LI).await.unwrap(), 0);
        let grouped = format!("{} {} {}", &LI[..6], &LI[6..14], &LI[14..]);
        let wide: String = LI.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
        for pasted in [
            grouped, wide, format!("\u{202a}{LI}"), "示例 2021 000001".into(), "示例２０２１０００００１".into(),
            "\u{202a}示例2021-000001".into(),
        ] {
            assert_eq!(find(officer("310101000000"), &pasted).await.unwrap(), 1, "{pasted:?}");
        }
        assert!(find(actors::staff_of("office", "310101000000", "clerk", "测试", &[]), LI).await.is_err());
    }
}
