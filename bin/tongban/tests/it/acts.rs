//! What each trade may do with its licence: who holds what the item asks for gets it, anybody else is told why not.

use serde_json::{Value as Json, json};
use tongban_store::params;
use tongban_testkit::{covers, sqlite};

use crate::browser::Browser;
use crate::each_item::{Situation, filled, goes_to_its_end, situations};
use crate::house::{Site, migrations};

fn situation(site: &Site, item: &str) -> Situation {
    let mut all = situations(site).into_iter();
    all.find(|situation| situation.item == item).unwrap()
}

/// Applied for and worked to its end, with the effect on the licence that the act has.
async fn done(site: &Site, item: &str) -> Situation {
    let situation = situation(site, item);
    goes_to_its_end(site, &situation).await;
    situation
}

async fn begun(citizen: &Browser, item: &str, answers: &Json) -> (String, Json) {
    let wish = json!({ "item": item });
    let draft = citizen.post_json("/api/v1/drafts", &wish).await.ok().json();
    let draft = format!("/api/v1/drafts/{}", draft["draft"].as_str().unwrap());
    let saved = citizen
        .post_json(&draft, &json!({ "answers": answers }))
        .await;
    (draft, saved.ok().json())
}

/// What keeps this person from the act: told with the answers, and again by the refusal of the application.
pub async fn kept_from(site: &Site, who: &str, item: &str, answers: Json) -> String {
    let cases = site.count("SELECT COUNT(*) AS n FROM case_record").await;
    let citizen = site.citizen(who).await;
    let (draft, saved) = begun(&citizen, item, &answers).await;
    let refused = citizen
        .post_json(&format!("{draft}/submit"), &json!({}))
        .await
        .json();
    assert_eq!(refused["code"], "case.not_admitted", "{refused}");
    let told = refused["detail"].as_str().unwrap().to_owned();
    let early: Vec<&str> = saved["refusals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|words| words.as_str().unwrap())
        .collect();
    assert!(!early.is_empty() && told.contains(early[0]), "{early:?}");
    let now = site.count("SELECT COUNT(*) AS n FROM case_record").await;
    assert_eq!(now, cases);
    told
}

/// Number and code of the last licence of this kind and status.
async fn licence(site: &Site, kind: &str, status: &str) -> (String, String) {
    let input = (kind.to_owned(), status.to_owned());
    let sql = "SELECT number, verify_code FROM licence WHERE kind = $1 AND status = $2 ORDER BY created_at DESC";
    let rows = site
        .db()
        .read(input, move |tx, (kind, status)| {
            Box::pin(async move { tx.query(sql, params![kind.as_str(), status.as_str()]).await })
        })
        .await
        .unwrap();
    (rows[0].at(0).unwrap(), rows[0].at(1).unwrap())
}

/// What anybody is told of a licence by its code.
async fn verified(site: &Site, code: &str) -> Json {
    let asked = json!({ "code": code });
    let anybody = site.browser();
    let report = anybody.post_json("/api/v1/licences/verify", &asked).await;
    report.ok().json()
}

#[tokio::test]
async fn passenger_and_goods_drivers_renew_before_the_end_of_the_term_and_not_earlier() {
    covers!("SH-080");
    let database = sqlite(&migrations()).await;
    let site = Site::on(database.db()).await;
    let passengers = done(&site, "road-driver-renew").await;
    assert_eq!(passengers.face["categories"], json!(["01001"]));
    let goods = Situation {
        who: "ceshi5".into(),
        face: json!({ "categories": ["02001"] }),
        ..passengers
    };
    goes_to_its_end(&site, &goods).await;
    let told = kept_from(
        &site,
        "ceshi2",
        "road-driver-renew",
        json!({ "change": "no" }),
    )
    .await;
    assert!(
        told.contains("还没到换证时间。有效期届满前90天起可以申请"),
        "{told}"
    );
}

#[tokio::test]
async fn a_taxi_driver_is_granted_the_licence_with_the_schooling_that_the_city_asks_for() {
    covers!("SH-087");
    let database = sqlite(&migrations()).await;
    let site = Site::on(database.db()).await;
    let answers = json!({ "household": "yes", "education": "below", "proof": "commitment" });
    let told = kept_from(&site, "applicant-new", "taxi-driver-grant", answers).await;
    assert!(told.contains("申请人应有初中以上学历"), "{told}");
    done(&site, "taxi-driver-grant").await;
}

#[tokio::test]
async fn a_taxi_drivers_licence_is_replaced_unless_it_was_cancelled() {
    let database = sqlite(&migrations()).await;
    let site = Site::on(database.db()).await;
    let again = done(&site, "taxi-driver-reissue").await;
    let (old, new) = (
        licence(&site, "taxi-driver", "replaced").await,
        licence(&site, "taxi-driver", "valid").await,
    );
    assert_ne!(old.0, new.0);
    let told = verified(&site, &old.1).await;
    let status = (&told["answer"], &told["licence"]["status_title"]);
    assert_eq!(status, (&json!("invalid"), &json!("已换发")), "{told}");

    let cancel =
        "UPDATE licence SET status = 'cancelled' WHERE kind = 'taxi-driver' AND status = 'valid'";
    site.long_ago("licence", cancel).await;
    let told = kept_from(
        &site,
        &again.who,
        "taxi-driver-reissue",
        json!({ "reason": "damaged" }),
    )
    .await;
    assert!(told.contains("您的证件已经注销，不能补发"), "{told}");
}

#[tokio::test]
async fn a_ride_hailing_drivers_licence_is_replaced_for_its_holder_alone() {
    let database = sqlite(&migrations()).await;
    let site = Site::on(database.db()).await;
    let nobody = kept_from(
        &site,
        "applicant-new",
        "ride-hailing-reissue",
        json!({ "reason": "damaged" }),
    )
    .await;
    assert!(
        nobody.contains("请核对登录的账号是不是持证人本人"),
        "{nobody}"
    );
    done(&site, "ride-hailing-reissue").await;
    let kind = "ride-hailing-driver";
    let (old, new) = (
        licence(&site, kind, "replaced").await,
        licence(&site, kind, "valid").await,
    );
    assert_ne!(old.0, new.0);
    let told = verified(&site, &old.1).await;
    assert_eq!(
        (&told["answer"], &told["licence"]["status"]),
        (&json!("invalid"), &json!("replaced"))
    );
    let told = verified(&site, &new.1).await;
    assert_eq!(
        (&told["answer"], &told["licence"]["number"]),
        (&json!("valid"), &json!(new.0))
    );
}

#[tokio::test]
async fn a_licence_that_was_granted_serves_the_next_matter_until_it_is_cancelled() {
    covers!("SH-091", "XC-173");
    let database = sqlite(&migrations()).await;
    let site = Site::on(database.db()).await;
    let grant = situation(&site, "ride-hailing-grant");
    let citizen = site.citizen(&grant.who).await;
    let without = Situation {
        files: Vec::new(),
        ..situation(&site, "ride-hailing-grant")
    };
    let draft = format!("/api/v1/drafts/{}", filled(&citizen, &without).await);
    let refused = citizen
        .post_json(&format!("{draft}/submit"), &json!({}))
        .await
        .json();
    let missing: Vec<&str> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(
        missing,
        ["/materials/clean_certificate", "/materials/photo"]
    );
    assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record").await, 0);
    goes_to_its_end(&site, &grant).await;
    let granted = site
        .rows("SELECT number FROM licence WHERE case_id IS NOT NULL")
        .await;
    let number: String = granted[0].at(0).unwrap();

    let (_, next) = begun(
        &citizen,
        "ride-hailing-reissue",
        &json!({ "reason": "damaged" }),
    )
    .await;
    assert_eq!(next["refusals"], json!([]));
    let mine = citizen.get("/me/cases").await.ok().html();
    let draft = mine
        .one("a[href^='/me/drafts/']")
        .attribute("href")
        .unwrap()
        .to_owned();
    let page = citizen
        .get(&format!("{draft}/licence"))
        .await
        .ok()
        .html()
        .text("main");
    assert!(
        page.contains(&number) && page.contains("来自您的电子证照"),
        "{page}"
    );

    let cancel = Situation {
        who: grant.who.clone(),
        ..situation(&site, "ride-hailing-cancel")
    };
    goes_to_its_end(&site, &cancel).await;
    let told = kept_from(
        &site,
        &grant.who,
        "ride-hailing-reissue",
        json!({ "reason": "damaged" }),
    )
    .await;
    assert!(told.contains("您的证件已经注销，不能补发"), "{told}");
}
