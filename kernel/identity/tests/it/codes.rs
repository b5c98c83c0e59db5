//! A mobile number is somebody's once the code that was sent there came back, and nobody learns whose it is before.

use tongban_base::{Ctx, Kind, Uuid};
use tongban_identity::{
    CodePurpose, DEMO_PASSWORD, EnteredCode, LogIn, OwnMobile, SessionKind, ask_code, demo_people,
    enter_code, log_in, register_account, send_code_again, sent_code,
};
use tongban_testkit::actors::{MONDAY_MORNING, anonymous};
use tongban_testkit::{covers, on_both_databases};

use crate::house::{House, PASSWORD, migrations, new_account};

fn at(seconds: i64, address: &str) -> Ctx {
    let mut ctx = anonymous();
    ctx.now = MONDAY_MORNING.plus_millis(seconds * 1000);
    ctx.address = address.to_owned();
    ctx
}

fn code(code: &str) -> EnteredCode {
    EnteredCode {
        code: code.to_owned(),
        ..EnteredCode::default()
    }
}

pub async fn logs_in(house: &House, login: &str, password: &str) -> bool {
    let wish = LogIn {
        kind: SessionKind::Citizen,
        login: login.into(),
        password: password.into(),
    };
    log_in(&house.identity, &anonymous(), &wish, "")
        .await
        .is_ok()
}

on_both_databases! {
    &migrations();

    async fn no_account_is_there_before_the_code_came_back_and_one_code_makes_one(db: Db) {
        let house = House::on(db).await;
        let (identity, codes) = (&house.identity, &house.codes);
        let sent = register_account(identity, &anonymous(), codes, &new_account("lixia", "19800000001")).await.unwrap();
        assert_eq!(sent.masked_mobile, "198****0001");
        assert!(!logs_in(&house, "lixia", PASSWORD).await);
        let digits = house.digits();
        let wrong = enter_code(identity, &anonymous(), codes, (sent.id, &code("12345x"))).await.unwrap_err();
        assert_eq!(wrong.field_errors()[0].pointer, "/code");
        let done = enter_code(identity, &anonymous(), codes, (sent.id, &code(&format!(" {digits} ")))).await.unwrap();
        assert!(logs_in(&house, "lixia", PASSWORD).await && logs_in(&house, "19800000001", PASSWORD).await);
        let again = enter_code(identity, &anonymous(), codes, (sent.id, &code(&digits))).await.unwrap_err();
        assert_eq!(again.kind(), Kind::NotFound);
        assert_eq!(house.log("account.registered").await[0].subject_id, done.account.to_string());
    }

    async fn two_who_enter_one_code_at_once_make_one_account(db: Db) {
        let house = House::on(db).await;
        let sent = register_account(&house.identity, &anonymous(), &house.codes, &new_account("lixia", "19800000001")).await.unwrap();
        let mut tries = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (identity, codes, digits) = (house.identity.clone(), house.codes.clone(), house.digits());
            tries.spawn(async move { enter_code(&identity, &anonymous(), &codes, (sent.id, &code(&digits))).await.is_ok() });
        }
        assert_eq!(tries.join_all().await.into_iter().filter(|done| *done).count(), 1);
        assert_eq!(house.log("account.registered").await.len(), 1);
    }

    async fn a_number_with_an_account_is_answered_like_one_without_and_its_owner_is_told(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let known = &demo_people()[0].mobile;
        let (identity, codes) = (&house.identity, &house.codes);
        let fresh = register_account(identity, &anonymous(), codes, &new_account("lixia", "19800000001")).await.unwrap();
        let taken = register_account(identity, &anonymous(), codes, &new_account("wangwu", known)).await.unwrap();
        assert_eq!((fresh.purpose, fresh.expires_at), (taken.purpose, taken.expires_at));
        let told = house.sent();
        assert_eq!((told[0].event, told[1].event), ("mobile.code", "mobile.known"));
        assert_eq!((&told[1].mobile, told[1].digits.as_str()), (known, ""));
        // No code opens it, and the words are those of a wrong one.
        let of_fresh = enter_code(identity, &anonymous(), codes, (fresh.id, &code("000000x"))).await;
        let of_taken = enter_code(identity, &anonymous(), codes, (taken.id, &code("000000x"))).await;
        assert_eq!(of_fresh.unwrap_err().field_errors()[0].message, of_taken.unwrap_err().field_errors()[0].message);
        for digits in ["", "000000"] {
            assert!(enter_code(identity, &anonymous(), codes, (taken.id, &code(digits))).await.is_err());
        }
        assert_eq!(house.log("account.registered").await.len(), 5, "those of the demonstration");
    }

    async fn five_wrong_codes_end_it_and_ten_minutes_do(db: Db) {
        let house = House::on(db).await;
        let (identity, codes) = (&house.identity, &house.codes);
        let sent = register_account(identity, &at(0, "192.0.2.1"), codes, &new_account("lixia", "19800000001")).await.unwrap();
        let digits = house.digits();
        let other = if digits == "000000" { "000001" } else { "000000" };
        for left in (0..5).rev() {
            let wrong = enter_code(identity, &at(1, "192.0.2.1"), codes, (sent.id, &code(other))).await.unwrap_err();
            let words = &wrong.field_errors()[0].message;
            assert_eq!(words.contains(&format!("还可以试 {left} 次")), left > 0, "{words}");
        }
        let late = enter_code(identity, &at(2, "192.0.2.1"), codes, (sent.id, &code(&digits))).await.unwrap_err();
        assert!(late.field_errors()[0].message.contains("次数太多"));
        assert_eq!(house.log("mobile.code_refused").await.len(), 5);
        let sent = send_code_again(identity, &at(61, "192.0.2.1"), codes, sent.id).await.unwrap();
        let late = enter_code(identity, &at(61 + 600, "192.0.2.1"), codes, (sent.id, &code(&house.digits()))).await.unwrap_err();
        assert!(late.field_errors()[0].message.contains("过期"));
        let sent = send_code_again(identity, &at(700, "192.0.2.1"), codes, sent.id).await.unwrap();
        enter_code(identity, &at(701, "192.0.2.1"), codes, (sent.id, &code(&house.digits()))).await.unwrap();
        assert!(logs_in(&house, "lixia", PASSWORD).await);
    }

    async fn nobody_is_flooded_and_nobody_is_kept_from_a_code_by_others(db: Db) {
        let house = House::on(db).await;
        let (identity, codes) = (&house.identity, &house.codes);
        let ask = async |seconds: i64, address: &str| {
            let wish = OwnMobile { mobile: "19800000009".into() };
            ask_code(identity, &at(seconds, address), codes, (CodePurpose::Recover, &wish)).await
                .map_err(|problem| problem.field_errors()[0].message.clone())
        };
        ask(0, "192.0.2.1").await.unwrap();
        assert!(ask(30, "192.0.2.1").await.unwrap_err().contains("请 31 秒后再试"));
        for minute in 1..5 {
            ask(minute * 60, "192.0.2.1").await.unwrap();
        }
        assert!(ask(400, "192.0.2.1").await.unwrap_err().contains("分钟后再试"));
        ask(401, "192.0.2.2").await.unwrap();
        ask(3601, "192.0.2.1").await.unwrap();
        for place in 0..13 {
            ask(3700 + place * 30, &format!("198.51.100.{place}")).await.unwrap();
        }
        assert!(ask(4091, "203.0.113.1").await.unwrap_err().contains("明天再试"));
        // However many places ask at once, no telephone rings all the time.
        let next = 3600 * 24 + 4100;
        for place in 1..4 {
            ask(next, &format!("203.0.113.{place}")).await.unwrap();
        }
        assert!(ask(next, "203.0.113.4").await.unwrap_err().contains("秒后再试"));
        assert!(house.sent().is_empty(), "nobody has an account with this number");
    }

    async fn whoever_comes_from_a_device_that_was_used_is_not_shut_out_by_others(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let (identity, codes) = (&house.identity, &house.codes);
        let enters = LogIn { kind: SessionKind::Citizen, login: "ceshi1".into(), password: DEMO_PASSWORD.into() };
        let device = log_in(identity, &anonymous(), &enters, "").await.unwrap().device;
        let wish = OwnMobile { mobile: demo_people()[0].mobile.clone() };
        for place in 0..20 {
            let ctx = at(place * 30, &format!("198.51.100.{place}"));
            ask_code(identity, &ctx, codes, (CodePurpose::LogIn, &wish)).await.unwrap();
        }
        let mut own = at(600, "192.0.2.7");
        assert!(ask_code(identity, &own, codes, (CodePurpose::LogIn, &wish)).await.is_err());
        own.device = device;
        // Nor by neighbours at his address who ask for codes all the time.
        let mut neighbour = at(600, "192.0.2.7");
        (own.is_crowded, neighbour.is_crowded) = (true, true);
        for mobile in [wish.mobile.clone(), "19800000099".into()] {
            let refused = ask_code(identity, &neighbour, codes, (CodePurpose::LogIn, &OwnMobile { mobile })).await;
            assert!(refused.unwrap_err().field_errors()[0].message.contains("次数较多"));
        }
        let sent = ask_code(identity, &own, codes, (CodePurpose::LogIn, &wish)).await.unwrap();
        // It needs no card there.
        enter_code(identity, &own, codes, (sent.id, &code(&house.digits()))).await.unwrap();
    }

    async fn a_code_ends_with_what_it_was_asked_for(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let person = &demo_people()[0];
        let (identity, codes) = (&house.identity, &house.codes);
        let wish = OwnMobile { mobile: person.mobile.clone() };
        let card = |digits: String| EnteredCode {
            id_number: person.id_number.clone(),
            password: PASSWORD.into(),
            password_again: PASSWORD.into(),
            ..code(&digits)
        };
        let ask = async |seconds: i64, place: &str, purpose: CodePurpose| {
            let sent = ask_code(identity, &at(seconds, place), codes, (purpose, &wish)).await.unwrap();
            (sent.id, card(house.digits()))
        };
        let enter = async |seconds: i64, (id, entered): &(Uuid, EnteredCode)| {
            enter_code(identity, &at(seconds, "192.0.2.1"), codes, (*id, entered)).await
        };
        // A newer one from the same place takes the place of the older.
        let older = ask(0, "192.0.2.1", CodePurpose::LogIn).await;
        let newer = ask(61, "192.0.2.1", CodePurpose::LogIn).await;
        assert!(enter(62, &older).await.unwrap_err().field_errors()[0].message.contains("最新"));
        enter(63, &newer).await.unwrap();
        // Another password ends those that wait.
        let waits = ask(122, "192.0.2.2", CodePurpose::LogIn).await;
        let recovers = ask(183, "192.0.2.3", CodePurpose::Recover).await;
        enter(184, &recovers).await.unwrap();
        assert!(enter(185, &waits).await.is_err());
        // So does another number: the earlier telephone opens nothing any more.
        let waits = ask(244, "192.0.2.4", CodePurpose::Recover).await;
        house.moves(person, "19800000088").await;
        assert!(enter(245, &waits).await.is_err());
        assert!(logs_in(&house, "ceshi1", PASSWORD).await);
    }

    async fn a_taken_login_name_is_told_to_whoever_has_proven_a_number_and_the_code_still_holds(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let (identity, codes) = (&house.identity, &house.codes);
        let sent = register_account(identity, &anonymous(), codes, &new_account("ceshi1", "19800000001")).await.unwrap();
        let taken = enter_code(identity, &anonymous(), codes, (sent.id, &code(&house.digits()))).await.unwrap_err();
        assert_eq!(taken.field_errors()[0].pointer, "/login");
        let other = EnteredCode { login: "lixia".into(), ..code(&house.digits()) };
        enter_code(identity, &anonymous(), codes, (sent.id, &other)).await.unwrap();
        assert!(logs_in(&house, "lixia", PASSWORD).await);
    }

    async fn a_forgotten_password_is_set_anew_by_the_owner_of_telephone_and_card(db: Db) {
        covers!("XC-065");
        let house = House::on(db).await;
        house.seed().await;
        let person = &demo_people()[0];
        let (identity, codes) = (&house.identity, &house.codes);
        let wish = OwnMobile { mobile: person.mobile.clone() };
        let sent = ask_code(identity, &at(0, "192.0.2.1"), codes, (CodePurpose::Recover, &wish)).await.unwrap();
        let new = |id_number: &str| EnteredCode {
            id_number: id_number.into(),
            password: PASSWORD.into(),
            password_again: PASSWORD.into(),
            ..code(&house.digits())
        };
        for wrong in ["", &demo_people()[1].id_number] {
            let refused = enter_code(identity, &at(1, "192.0.2.1"), codes, (sent.id, &new(wrong))).await.unwrap_err();
            assert!(refused.field_errors()[0].message.contains("验证码或者身份证号不对"));
        }
        let weak = EnteredCode { password: "12345678".into(), ..new(&person.id_number) };
        let refused = enter_code(identity, &at(1, "192.0.2.1"), codes, (sent.id, &weak)).await.unwrap_err();
        assert_eq!(refused.field_errors()[0].pointer, "/password");
        enter_code(identity, &at(2, "192.0.2.1"), codes, (sent.id, &new(&person.id_number))).await.unwrap();
        let told = house.sent().pop().unwrap();
        assert_eq!((told.event, told.mobile), ("password.renewed", person.mobile.clone()));
        assert!(!logs_in(&house, "ceshi1", DEMO_PASSWORD).await);
        assert!(logs_in(&house, "ceshi1", PASSWORD).await);
        assert_eq!(house.log("account.password_changed").await.len(), 1);
        // Whoever guesses is locked out for a while, the right code included.
        let sent = ask_code(identity, &at(70, "192.0.2.1"), codes, (CodePurpose::Recover, &wish)).await.unwrap();
        for _ in 0..5 {
            let wrong = enter_code(identity, &at(71, "192.0.2.1"), codes, (sent.id, &new(&demo_people()[1].id_number))).await;
            wrong.unwrap_err();
        }
        let locked = enter_code(identity, &at(72, "192.0.2.1"), codes, (sent.id, &new(&person.id_number))).await.unwrap_err();
        assert!(locked.field_errors()[0].message.contains("次数太多"));
        ask_code(identity, &at(73, "192.0.2.1"), codes, (CodePurpose::Recover, &wish)).await.unwrap_err();
    }

    async fn what_waits_for_a_code_is_stored_unreadable(db: Db) {
        let house = House::on(db).await;
        register_account(&house.identity, &anonymous(), &house.codes, &new_account("lixia", "19800000001")).await.unwrap();
        let stored = house.db.read((), |tx, ()| Box::pin(async move {
            let rows = tx.query("SELECT * FROM mobile_code", tongban_store::params![]).await?;
            Ok(format!("{:?}", rows[0].values()))
        })).await.unwrap();
        for secret in ["19800000001", PASSWORD, &house.digits()] {
            assert!(!stored.contains(secret));
        }
        house.meddle("UPDATE mobile_code SET tries = -100").await;
        let id: Uuid = house.sent()[0].id;
        let believed = sent_code(&house.identity, &anonymous(), id).await;
        assert!(believed.is_err(), "a row changed by hand is not used");
    }
}
