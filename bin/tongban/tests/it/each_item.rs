//! Every item of the pack from the application to the end of its flow, and what it leaves of the licence: one situation
//! each out of `situations.json`.

use serde::Deserialize;
use serde_json::{Value as Json, json};
use tongban_base::Ctx;
use tongban_cases::{CaseId, DraftId, open_application, open_case};

use crate::browser::Browser;
use crate::house::{PDF, Site, migrations};
use crate::main_job::{decide, shown};

/// A picture that a face can show.
pub const PHOTO: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x05\x00\x00\x00\x07\x08\x02\
    \x00\x00\x00\x4f\xc5\x10\xb9\x00\x00\x00\x11\x49\x44\x41\x54\x78\x9c\x63\xd8\x70\xe1\x03\x32\x62\xa0\x31\
    \x1f\x00\xa2\x3e\x55\x51\x80\xd1\xcc\x29\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

#[derive(Deserialize)]
pub struct Situation {
    pub item: String,
    pub who: String,
    pub kind: String,
    pub answers: Json,
    pub form: Json,
    pub files: Vec<String>,
    /// Login and decision of each task, after the one before.
    #[serde(default = "the_whole_way")]
    pub tasks: Vec<[String; 2]>,
    pub left: Left,
    /// The office writes no letter.
    #[serde(default)]
    pub silent: bool,
    /// What the face says afterwards.
    #[serde(default)]
    pub face: Json,
}

/// What becomes of the licence.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    First,
    Added,
    SameTerm,
    NextTerm,
    NextEdition,
    Untouched,
    Cancelled,
}

fn the_whole_way() -> Vec<[String; 2]> {
    let way = [
        ("acceptor", "accept"),
        ("reviewer", "pass"),
        ("approver", "grant"),
        ("maker", "made"),
        ("acceptor", "delivered"),
    ];
    way.map(|(login, decision)| [login.to_owned(), decision.to_owned()])
        .to_vec()
}

pub fn situations(site: &Site) -> Vec<Situation> {
    let yesterday = site.house.app.now().date().pred_opt().unwrap();
    let text = include_str!("situations.json").replace("{yesterday}", &yesterday.to_string());
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn each_item_of_the_pack_goes_to_its_end_and_does_to_the_licence_what_its_act_says() {
    let database = tongban_testkit::sqlite(&migrations()).await;
    let site = Site::on(database.db()).await;
    let all = situations(&site);
    // Some begin with what an office keeps: their scenarios walk them.
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../solution/transport/pack/scenarios"
    );
    let stories = std::fs::read_dir(folder).unwrap();
    let stories: Vec<String> = stories
        .map(|story| std::fs::read_to_string(story.unwrap().path()).unwrap())
        .collect();
    let of_pack: Vec<_> = site.house.pack.folder.list("items/", ".toml").collect();
    for file in of_pack {
        let code = file.trim_start_matches("items/").trim_end_matches(".toml");
        let start = format!("start = \"{code}\"");
        let by_scenario = stories.iter().any(|story| story.contains(&start));
        assert!(
            all.iter().any(|s| s.item == code) || by_scenario,
            "nobody applies for {code}"
        );
    }
    for situation in &all {
        goes_to_its_end(&site, situation).await;
    }
}

pub async fn goes_to_its_end(site: &Site, situation: &Situation) {
    let item = &situation.item;
    let citizen = site.citizen(&situation.who).await;
    let ctx = site.citizen_at(&situation.who, site.house.app.now()).await;
    let draft = filled(&citizen, situation).await;
    let id: DraftId = draft.parse().unwrap();
    let application = open_application(&site.house.desk, &ctx, id).await.unwrap();
    let (before, person) = (
        application.facts.asked["licence"].clone(),
        application.facts.person,
    );
    let submit = format!("/api/v1/drafts/{draft}/submit");
    let done = citizen.post_json(&submit, &json!({})).await.ok().json();
    let case: CaseId = done["case"].as_str().unwrap().parse().unwrap();
    site.drain_now().await;
    for [login, decision] in &situation.tasks {
        decide(&site.officer(login).await, case, decision, &[]).await;
        site.drain_now().await;
    }

    let last = shown(&citizen, case).await["status"].clone();
    let hands_over = situation.tasks.iter().any(|[_, d]| d == "delivered");
    let end = if hands_over { "delivered" } else { "closed" };
    assert_eq!(last, end, "{item}");
    the_letters(site, &ctx, case, situation).await;
    let number = person["id_number"].as_str().unwrap();
    let system = Ctx::system(site.house.app.now());
    let after = site
        .house
        .licences
        .current_of(&system, number, &situation.kind);
    let after = after.await.unwrap();
    the_effect(site, &citizen, situation, &before, &after).await;
}

/// An application with everything that the situation asks for; nothing stands in its way.
pub async fn filled(citizen: &Browser, situation: &Situation) -> String {
    let begun = json!({ "item": situation.item });
    let begun = citizen
        .post_json("/api/v1/drafts", &begun)
        .await
        .ok()
        .json();
    let draft = begun["draft"].as_str().unwrap().to_owned();
    let saved = json!({ "answers": situation.answers, "form": situation.form });
    let saved = citizen
        .post_json(&format!("/api/v1/drafts/{draft}"), &saved)
        .await;
    let nothing = json!({ "errors": [], "refusals": [] });
    assert_eq!(saved.ok().json(), nothing, "{}", situation.item);
    for material in &situation.files {
        let (name, content) = match material.as_str() {
            "photo" => ("证件照.png", PHOTO),
            _ => ("材料.pdf", PDF),
        };
        let path = format!("/me/drafts/{draft}/files/{material}");
        citizen.upload(&path, name, content).await.leads_to();
    }
    draft
}

/// Each decision of the way left its letter, sealed.
async fn the_letters(site: &Site, ctx: &Ctx, case: CaseId, situation: &Situation) {
    let view = open_case(&site.house.desk, ctx, case).await.unwrap();
    assert_eq!(view.broken_at, None);
    assert_eq!(view.case.result.as_deref(), Some("granted"));
    let made: Vec<&str> = view.documents.iter().map(|d| d.template.as_str()).collect();
    let decision = match situation.left {
        Left::Cancelled => "cancel-decision",
        _ => "grant-decision",
    };
    if situation.silent {
        assert!(made.is_empty(), "{}: {made:?}", situation.item);
        return;
    }
    let mut awaited = vec!["acceptance-notice"];
    if situation.tasks.len() > 1 {
        awaited.extend([decision, "delivery-receipt"]);
    }
    for letter in awaited {
        assert!(
            made.contains(&letter),
            "{}: {letter} among {made:?}",
            situation.item
        );
    }
    for letter in &view.documents {
        assert_eq!(
            letter.status.code(),
            "ready",
            "{}: {}",
            situation.item,
            letter.template
        );
    }
}

async fn the_effect(
    site: &Site,
    citizen: &Browser,
    situation: &Situation,
    before: &Json,
    after: &Json,
) {
    let (item, left) = (&situation.item, situation.left);
    for (field, value) in situation.face.as_object().into_iter().flatten() {
        assert_eq!(&after[field], value, "{item}: {field} of {after}");
    }
    let is_new = after["id"] != before["id"];
    let is_other = !matches!(left, Left::NextEdition | Left::Untouched | Left::Cancelled);
    assert_eq!(is_new, is_other, "{item}");
    let (status, version, code) = on_record(site, after).await;
    let by_code = json!({ "code": code });
    let report = site
        .browser()
        .post_json("/api/v1/licences/verify", &by_code)
        .await;
    let report = report.ok().json();
    if left == Left::Cancelled {
        assert_eq!(
            (status.as_str(), &after["status"]),
            ("cancelled", &json!("cancelled"))
        );
        assert_eq!(
            (&report["answer"], &report["title"]),
            (&json!("cancelled"), &json!("已注销"))
        );
        return;
    }
    assert_eq!(
        (status.as_str(), &after["status"]),
        ("valid", &json!("valid")),
        "{item}"
    );
    assert_eq!(report["answer"], "valid", "{item}: {report}");
    assert_eq!(
        version,
        if left == Left::NextEdition { 2 } else { 1 },
        "{item}"
    );
    its_files_verify(site, citizen, after).await;
    match left {
        Left::First => assert_eq!(before, &Json::Null, "{item}"),
        Left::NextEdition | Left::Untouched => assert_eq!(after["number"], before["number"]),
        _ => {
            assert_ne!(after["number"], before["number"], "{item}");
            assert_eq!(on_record(site, before).await.0, "replaced", "{item}");
        }
    }
    let (from, old) = (day(after, "valid_from"), day(before, "valid_to"));
    match left {
        Left::First | Left::Added => assert_eq!(from, site.house.app.now().date().to_string()),
        Left::NextTerm => assert_eq!(
            from.parse(),
            old.parse()
                .map(|d: tongban_base::Date| d.succ_opt().unwrap())
        ),
        _ => assert_eq!(day(after, "valid_to"), old, "{item}"),
    }
}

fn day(licence: &Json, which: &str) -> String {
    licence[which].as_str().unwrap_or_default().to_owned()
}

/// Status, edition and code of a licence as the register has them.
async fn on_record(site: &Site, licence: &Json) -> (String, i64, String) {
    let all = "SELECT id, status, version, verify_code FROM licence";
    let rows = site.rows(all).await;
    let of = |row: &&tongban_store::Row| row.at::<String>(0).unwrap() == licence["id"];
    let row = rows.iter().find(of).unwrap();
    (row.at(1).unwrap(), row.at(2).unwrap(), row.at(3).unwrap())
}

/// The sealed files of the edition that counts are made, and anybody can verify them.
async fn its_files_verify(site: &Site, citizen: &Browser, licence: &Json) {
    let id = licence["id"].as_str().unwrap();
    // Who opens the list takes over what was issued before the account came about.
    let mine = citizen.get("/me/licences").await.ok().html();
    assert!(mine.has(&format!("a[href='/me/licences/{id}']")));
    for format in ["pdf", "ofd"] {
        let file = citizen
            .get(&format!("/licences/{id}/{format}"))
            .await
            .ok()
            .body;
        let report = site
            .browser()
            .upload("/api/v1/licences/verify", "licence", &file)
            .await;
        let report = report.ok().json();
        assert_eq!(report["answer"], "valid", "{report}");
        assert_eq!(report["licence"]["number"], licence["number"]);
    }
}
