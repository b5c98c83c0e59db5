//! The life of a licence: replaced, taken back, cancelled, revoked, expired.

use tongban_base::{Ctx, Kind, Result};
use tongban_documents::Answer;
use tongban_licences::{Ending, FileFormat, LicenceId, Validity};
use tongban_testkit::{actors, on_both_databases};

use crate::house::{House, ZHANG, migrations, new_licence};

async fn answer_of(house: &House, holder: &Ctx, id: LicenceId) -> (Answer, String) {
    let code = house.own(holder, id).await.verify_code;
    let report = house
        .licences
        .verify_code(&actors::anonymous(), &code)
        .await
        .unwrap();
    (report.answer, report.reasons[0].code.clone())
}

async fn undo(house: &House, id: LicenceId) -> Result<()> {
    let input = (house.licences.clone(), actors::system(), id);
    house
        .db
        .write(input, |tx, (licences, ctx, id)| {
            Box::pin(licences.undo_issue(tx, ctx, *id, "测试退回"))
        })
        .await
}

async fn cancel(house: &House, id: LicenceId) -> Result<()> {
    let input = (house.licences.clone(), actors::system(), id);
    house
        .db
        .write(input, |tx, (licences, ctx, id)| {
            Box::pin(async move { licences.cancel(tx, ctx, *id, &Ending::default()).await })
        })
        .await
}

on_both_databases! {
    &migrations();

    async fn a_new_licence_replaces_the_old_one_until_its_case_is_returned(db: Db) {
        let house = House::on(db).await;
        let holder = actors::citizen();
        let first = house.issued_to(&holder, ZHANG).await;
        let mut reissue = new_licence(ZHANG);
        reissue.account = holder.actor.account;
        reissue.previous = Some(first);
        reissue.validity = Validity::Keep;
        reissue.case_id = Some("case-2".into());
        let second = house.issue(&actors::system(), reissue.clone()).await.unwrap();
        let (old, new) = (house.own(&holder, first).await, house.own(&holder, second).await);
        assert_eq!((old.valid_from, old.valid_to), (new.valid_from, new.valid_to));
        assert_eq!(answer_of(&house, &holder, first).await, (Answer::Invalid, "licence.replaced".into()));
        let facts = house.licences.current_of(&holder, ZHANG, "driver").await.unwrap();
        assert_eq!((facts["id"].as_str().unwrap(), facts["status"].as_str().unwrap()), (second.to_string().as_str(), "valid"));
        assert_eq!(facts["first_issued_on"], "2026-11-23");
        let twice = house.issue(&actors::system(), reissue.clone()).await.unwrap_err();
        assert_eq!(twice.kind(), Kind::Conflict, "a case makes one licence");

        undo(&house, second).await.unwrap();
        undo(&house, second).await.unwrap();
        assert_eq!(answer_of(&house, &holder, first).await.0, Answer::Valid);
        assert_eq!(house.licences.open(&holder, second).await.unwrap_err().kind(), Kind::NotFound);
        let third = house.issue(&actors::system(), reissue).await.unwrap();
        assert_eq!(house.own(&holder, third).await.number, "示例2026000003", "no number is given twice");
    }

    async fn the_old_licence_counts_until_the_files_of_the_new_one_are_made(db: Db) {
        let house = House::on(db).await;
        let holder = actors::citizen();
        let first = house.issued_to(&holder, ZHANG).await;
        let mut reissue = new_licence(ZHANG);
        reissue.account = holder.actor.account;
        reissue.validity = Validity::Keep;
        reissue.case_id = Some("case-2".into());
        let second = house.ask_for(&actors::system(), reissue.clone()).await.unwrap();
        assert_eq!(answer_of(&house, &holder, first).await.0, Answer::Valid);
        assert_eq!(house.licences.open(&holder, second).await.unwrap_err().kind(), Kind::NotFound);
        let twice = house.ask_for(&actors::system(), reissue.clone()).await.unwrap_err();
        assert_eq!(twice.kind(), Kind::Conflict, "a case makes one licence");

        // Taken back before it was made, it never comes into force.
        undo(&house, second).await.unwrap();
        house.run_jobs().await;
        assert_eq!(answer_of(&house, &holder, first).await.0, Answer::Valid);
        let third = house.issue(&actors::system(), reissue).await.unwrap();
        assert_eq!(answer_of(&house, &holder, first).await, (Answer::Invalid, "licence.replaced".into()));
        assert_eq!(answer_of(&house, &holder, third).await.0, Answer::Valid);
    }

    async fn a_reissue_or_renewal_without_a_licence_in_force_is_refused(db: Db) {
        let house = House::on(db).await;
        let holder = actors::citizen();
        let wish = |validity: Validity, previous| {
            let mut wish = new_licence(ZHANG);
            (wish.validity, wish.previous) = (validity, previous);
            wish
        };
        let refused = async |validity, previous| {
            let wish = wish(validity, previous);
            house.issue(&actors::system(), wish).await.unwrap_err().code().to_owned()
        };
        assert_eq!(refused(Validity::Keep, None).await, "licence.no_basis", "there never was one");

        let id = house.issued_to(&holder, ZHANG).await;
        let officer = actors::staff_of("office", "310000000000", "approver", "测试审批人", &["licence.revoke"]);
        house.licences.revoke_licence(&officer, id, "示例撤字〔2026〕1号", "以欺骗手段取得").await.unwrap();
        for validity in [Validity::Keep, Validity::Extend] {
            assert_eq!(refused(validity, None).await, "licence.no_basis");
            assert_eq!(refused(validity, Some(id)).await, "licence.no_basis", "not even when it is named");
        }
        let standing = house.licences.standing_of(&actors::system(), ZHANG, "driver").await.unwrap().unwrap();
        assert_eq!((standing.status.code(), standing.since.unwrap().to_string().as_str()), ("revoked", "2026-11-23"));
    }

    async fn a_revoked_licence_says_revoked_and_only_whoever_may_can_revoke(db: Db) {
        let house = House::on(db).await;
        let holder = actors::citizen();
        let id = house.issued_to(&holder, ZHANG).await;
        let officer = |division: &str, rights: &[&str]| {
            actors::staff_of("office", division, "approver", "测试审批人", rights)
        };
        let try_to = |ctx: Ctx, basis: &'static str| {
            let licences = house.licences.clone();
            async move { licences.revoke_licence(&ctx, id, basis, "以欺骗手段取得").await }
        };
        let revoke = &["licence.revoke"];
        let basis = "示例撤字〔2026〕1号";
        let elsewhere = try_to(officer("310104000000", revoke), basis).await;
        assert_eq!(elsewhere.unwrap_err().kind(), Kind::NotFound);
        let without = try_to(officer("310101000000", &["licence.read"]), basis).await;
        assert_eq!(without.unwrap_err().kind(), Kind::Forbidden);
        assert_eq!(try_to(holder.clone(), basis).await.unwrap_err().kind(), Kind::Forbidden);
        let unfounded = try_to(officer("310000000000", revoke), " ").await.unwrap_err();
        assert_eq!(unfounded.field_errors()[0].pointer, "/basis");
        assert_eq!(answer_of(&house, &holder, id).await.0, Answer::Valid);

        let (file, _) = house.licences.download(&holder, id, FileFormat::Ofd).await.unwrap();
        try_to(officer("310000000000", revoke), basis).await.unwrap();
        let twice = try_to(officer("310000000000", revoke), basis).await;
        assert_eq!(twice.unwrap_err().code(), "licence.not_in_force");
        let report = house.licences.verify_upload(&actors::anonymous(), file).await.unwrap();
        assert_eq!((report.answer, report.title), (Answer::Revoked, "已撤销"));
        assert!(report.reasons.iter().any(|r| r.message.contains("2026年11月23日 撤销")), "{report:?}");
        let history = house.licences.history(&holder, id).await.unwrap();
        assert_eq!((history[0].kind.as_str(), history[0].basis.as_str()), ("revoked", basis));
        assert_eq!(refused_attempts(&house).await, 3);
    }

    async fn a_cancelled_licence_says_so_and_an_expired_one_without_anybody_doing_anything(db: Db) {
        let house = House::on(db).await;
        let holder = actors::citizen();
        let id = house.issued_to(&holder, ZHANG).await;
        let code = house.own(&holder, id).await.verify_code;
        let mut later = actors::anonymous();
        later.now = tongban_base::Timestamp::start_of("2032-11-23".parse().unwrap());
        let last_day = house.licences.verify_code(&later, &code).await.unwrap();
        assert_eq!(last_day.answer, Answer::Valid, "the last day counts");
        later.now = tongban_base::Timestamp::start_of("2032-11-24".parse().unwrap());
        assert_eq!(house.licences.verify_code(&later, &code).await.unwrap().answer, Answer::Expired);
        cancel(&house, id).await.unwrap();
        assert_eq!(answer_of(&house, &holder, id).await.0, Answer::Cancelled);
        assert_eq!(cancel(&house, id).await.unwrap_err().kind(), Kind::Conflict);
    }
}

async fn refused_attempts(house: &House) -> i64 {
    house
        .db
        .read((), |tx, ()| {
            Box::pin(async move {
                let sql = "SELECT COUNT(*) AS n FROM audit_entry WHERE outcome = 'refused'";
                tx.query_one(sql, &[]).await?.get("n")
            })
        })
        .await
        .unwrap()
}
