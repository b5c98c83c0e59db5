//! What the window and whoever manages officers do: switching officers off, ending logins, giving a number back.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use tongban_base::{Actor, Ctx, Uuid};
use tongban_identity::{
    AfterRelease, Assurance, Met, NewStaff, ProofState, RealName, Release, Released, ask_real_name,
    assign_roles, demo_people, ensure_staff, own_profile, release_proof, switch_officer,
};
use tongban_testkit::actors::{self, admin, anonymous};
use tongban_testkit::{Html, covers, on_both_databases};

use crate::house::{Browser, House, Site, manager, migrations, new_account};

async fn newcomer(house: &House, login: &str, mobile: &str) -> Ctx {
    let id = house.registered(&new_account(login, mobile)).await;
    Ctx {
        actor: Actor::citizen(id, login),
        ..anonymous()
    }
}

async fn proves(house: &House, ctx: &Ctx) -> ProofState {
    let person = &demo_people()[5];
    let wish = RealName {
        name: person.name.clone(),
        id_number: person.id_number.clone(),
    };
    ask_real_name(&house.identity, ctx, &wish).await.unwrap();
    house.run_jobs().await;
    own_profile(&house.identity, ctx)
        .await
        .unwrap()
        .proof
        .unwrap()
        .state
}

type Seen = Arc<Mutex<Vec<(Uuid, Vec<Uuid>)>>>;

fn noting(seen: &Seen) -> Arc<AfterRelease> {
    let seen = Arc::clone(seen);
    Arc::new(AfterRelease(Box::new(move |_, _, released: Released| {
        let waiting = released
            .waiting
            .iter()
            .map(|(account, _)| *account)
            .collect();
        seen.lock().unwrap().push((released.account, waiting));
        Box::pin(async { Ok(()) })
    })))
}

on_both_databases! {
    &migrations();

    async fn the_last_who_gives_rights_is_neither_switched_off_nor_stripped(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let officer = |login: &str, role: &str| NewStaff { login: login.into(), roles: vec![role.into()], ..manager() };
        let system = Ctx::system(actors::MONDAY_MORNING);
        let ctx = admin(&["staff.manage"]);
        let both = [officer("keeper", "keeper"), officer("keeper-2", "keeper")];
        ensure_staff(&house.identity, &system, &both).await.unwrap();
        let (first, last) = (house.staff_id("keeper").await, house.staff_id("keeper-2").await);
        let identity = &house.identity;
        switch_officer(identity, &ctx, first, false).await.unwrap();
        for refused in [
            switch_officer(identity, &ctx, last, false).await,
            assign_roles(identity, &ctx, last, BTreeSet::new()).await,
            house.locks("keeper-2").await,
        ] {
            assert_eq!(refused.unwrap_err().code(), "staff.last_manager");
        }
        switch_officer(identity, &ctx, first, true).await.unwrap();
        switch_officer(identity, &ctx, last, false).await.unwrap();
        assert!(!house.active("keeper-2").await);
    }

    async fn whoever_was_met_at_a_window_and_registers_has_all_of_it_and_stays_logged_in(db: Db) {
        let house = House::on(db).await;
        let person = &demo_people()[5];
        let met = Met { name: person.name.clone(), id_number: person.id_number.clone(), mobile: "19800000013".into() };
        let window = admin(&[]);
        let meet = async |met: Met| {
            let input = (house.identity.clone(), window.clone(), met);
            let known = house.identity.recognise(&input.1, &input.2).await?;
            let input = (input.0, input.1, known);
            let write = house.db.write(input, |tx, (identity, ctx, met)| Box::pin(async move { identity.meet(tx, ctx, met).await }));
            write.await
        };
        let wrong = meet(Met { name: "张冠李".into(), ..met.clone() }).await.unwrap_err();
        assert_eq!(wrong.field_errors()[0].code, "not_recognised", "the population register is asked before anything is written");
        let known = meet(met.clone()).await.unwrap();
        assert_eq!(meet(met.clone()).await.unwrap(), known, "the same person");
        let other = meet(Met { name: "测试一".into(), ..met.clone() }).await.unwrap_err();
        assert_eq!(other.field_errors()[0].code, "not_recognised", "nobody uses the account: the register decides");
        // The number of the telephone is still free; whoever registers with it is somebody else until he proves himself.
        let owner = newcomer(&house, "owner", "19800000013").await;
        let before = house.identity.person_of(owner.actor.account.unwrap()).await.unwrap();
        assert_eq!(before.assurance, Assurance::L1);
        let wish = RealName { name: person.name.clone(), id_number: person.id_number.clone() };
        ask_real_name(&house.identity, &owner, &wish).await.unwrap();
        house.run_jobs().await;
        let joined = house.identity.person_of(known).await.unwrap();
        assert_eq!((joined.login.as_str(), joined.mobile.as_str()), ("owner", "19800000013"));
        assert_eq!(joined.assurance, Assurance::L2, "whoever logs in did not stand at the window");
        assert_eq!(house.log("account.joined").await.len(), 1);
        let other = meet(Met { name: "测试一".into(), ..met.clone() }).await.unwrap_err();
        assert_eq!(other.field_errors()[0].code, "other_name", "the name of somebody who has proven it stays");
        // Whoever has an account of his own is joined to nobody else's.
        let second = newcomer(&house, "second", "19800000014").await;
        assert_eq!(proves(&house, &second).await, ProofState::Taken);
        let first = Release { account: known, id_number: person.id_number.clone(), reason: "核对原件".into() };
        let third = release_proof(&house.identity, &admin(&["identity.release"]), &first, None).await;
        third.unwrap();
        let window = meet(met.clone()).await.unwrap();
        let of_window = Release { account: window, ..first };
        let refused = release_proof(&house.identity, &admin(&["identity.release"]), &of_window, None).await.unwrap_err();
        assert_eq!(refused.code(), "real_name.of_window");
    }

    async fn a_number_that_another_account_has_proven_comes_back_to_its_owner_at_the_window(db: Db) {
        let house = House::on(db).await;
        let first = newcomer(&house, "lixia", "19800000011").await;
        let owner = newcomer(&house, "owner", "19800000012").await;
        assert_eq!(proves(&house, &first).await, ProofState::Proven);
        assert_eq!(proves(&house, &owner).await, ProofState::Taken);
        let account = first.actor.account.unwrap();
        let wish = |reason: &str| Release {
            account,
            id_number: demo_people()[5].id_number.clone(),
            reason: reason.into(),
        };
        let seen = Seen::default();
        let release = async |ctx: &Ctx, reason: &str| {
            release_proof(&house.identity, ctx, &wish(reason), Some(noting(&seen))).await
        };
        let window = admin(&["identity.release"]);
        assert_eq!(release(&admin(&["staff.manage"]), "理由").await.unwrap_err().code(), "forbidden");
        assert_eq!(release(&window, " ").await.unwrap_err().field_errors()[0].pointer, "/reason");
        release(&window, "核对身份证原件").await.unwrap();
        assert_eq!(release(&window, "再来").await.unwrap_err().code(), "real_name.not_there");
        let told = seen.lock().unwrap().clone();
        assert_eq!(told.last(), Some(&(account, vec![owner.actor.account.unwrap()])));
        let old = own_profile(&house.identity, &first).await.unwrap();
        assert_eq!((old.person.assurance, old.person.id_number), (Assurance::L1, None));
        assert_eq!(old.history.last().unwrap().reason, "released");
        assert_eq!(proves(&house, &owner).await, ProofState::Proven);
        let entry = &house.log("real_name.released").await[0];
        assert_eq!(entry.detail["reason"], "核对身份证原件");
        assert!(!entry.detail.to_string().contains(&demo_people()[5].id_number));
        assert_eq!(house.log("account.sessions_ended").await.len(), 1);
    }
}

/// The address that a button on the row of this officer leads to.
async fn button(browser: &mut Browser, login: &str, words: &str) -> Option<String> {
    let page = browser.get(&format!("/workbench/staff?q={login}")).await;
    assert_eq!(page.status, StatusCode::OK);
    let page = page.html();
    let forms = page.all(&format!("tr[data-officer={login}] form"));
    let form = forms.iter().find(|form| form.text.trim() == words)?;
    form.attribute("action").map(str::to_owned)
}

#[tokio::test]
async fn an_officer_who_is_switched_off_is_out_at_once_and_nobody_switches_himself_off() {
    covers!("XC-068");
    let site = Site::open().await;
    let mut manager = site.officer("manager").await;
    let mut clerk = site.officer("acceptor").await;
    assert_eq!(
        clerk.get("/workbench/staff").await.status,
        StatusCode::FORBIDDEN
    );
    let off = button(&mut manager, "acceptor", "停用").await.unwrap();
    assert_eq!(clerk.post(&off, &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(button(&mut manager, "manager", "停用").await, None);
    let end = button(&mut manager, "acceptor", "结束登录").await.unwrap();
    assert_eq!(manager.post(&end, &[]).await.location, "/workbench/staff");
    assert!(
        clerk
            .get("/me/sessions")
            .await
            .location
            .starts_with("/login")
    );
    let mut clerk = site.officer("acceptor").await;
    manager.post(&off, &[]).await;
    assert!(
        clerk
            .get("/me/sessions")
            .await
            .location
            .starts_with("/login")
    );
    let form = [
        ("as", "staff"),
        ("login", "acceptor"),
        ("password", crate::house::STAFF_PASSWORD),
    ];
    assert_eq!(
        site.browser().post("/login", &form).await.status,
        StatusCode::UNAUTHORIZED
    );
    let on = button(&mut manager, "acceptor", "启用").await.unwrap();
    manager.post(&on, &[]).await;
    site.officer("acceptor").await;
    let own = off.replace(
        off.split('/').nth(3).unwrap(),
        &site.house.staff_id("manager").await.to_string(),
    );
    assert_eq!(manager.post(&own, &[]).await.status, StatusCode::FORBIDDEN);
    for (event, times) in [("staff.switched_off", 1), ("staff.switched_on", 1)] {
        assert_eq!(site.house.log(event).await.len(), times, "{event}");
    }
    assert!(
        manager
            .get("/workbench/staff?q=nobody")
            .await
            .html()
            .has(".tb-empty")
    );
}

#[tokio::test]
async fn the_window_finds_who_has_proven_a_number_and_the_search_is_on_record() {
    let site = Site::open().await;
    let mut window = site.officer("manager").await;
    let mut holder = site.citizen("ceshi1").await;
    let number = demo_people()[0].id_number.clone();
    let found = window
        .post("/workbench/proofs", &[("id_number", &number)])
        .await;
    assert_eq!(found.status, StatusCode::OK);
    let page = found.html();
    assert!(page.texts("dd").contains(&"测*一".to_owned()));
    let action = page
        .one("form[data-confirm*='解除']")
        .attribute("action")
        .unwrap()
        .to_owned();
    let lacking = window
        .post(&action, &[("id_number", &number), ("reason", "")])
        .await;
    assert_eq!(lacking.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(lacking.html().has("#f-reason-error"));
    let form = [("id_number", number.as_str()), ("reason", "核对身份证原件")];
    assert_eq!(
        window.post(&action, &form).await.location,
        "/workbench/proofs"
    );
    assert!(holder.get("/me").await.location.starts_with("/login"));
    let gone = window
        .post("/workbench/proofs", &[("id_number", &number)])
        .await;
    assert!(gone.html().has(".tb-empty"));
    let looked = site.house.log("real_name.looked_up").await;
    assert_eq!(looked.len(), 3);
    assert!(
        looked
            .iter()
            .all(|e| e.subject_id == site.house.audit.sought(&number))
    );
    let clerk = site
        .officer("acceptor")
        .await
        .post("/workbench/proofs", &form)
        .await;
    assert_eq!(clerk.status, StatusCode::FORBIDDEN);
}

/// The boxes of the page of an officer's roles: code, whether it is ticked, whether it can be changed.
fn boxes(page: &Html) -> Vec<(String, bool, bool)> {
    let all = page.all("input[name=role]").into_iter();
    let told = all.map(|one| {
        let code = one.attribute("value").unwrap().to_owned();
        let has = |name: &str| one.attribute(name).is_some();
        (code, has("checked"), !has("disabled"))
    });
    told.collect()
}

#[tokio::test]
async fn roles_are_given_on_a_page_hold_from_the_next_click_and_nobody_gives_what_he_lacks() {
    covers!("HA-082", "XC-388");
    let site = Site::open().await;
    let mut manager = site.officer("manager").await;
    let mut clerk = site.officer("acceptor").await;
    let id = site.house.staff_id("acceptor").await;
    let address = format!("/workbench/staff/{id}/roles");
    assert_eq!(clerk.get(&address).await.status, StatusCode::FORBIDDEN);
    let page = manager.get(&address).await.html();
    let told = |code: &str, ticked, free| (code.to_owned(), ticked, free);
    let expected = [
        told("acceptor", true, true),
        told("approver", false, false),
        told("keeper", false, false),
        told("manager", false, true),
    ];
    assert_eq!(boxes(&page), expected);
    // A door that opens with the role and closes with it, for the session that is there.
    let door = "/workbench/staff";
    let menu = async |clerk: &mut Browser| {
        let page = clerk.get("/me/sessions").await.html();
        page.has(".tb-side a[href='/workbench/staff']")
    };
    assert_eq!(clerk.get(door).await.status, StatusCode::FORBIDDEN);
    assert!(!menu(&mut clerk).await);
    let both = [
        ("seen", "acceptor"),
        ("role", "acceptor"),
        ("role", "manager"),
    ];
    assert_eq!(manager.post(&address, &both).await.location, door);
    assert_eq!(clerk.get(door).await.status, StatusCode::OK);
    assert!(menu(&mut clerk).await);
    let again = site.officer("acceptor").await.get(door).await;
    assert_eq!(again.status, StatusCode::OK);
    // Another page that was made before.
    let stale = manager
        .post(
            &address,
            &[
                ("seen", "acceptor"),
                ("role", "acceptor"),
                ("role", "manager"),
            ],
        )
        .await;
    assert_eq!(stale.location, door, "the same wish is done already");
    let stale = manager.post(&address, &[("seen", "acceptor")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.html().text("[role=alert]").contains("刚刚被别人改过"));
    // What he lacks, whatever the page offers.
    let beyond = [("seen", "acceptor manager"), ("role", "approver")];
    let refused = manager.post(&address, &beyond).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused
            .html()
            .text("[role=alert]")
            .contains("您不能授予自己没有的权限：审批")
    );
    let own = format!(
        "/workbench/staff/{}/roles",
        site.house.staff_id("manager").await
    );
    let oneself = manager
        .post(
            &own,
            &[
                ("seen", "manager"),
                ("role", "manager"),
                ("role", "acceptor"),
            ],
        )
        .await;
    assert_eq!(oneself.status, StatusCode::FORBIDDEN);
    // Taken back.
    let one = [("seen", "acceptor manager"), ("role", "acceptor")];
    assert_eq!(manager.post(&address, &one).await.location, door);
    assert_eq!(clerk.get(door).await.status, StatusCode::FORBIDDEN);
    assert!(!menu(&mut clerk).await);
    assert_eq!(site.house.log("staff.roles_assigned").await.len(), 2);
    // Whoever is switched off is out at once.
    let off = format!("/workbench/staff/{id}/off");
    manager.post(&off, &[]).await;
    assert!(
        clerk
            .get("/me/sessions")
            .await
            .location
            .starts_with("/login")
    );
}
