//! A number that another account has proven comes back to its owner, with what hangs on it.

use axum::http::StatusCode;
use tongban_base::{Actor, Ctx};
use tongban_identity::{RealName, ask_real_name, demo_people};
use tongban_testkit::actors::{MONDAY_MORNING, anonymous};
use tongban_testkit::on_both_databases;

use crate::house::{Site, migrations};

const PASSWORD: &str = "Huang-He-88";

/// Somebody with the card of the first citizen of the demonstration.
async fn owner(site: &Site) -> Ctx {
    site.registers("owner", "19800000099", PASSWORD).await;
    let row = site
        .rows("SELECT id FROM account WHERE login = 'owner'")
        .await;
    Ctx {
        actor: Actor::citizen(row[0].get("id").unwrap(), "owner"),
        now: MONDAY_MORNING,
        ..anonymous()
    }
}

/// Asks for the proof and is turned away, as the register of this house answers nobody.
async fn is_turned_away(site: &Site, ctx: &Ctx) {
    let person = &demo_people()[0];
    let wish = RealName {
        name: person.name.clone(),
        id_number: person.id_number.clone(),
    };
    ask_real_name(&site.house.identity, ctx, &wish)
        .await
        .unwrap();
    site.meddle("UPDATE real_name_check SET state = 'taken' WHERE account_id = (SELECT id FROM account WHERE login = 'owner')").await;
    site.mark_anew("real_name_check").await;
}

on_both_databases! {
    &migrations();

    async fn a_number_given_back_takes_its_licences_along_and_everybody_is_told(db: Db) {
        let site = Site::on(db).await;
        let held = async |login: &str| {
            let rows = site.rows("SELECT a.login AS login FROM licence l JOIN account a ON a.id = l.holder_account").await;
            rows.iter().filter(|row| row.get::<String>("login").unwrap() == login).count()
        };
        let holder = site.citizen("ceshi1").await;
        holder.get("/me/licences").await.ok();
        assert!(held("ceshi1").await > 0);
        let owner = owner(&site).await;
        is_turned_away(&site, &owner).await;
        let window = site.officer("supervisor").await;
        let number = demo_people()[0].id_number.clone();
        let found = window.post("/workbench/proofs", &[("id_number", &number)]).await.ok().html();
        let action = found.one("form[action$='/release']").attribute("action").unwrap().to_owned();
        let form = [("id_number", number.as_str()), ("reason", "本人到窗口，核对身份证原件")];
        assert_eq!(window.post(&action, &form).await.leads_to(), "/workbench/proofs");
        assert_eq!(held("ceshi1").await, 0);
        assert!(holder.get("/me").await.leads_to().starts_with("/login"));
        let inbox = site.citizen("ceshi1").await.get("/me/messages").await.ok().text();
        assert!(inbox.contains("实名已解除") && !inbox.contains(&number));
        let told = site.citizen_with("owner", PASSWORD).await.get("/me/messages").await.ok().text();
        assert!(told.contains("可以重新实名"), "{told}");
        assert_eq!(site.audited("real_name.released", "done").await, 1);
        let clerk = site.officer("acceptor").await;
        assert_eq!(clerk.post("/workbench/proofs", &form).await.status, StatusCode::FORBIDDEN);
    }
}
