//! A licence has type and face of its case's release, whatever the pack in force says later.

use serde_json::json;
use tongban_licences::{FileFormat, LicenceId, LicenceUpdate, NewLicence, OpenLicence};
use tongban_packs::ReleaseHash;
use tongban_testkit::{actors, on_both_databases};

use crate::house::{House, LI, ZHANG, migrations, new_licence, person};
use crate::pack::{NEWER, SAME};

fn under(release: &str, id_number: &str) -> NewLicence {
    NewLicence {
        release: Some(ReleaseHash(release.to_owned())),
        ..new_licence(id_number)
    }
}

async fn changed(house: &House, id: LicenceId, release: &str, address: &str) {
    let update = LicenceUpdate {
        release: Some(ReleaseHash(release.to_owned())),
        person: person(ZHANG),
        form: json!({ "address": address }),
        answers: json!({}),
        case: json!({}),
        case_id: Some("case-1".into()),
        photo: None,
    };
    let input = (house.licences.clone(), house.tick(), id, update);
    let write = house.db.write(input, |tx, (licences, ctx, id, update)| {
        Box::pin(licences.update(tx, ctx, *id, update))
    });
    write.await.unwrap();
    house.run_jobs().await;
}

async fn taken_back(house: &House, id: LicenceId) {
    let input = (house.licences.clone(), house.tick(), id);
    let write = house.db.write(input, |tx, (licences, ctx, id)| {
        Box::pin(licences.undo_update(tx, ctx, (*id, "case-1"), "测试退回"))
    });
    write.await.unwrap();
}

on_both_databases! {
    &migrations();

    async fn type_term_and_face_are_those_of_the_cases_release_and_numbers_go_on(db: Db) {
        let mut house = House::on(db).await;
        let (zhang, li) = (actors::citizen(), actors::citizen());
        let mut made = Vec::new();
        for (holder, release, number) in [(&zhang, NEWER, ZHANG), (&li, SAME, LI)] {
            let mut new = under(release, number);
            new.account = holder.actor.account;
            let id = house.issue(&actors::system(), new).await.unwrap();
            house.run_jobs().await;
            let open = house.licences.open(holder, id).await.unwrap();
            assert!(open.edition.files.is_some(), "the face of {release} fits its fields");
            made.push(open);
        }
        let told = |open: &OpenLicence| {
            let licence = &open.licence;
            (licence.title.clone(), licence.number.clone(), licence.valid_to.unwrap().to_string())
        };
        let expected = ("示例驾驶员证（新版）".into(), "示例2026000001".into(), "2029-11-23".into());
        assert_eq!(told(&made[0]), expected);
        let expected = ("示例驾驶员证".into(), "示例2026000002".into(), "2032-11-23".into());
        assert_eq!(told(&made[1]), expected);
        house.admit("zhang", &zhang);
        house.admit("li", &li);
        let (_, newer) = house.page(&format!("/me/licences/{}", made[0].licence.id), "zhang").await;
        assert!(newer.contains("等级") && newer.contains("一级"));
        let (_, same) = house.page(&format!("/me/licences/{}", made[1].licence.id), "li").await;
        assert!(!same.contains("等级"));
    }

    async fn an_edition_that_comes_back_has_the_face_that_it_had(db: Db) {
        let house = House::on(db).await;
        let holder = actors::citizen();
        let mut new = under(SAME, ZHANG);
        new.account = holder.actor.account;
        let id = house.issue(&actors::system(), new).await.unwrap();
        let release = async || house.licences.open(&holder, id).await.unwrap().edition.release.unwrap().0;
        assert_eq!(release().await, SAME);
        changed(&house, id, NEWER, "上海市示例路2号（虚构）").await;
        assert_eq!(release().await, NEWER);
        let open = house.licences.open(&holder, id).await.unwrap();
        assert_eq!(open.face["grade"], "一级");
        taken_back(&house, id).await;
        assert_eq!(release().await, SAME);
        for format in [FileFormat::Pdf, FileFormat::Png] {
            house.licences.download(&holder, id, format).await.unwrap();
        }
    }
}
