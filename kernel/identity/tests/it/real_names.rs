//! Proving a real name against the simulator of the population register, on a real socket.

use axum::http::StatusCode;
use tongban_base::{Actor, Ctx};
use tongban_identity::simulator::{Fault, Faults};
use tongban_identity::{
    Assurance, LogIn, ProofState, RealName, SessionKind, ask_real_name, demo_people, log_in,
    own_profile,
};
use tongban_testkit::actors::anonymous;
use tongban_testkit::on_both_databases;

use crate::house::{Browser, House, PASSWORD, Site, migrations, new_account};

/// A citizen without a real name, by his context.
async fn newcomer(house: &House, login: &str, mobile: &str) -> Ctx {
    let id = house.registered(&new_account(login, mobile)).await;
    let mut ctx = anonymous();
    ctx.actor = Actor::citizen(id, login);
    ctx
}

/// The name and number of a person of the demonstration; 0 is 测试一.
fn card(index: usize) -> RealName {
    let person = &demo_people()[index];
    RealName {
        name: person.name.clone(),
        id_number: person.id_number.clone(),
    }
}

async fn state(house: &House, ctx: &Ctx) -> (Assurance, ProofState) {
    let profile = own_profile(&house.identity, ctx).await.unwrap();
    (profile.person.assurance, profile.proof.unwrap().state)
}

on_both_databases! {
    &migrations();

    async fn numbers_and_names_are_taken_at_every_door_as_they_are_typed(db: Db) {
        let house = House::on(db).await;
        let wide = |text: &str| -> String {
            text.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect()
        };
        let typed = format!("\u{202d}+86 {}\u{202c}", wide("19800000011"));
        let ctx = newcomer(&house, " ｌｉｘｉａ\u{200b}", &typed).await;
        assert_eq!(own_profile(&house.identity, &ctx).await.unwrap().person.mobile, "19800000011");
        for login in ["lixia", "ＬＩＸＩＡ", "19800000011", "198 0000 0011", &wide("19800000011"), &typed] {
            let wish = LogIn { kind: SessionKind::Citizen, login: login.to_owned(), password: PASSWORD.into() };
            log_in(&house.identity, &anonymous(), &wish, "test").await.unwrap();
        }
        let mut proof = card(5);
        proof.id_number = wide(&proof.id_number);
        proof.name = format!("{}\u{200b}", proof.name);
        ask_real_name(&house.identity, &ctx, &proof).await.unwrap();
        house.run_jobs().await;
        assert_eq!(state(&house, &ctx).await, (Assurance::L2, ProofState::Proven));
    }

    async fn a_proof_given_to_another_account_by_hand_proves_nothing(db: Db) {
        let house = House::on(db).await;
        let owner = newcomer(&house, "lixia", "19800000011").await;
        let other = newcomer(&house, "liqiu", "19800000012").await;
        ask_real_name(&house.identity, &owner, &card(5)).await.unwrap();
        house.meddle("UPDATE real_name_check SET account_id = (SELECT id FROM account WHERE login = 'liqiu')").await;
        house.run_jobs().await;
        let person = house.identity.person_of(other.actor.account.unwrap()).await.unwrap();
        assert_eq!(person.assurance, Assurance::L1);
        let told = own_profile(&house.identity, &other).await.err().unwrap();
        assert_eq!(told.code(), "store.row_changed");
        assert_eq!(own_profile(&house.identity, &owner).await.unwrap().history.len(), 1);
        house.meddle("UPDATE assurance_change SET after = 3").await;
        assert!(own_profile(&house.identity, &owner).await.unwrap().history.is_empty());
    }

    async fn a_name_and_number_that_belong_together_raise_the_level(db: Db) {
        let house = House::on(db).await;
        let ctx = newcomer(&house, "lixia", "19800000011").await;
        ask_real_name(&house.identity, &ctx, &card(5)).await.unwrap();
        assert_eq!(state(&house, &ctx).await, (Assurance::L1, ProofState::Checking));
        house.run_jobs().await;
        assert_eq!(state(&house, &ctx).await, (Assurance::L2, ProofState::Proven));
        let person = house.identity.person_of(ctx.actor.account.unwrap()).await.unwrap();
        assert_eq!(person.values()["name"], "测试六");
        assert_eq!(person.values()["sex"], "female");
        let profile = own_profile(&house.identity, &ctx).await.unwrap();
        let levels: Vec<_> = profile.history.iter().map(|change| change.after).collect();
        assert_eq!(levels, [Assurance::L1, Assurance::L2]);
    }

    async fn a_name_that_does_not_belong_to_the_number_proves_nothing_and_may_be_mended(db: Db) {
        let house = House::on(db).await;
        let ctx = newcomer(&house, "lixia", "19800000012").await;
        let wrong = RealName { name: "测试七".into(), ..card(5) };
        ask_real_name(&house.identity, &ctx, &wrong).await.unwrap();
        house.run_jobs().await;
        assert_eq!(state(&house, &ctx).await, (Assurance::L1, ProofState::Mismatch));
        ask_real_name(&house.identity, &ctx, &card(5)).await.unwrap();
        house.run_jobs().await;
        assert_eq!(state(&house, &ctx).await, (Assurance::L2, ProofState::Proven));
    }

    async fn a_second_account_with_the_same_number_is_told_what_to_do(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let ctx = newcomer(&house, "lixia", "19800000013").await;
        ask_real_name(&house.identity, &ctx, &card(0)).await.unwrap();
        house.run_jobs().await;
        let told = own_profile(&house.identity, &ctx).await.unwrap().proof.unwrap().state;
        assert_eq!(told, ProofState::Taken);
        assert!(told.words().contains("用它登录") && told.words().contains("到窗口"));
    }

    async fn a_number_with_a_wrong_name_tells_nobody_whether_it_has_an_account(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let ctx = newcomer(&house, "lixia", "19800000013").await;
        for person in [0, 5] {
            let wrong = RealName { name: "测试百".into(), ..card(person) };
            ask_real_name(&house.identity, &ctx, &wrong).await.unwrap();
            house.run_jobs().await;
            assert_eq!(state(&house, &ctx).await, (Assurance::L1, ProofState::Mismatch));
        }
    }

    async fn an_account_tries_a_number_a_few_times_and_then_others_only(db: Db) {
        let house = House::on(db).await;
        let ctx = newcomer(&house, "lixia", "19800000011").await;
        let wrong = RealName { name: "测试甲".into(), ..card(5) };
        for time in 0..6 {
            let asked = ask_real_name(&house.identity, &ctx, &wrong).await;
            let code = asked.err().map(|refused| refused.code().to_owned());
            assert_eq!(code, (time == 5).then(|| "budget.identity-number".to_owned()), "{time}");
            house.run_jobs().await;
        }
        ask_real_name(&house.identity, &ctx, &card(6)).await.unwrap();
        let owner = newcomer(&house, "owner", "19800000199").await;
        ask_real_name(&house.identity, &owner, &card(5)).await.unwrap();
        house.run_jobs().await;
        assert_eq!(state(&house, &owner).await, (Assurance::L2, ProofState::Proven));
    }

    async fn whoever_tries_a_number_keeps_its_owner_from_nothing_not_even_beside_him(db: Db) {
        let house = House::on(db).await;
        let wrong = RealName { name: "测试甲".into(), ..card(5) };
        let at = |ctx: Ctx| Ctx { address: "203.0.113.66".into(), ..ctx };
        for account in 0..30 {
            let ctx = at(newcomer(&house, &format!("lixia{account}"), &format!("198000001{account:02}")).await);
            ask_real_name(&house.identity, &ctx, &wrong).await.unwrap();
            house.run_jobs().await;
        }
        let owner = at(newcomer(&house, "owner", "19800000199").await);
        ask_real_name(&house.identity, &owner, &card(5)).await.unwrap();
        house.run_jobs().await;
        assert_eq!(state(&house, &owner).await, (Assurance::L2, ProofState::Proven));
        // Whoever comes again where many ask is asked later.
        let again = at(newcomer(&house, "again", "19800000198").await);
        ask_real_name(&house.identity, &again, &wrong).await.unwrap();
        house.run_jobs().await;
        ask_real_name(&house.identity, &again, &card(6)).await.unwrap();
        house.run_jobs().await;
        assert_eq!(state(&house, &again).await, (Assurance::L1, ProofState::Checking));
        house.run_jobs_an_hour_later().await;
        assert_eq!(state(&house, &again).await, (Assurance::L2, ProofState::Proven));
    }

    async fn of_two_who_ask_at_once_for_one_number_one_is_proven(db: Db) {
        let house = House::on(db).await;
        let first = newcomer(&house, "lixia", "19800000014").await;
        let second = newcomer(&house, "wangwu", "19800000015").await;
        for ctx in [&first, &second] {
            ask_real_name(&house.identity, ctx, &card(6)).await.unwrap();
        }
        house.run_jobs().await;
        let mut states = [state(&house, &first).await.1, state(&house, &second).await.1];
        states.sort_by_key(|state| state.code());
        assert_eq!(states, [ProofState::Proven, ProofState::Taken]);
    }

    async fn a_register_that_is_down_leaves_the_proof_waiting_and_is_asked_again(db: Db) {
        let house = House::on(db).await;
        let ctx = newcomer(&house, "lixia", "19800000016").await;
        for fault in [Fault::Down, Fault::Garbage, Fault::Forged] {
            house.register.misbehave(Faults { fault, ..Faults::default() });
            if fault == Fault::Down {
                ask_real_name(&house.identity, &ctx, &card(7)).await.unwrap();
                house.run_jobs().await;
            } else {
                house.run_jobs_an_hour_later().await;
            }
            assert_eq!(state(&house, &ctx).await, (Assurance::L1, ProofState::Waiting));
        }
    }

    async fn an_answer_to_another_question_is_not_taken_for_one_to_this(db: Db) {
        let house = House::on(db).await;
        let first = newcomer(&house, "lixia", "19800000017").await;
        ask_real_name(&house.identity, &first, &card(8)).await.unwrap();
        house.run_jobs().await;
        house.register.misbehave(Faults { fault: Fault::Duplicate, times: Some(1), ..Faults::default() });
        let second = newcomer(&house, "wangwu", "19800000018").await;
        let wrong = RealName { name: "测试七".into(), ..card(9) };
        ask_real_name(&house.identity, &second, &wrong).await.unwrap();
        house.run_jobs().await;
        assert_eq!(state(&house, &second).await, (Assurance::L1, ProofState::Waiting));
        house.run_jobs_an_hour_later().await;
        assert_eq!(state(&house, &second).await, (Assurance::L1, ProofState::Mismatch));
        assert_eq!((house.register.questions(), house.register.requests()), (2, 3));
    }
}

async fn registered(site: &Site) -> Browser {
    site.registered("lixia", "19800000019").await
}

#[tokio::test]
async fn a_number_that_cannot_be_right_is_told_beside_the_field_and_to_be_read_digit_by_digit() {
    let site = Site::open().await;
    let mut browser = registered(&site).await;
    let number = &demo_people()[5].id_number;
    let (front, last) = number.split_at(17);
    let wrong = format!("{front}{}", if last == "1" { "2" } else { "1" });
    let answer = browser
        .post(
            "/me/real-name",
            &[("name", "测试六"), ("id_number", &wrong)],
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.html();
    assert!(
        page.text("#f-id_number-error")
            .contains("身份证号有误，请逐位核对")
    );
    assert_eq!(page.one("#f-name").attribute("value"), Some("测试六"));
    assert_eq!(site.house.register.requests(), 0);
}

#[tokio::test]
async fn the_page_asks_again_by_itself_until_there_is_an_answer() {
    let site = Site::open().await;
    let mut browser = registered(&site).await;
    let card = card(5);
    let form = [("name", card.name.as_str()), ("id_number", &card.id_number)];
    assert_eq!(
        browser.post("/me/real-name", &form).await.location,
        "/me/real-name"
    );
    let waiting = browser.get("/me/real-name").await.html();
    assert_eq!(waiting.text("#proof .tb-badge"), "核验中");
    assert!(
        waiting.has("#proof[hx-trigger='every 2s']")
            && !waiting.has("form[action='/me/real-name']")
    );
    site.house.run_jobs().await;
    let proven = browser.get("/me/real-name").await.html();
    assert_eq!(proven.text("#proof .tb-badge"), "已实名");
    assert!(!proven.has("#proof[hx-trigger]"));
    let facts = proven.texts("#proof dd");
    assert_eq!(facts[0], "测*六");
    assert!(facts[1].starts_with("310000********"));
}

#[tokio::test]
async fn pages_show_personal_data_masked() {
    let site = Site::open().await;
    let person = &demo_people()[0];
    let answer = site.citizen("ceshi1").await.get("/me").await;
    assert_eq!(answer.status, StatusCode::OK);
    for secret in [&person.id_number, &person.mobile, &person.address] {
        assert!(!answer.body.contains(secret.as_str()));
    }
    assert!(answer.html().texts("dd").contains(&"测*一".to_owned()));
}
