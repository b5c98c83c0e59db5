//! Logging in at another application: what it learns, what it does not, and how that ends.

use axum::http::StatusCode;
use serde_json::json;
use tongban_identity::{DEMO_PASSWORD, demo_people};
use tongban_store::params;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::application::{ISSUER, KEPT, OPEN, claims, part, verified};
use crate::house::{Site, migrations};

on_both_databases! {
    &migrations();

    async fn a_person_agrees_once_and_the_application_learns_only_what_was_agreed_to(db: Db) {
        covers!("HA-320");
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let page = browser.get(&KEPT.request(&[])).await.html();
        let words = page.text("main");
        assert!(words.contains("示例应用") && words.contains("kept.example"), "{words}");
        assert!(words.contains("测*一") && !page.has("[name=real_name]"), "{words}");
        let answer = KEPT.agreed(&mut browser, &[], false).await;
        assert!(answer.location.starts_with("https://kept.example/back?tenant=1&code="));
        assert_eq!(part(&answer, "state").as_deref(), Some("a state"));
        assert_eq!(part(&answer, "iss").as_deref(), Some(ISSUER));

        let tokens = KEPT.redeem(&site, &part(&answer, "code").unwrap(), &[]).await;
        assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
        let tokens = tokens.json();
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(600)));
        assert_eq!(tokens["scope"], "openid profile");
        let told = verified(&site, tokens["id_token"].as_str().unwrap()).await;
        assert_eq!((&told["iss"], &told["aud"]), (&json!(ISSUER), &json!("kept")));
        assert_eq!(told["nonce"], "a nonce");
        let now = MONDAY_MORNING.0 / 1000;
        assert!((now - told["iat"].as_i64().unwrap()).abs() < 60);
        assert!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap() == 600);
        assert!(told["auth_time"].as_i64().unwrap() <= told["iat"].as_i64().unwrap());
        assert!(told.get("name").is_none());

        let access = tokens["access_token"].as_str().unwrap();
        let known = claims(&site, access).await.json();
        let expected = json!({"sub": told["sub"], "real_name_level": "L2", "name": "测*一"});
        assert_eq!(known, expected);

        let again = browser.get(&KEPT.request(&[("state", "another")])).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "nobody is asked twice");
        assert_eq!(part(&again, "state").as_deref(), Some("another"));
        assert_eq!(site.house.log("openid.granted").await.len(), 1);
        let entry = &site.house.log("openid.signed_in").await[0];
        assert_eq!((entry.actor_name.as_str(), entry.subject_id.as_str()), ("测试一", "kept"));
    }

    async fn the_full_name_is_told_only_when_its_box_is_ticked(db: Db) {
        let site = Site::on(db).await;
        let wish = [("scope", "openid profile real_name")];
        for (login, ticked, scope, name) in [
            ("ceshi1", false, "openid profile", "测*一"),
            ("ceshi2", true, "openid profile real_name", "测试二"),
        ] {
            let mut browser = site.citizen(login).await;
            let answer = KEPT.agreed(&mut browser, &wish, ticked).await;
            let tokens = KEPT.redeem(&site, &part(&answer, "code").unwrap(), &[]).await.json();
            assert_eq!(tokens["scope"], scope);
            let known = claims(&site, tokens["access_token"].as_str().unwrap()).await.json();
            assert_eq!(known["name"], name);
            let again = browser.get(&KEPT.request(&wish)).await;
            assert_eq!(again.status, StatusCode::SEE_OTHER, "the answer is remembered");
            let tokens = KEPT.redeem(&site, &part(&again, "code").unwrap(), &[]).await.json();
            assert_eq!(tokens["scope"], scope);
        }
    }

    async fn whoever_has_proven_no_name_is_asked_for_it_once_it_is_proven(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.registered("neuling", "19900000066").await;
        let wish = [("scope", "openid profile real_name")];
        assert!(!browser.get(&KEPT.request(&wish)).await.html().has("[name=real_name]"));
        let answer = KEPT.agreed(&mut browser, &wish, false).await;
        let tokens = KEPT.redeem(&site, &part(&answer, "code").unwrap(), &[]).await.json();
        let known = claims(&site, tokens["access_token"].as_str().unwrap()).await.json();
        assert_eq!((known.get("name"), &known["real_name_level"]), (None, &json!("L1")));
        assert_eq!(browser.get(&KEPT.request(&wish)).await.status, StatusCode::SEE_OTHER);

        let person = &demo_people()[5];
        let proof = [("name", person.name.as_str()), ("id_number", &person.id_number)];
        browser.post("/me/real-name", &proof).await;
        site.house.run_jobs().await;
        let asked = browser.get(&KEPT.request(&wish)).await;
        assert!(asked.status == StatusCode::OK && asked.html().has("[name=real_name]"));
    }

    async fn asking_for_more_than_before_asks_the_person_anew(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        KEPT.code(&mut browser).await;
        let more = [("scope", "openid profile real_name")];
        assert_eq!(browser.get(&KEPT.request(&more)).await.status, StatusCode::OK);
    }

    async fn two_applications_know_a_person_by_names_that_tell_nothing(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let mut names = Vec::new();
        for application in [&KEPT, &OPEN] {
            let token = application.access(&site, &mut browser).await;
            let known = claims(&site, &token).await;
            let person = &demo_people()[0];
            assert!(!known.body.contains(&person.id_number) && !known.body.contains(&person.mobile));
            names.push(known.json()["sub"].as_str().unwrap().to_owned());
        }
        assert_ne!(names[0], names[1]);
        let token = KEPT.access_again(&site, &mut browser).await;
        assert_eq!(claims(&site, &token).await.json()["sub"], names[0].as_str());
    }

    async fn access_ends_with_its_time_with_the_login_and_with_the_consent(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let token = KEPT.access(&site, &mut browser).await;
        assert_eq!(claims(&site.later(590), &token).await.status, StatusCode::OK);
        let over = claims(&site.later(610), &token).await;
        assert_eq!((over.status, over.json()), (StatusCode::UNAUTHORIZED, json!({"error": "invalid_token"})));

        let code = part(&browser.get(&KEPT.request(&[])).await, "code").unwrap();
        let listed = browser.get("/me/applications").await.html();
        assert!(listed.text("tbody").contains("示例应用"));
        let path = listed.one("form[action$='/withdraw']").attribute("action").unwrap().to_owned();
        assert_eq!(browser.post(&path, &[]).await.location, "/me/applications");
        assert_eq!(claims(&site, &token).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(KEPT.redeem(&site, &code, &[]).await.json()["error"], "invalid_grant");
        assert_eq!(browser.get(&KEPT.request(&[])).await.status, StatusCode::OK, "asked again");
        assert_eq!(browser.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(site.house.log("openid.withdrawn").await.len(), 1);

        let token = KEPT.access(&site, &mut browser).await;
        let other = KEPT.access(&site, &mut site.citizen("ceshi2").await).await;
        browser.post("/logout", &[]).await;
        assert_eq!(claims(&site, &token).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(claims(&site, &other).await.status, StatusCode::OK, "that of another person");
    }

    async fn a_session_is_no_access_token_and_an_access_token_no_session(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let token = KEPT.access(&site, &mut browser).await;
        let session = browser.cookies.get("tongban_session").unwrap().clone();
        assert_eq!(claims(&site, &session).await.status, StatusCode::UNAUTHORIZED);
        let mut thief = site.browser();
        thief.cookies.insert("tongban_session".into(), token);
        assert_eq!(thief.get("/me").await.status, StatusCode::SEE_OTHER);
    }

    async fn what_an_application_holds_of_one_person_opens_nothing_of_another_to_whom_it_was_given_by_hand(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let token = KEPT.access(&site, &mut browser).await;
        let code = part(&browser.get(&KEPT.request(&[])).await, "code").unwrap();
        site.house.meddle("UPDATE openid_token SET account_id = (SELECT id FROM account WHERE login = 'ceshi2')").await;
        assert_eq!(claims(&site, &token).await.status, StatusCode::UNAUTHORIZED);
        site.house.meddle("UPDATE openid_code SET account_id = (SELECT id FROM account WHERE login = 'ceshi2')").await;
        assert_eq!(KEPT.redeem(&site, &code, &[]).await.status, StatusCode::INTERNAL_SERVER_ERROR);
        site.house.meddle("UPDATE openid_consent SET asked = 'openid profile real_name', granted = asked").await;
        assert_eq!(browser.get(&KEPT.request(&[])).await.status, StatusCode::OK, "asked again");
        KEPT.code(&mut browser).await;
        assert_eq!(browser.get(&KEPT.request(&[])).await.status, StatusCode::SEE_OTHER);
    }

    async fn neither_codes_nor_tokens_can_be_read_in_the_database(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let code = KEPT.code(&mut browser).await;
        let answer = KEPT.redeem(&site, &code, &[]).await.json();
        let token = answer["access_token"].as_str().unwrap();
        let kept: Vec<String> = site.house.db.read((), |tx, ()| Box::pin(async move {
            let sql = "SELECT digest, code AS other FROM openid_token UNION SELECT digest, nonce AS other FROM openid_code";
            let rows = tx.query(sql, params![]).await?;
            rows.iter().map(|row| Ok(format!("{} {}", row.get::<String>("digest")?, row.get::<String>("other")?))).collect()
        })).await.unwrap();
        assert_eq!(kept.len(), 2);
        assert!(kept.iter().all(|text| !text.contains(token) && !text.contains(&code)), "{kept:?}");
    }
}

#[tokio::test]
async fn whoever_comes_from_an_application_logs_in_and_comes_back_to_its_request() {
    let site = Site::open().await;
    let mut browser = site.browser();
    let to_login = browser.get(&KEPT.request(&[])).await;
    assert_eq!(to_login.status, StatusCode::SEE_OTHER);
    assert!(to_login.location.starts_with("/login?"));
    let page = browser.get(&to_login.location).await;
    assert!(page.html().text("main").contains("示例应用"));
    let html = page.html();
    let next = html
        .one("[name=next]")
        .attribute("value")
        .unwrap()
        .to_owned();
    let form = [
        ("login", "ceshi1"),
        ("password", DEMO_PASSWORD),
        ("as", "citizen"),
        ("next", &next),
    ];
    let back = browser.post("/login", &form).await.location;
    let asked = browser.get(&back).await;
    assert!(asked.html().text("h1").contains("授权登录"));
}

#[tokio::test]
async fn the_forms_on_the_way_may_lead_to_that_application_and_no_other_form_may() {
    let site = Site::open().await;
    let mut browser = site.browser();
    let login = browser.get(&KEPT.request(&[])).await.location;
    let allowed = "form-action 'self' https://kept.example;";
    assert!(browser.get(&login).await.policy.contains(allowed));
    let foreign = login.replace("kept.example", "evil.example");
    for path in ["/login", "/register", &foreign] {
        let policy = browser.get(path).await.policy;
        assert!(policy.contains("form-action 'self';"), "{path}: {policy}");
    }
    let mut browser = site.citizen("ceshi1").await;
    assert!(
        browser
            .get(&KEPT.request(&[]))
            .await
            .policy
            .contains(allowed)
    );
    assert!(
        browser
            .get("/me/contact")
            .await
            .policy
            .contains("form-action 'self';")
    );
}

#[tokio::test]
async fn discovery_names_what_is_there_and_shows_no_private_key() {
    let site = Site::open().await;
    let mut nobody = site.browser();
    let document = nobody.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["issuer"], ISSUER);
    assert_eq!(
        document["code_challenge_methods_supported"],
        json!(["S256"])
    );
    assert_eq!(document["subject_types_supported"], json!(["pairwise"]));
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
    ] {
        let path = document[name]
            .as_str()
            .unwrap()
            .strip_prefix(ISSUER)
            .unwrap();
        let routes = (tongban_identity::module().routes)();
        assert!(
            routes.table().iter().any(|route| route.path == path),
            "{name}"
        );
    }
    let keys = nobody.get("/oauth2/jwks").await.json();
    let members: Vec<&String> = keys["keys"][0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["kty", "crv", "use", "alg", "kid", "x", "y"]);
}

#[tokio::test]
async fn the_document_of_the_interface_says_that_the_token_endpoint_takes_a_form() {
    let site = Site::open().await;
    let document = site.browser().get("/api/v1/openapi.json").await.json();
    let token = &document["paths"]["/oauth2/token"]["post"];
    let form = &token["requestBody"]["content"]["application/x-www-form-urlencoded"];
    assert_eq!(form["schema"]["required"][0], "grant_type");
    let error = &token["responses"]["default"]["content"]["application/json"]["schema"];
    assert_eq!(error["$ref"], "#/components/schemas/OAuthError");
}
