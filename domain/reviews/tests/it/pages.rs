//! The form of the applicant and the pages of the supervisor, over the real routes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tongban_base::{Actor, Clock, Date, StaffScope, Timestamp, Uuid};
use tongban_reviews::{
    Channel, Finding, MODULE, RatingForm, RatingSubmission, Verification, rated_page, rating_page,
    verify,
};
use tongban_store::Db;
use tongban_testkit::{Html, TestDatabase, actors, covers};
use tongban_ui::{AppBuilder, Authenticator, Page, SiteSettings};

use crate::house::{House, day, migrations};

/// `supervisor` and `clerk` of the office; anything else is a citizen.
struct Tokens;

impl Authenticator for Tokens {
    fn authenticate<'a>(
        &'a self,
        token: &'a str,
        _: Timestamp,
    ) -> Pin<Box<dyn Future<Output = tongban_base::Result<Option<Actor>>> + Send + 'a>> {
        let permissions: &[&str] = match token {
            "supervisor" => &["review.supervise"],
            _ => &[],
        };
        let scope = StaffScope {
            organisation: actors::OFFICE.into(),
            division: actors::SHANGHAI.into(),
            permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
            ..StaffScope::default()
        };
        let actor = match token {
            "citizen" => Actor::citizen(Uuid::now_v7(), "测试市民"),
            name => Actor::staff(Uuid::now_v7(), name, scope),
        };
        Box::pin(async move { Ok(Some(actor)) })
    }
}

struct Site {
    house: House,
    router: Router,
    database: TestDatabase,
}

fn router(db: Db, clock: Clock) -> Router {
    let routes = (MODULE.routes)();
    let app = AppBuilder::new(db.clone(), clock, SiteSettings::default())
        .with(Arc::new(House::new(db).reviews))
        .authenticator(Arc::new(Tokens))
        .routes(routes.table().to_vec())
        .build();
    tongban_ui::router(app, vec![routes])
}

impl Site {
    async fn open() -> Self {
        let database = tongban_testkit::sqlite(&migrations()).await;
        Self {
            house: House::new(database.db()),
            router: router(database.db(), actors::clock()),
            database,
        }
    }

    /// The same pages when it has become that day.
    fn on_day(&mut self, day: Date) {
        let noon = Timestamp::start_of(day).plus_minutes(12 * 60);
        self.router = router(self.database.db(), Clock::given(noon));
    }

    async fn send(&self, method: &str, path: &str, who: &str, body: &str) -> (StatusCode, String) {
        let kind = if path.starts_with("/api/") {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {who}"))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body.to_owned()))
            .unwrap();
        let response = tower::ServiceExt::oneshot(self.router.clone(), request)
            .await
            .unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn page(&self, path: &str) -> Html {
        let (status, text) = self.send("GET", path, "supervisor", "").await;
        assert_eq!(status, StatusCode::OK, "{text}");
        Html::parse(&text)
    }
}

#[tokio::test]
async fn each_bad_level_has_its_days_and_the_queue_says_when_they_are_over() {
    covers!("HD-214");
    let mut site = Site::open().await;
    for (number, level) in [("A1", 4), ("A2", 5)] {
        let id = site.house.rated(number, level).await;
        let order = Verification {
            finding: Some(Finding::True),
            note: "情况属实".into(),
            order: "更新样本".into(),
            reply: String::new(),
        };
        let supervisor = &site.house.supervisor;
        let ordered = verify(&site.house.reviews, supervisor, id, order)
            .await
            .unwrap();
        assert_eq!(ordered.due_on, Some(day("2026-12-15")), "level {level}");
    }
    for (today, late) in [("2026-12-15", false), ("2026-12-16", true)] {
        site.on_day(day(today));
        let queue = site.page("/workbench/reviews?view=rectifying").await;
        let due = queue.texts("td[data-label=整改期限]");
        assert_eq!(due.len(), 2, "{due:?}");
        let right = |due: &String| due.contains("12月15日") && due.contains("已超期") == late;
        assert!(due.iter().all(right), "{today}: {due:?}");
    }
}

#[tokio::test]
async fn the_form_shows_five_choices_and_then_the_remarks_of_the_chosen_one() {
    covers!("HD-263");
    let site = Site::open().await;
    let case = site.house.case("A1");
    let show = |query: &str| {
        let submission = RatingSubmission::parse(query);
        let form = RatingForm::new(&case, "/me/cases/1/review", "mark", &submission, None);
        Html::parse(&rating_page(Page::default(), &case, "/me/cases/1", &form).unwrap())
    };
    let first = show("");
    assert_eq!(
        first.texts("a[data-level] .tb-tile-name"),
        ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]
    );
    assert!(!first.has("textarea"));
    let second = show("level=4");
    assert_eq!(second.text("a[aria-current] .tb-tile-note"), "已选");
    assert_eq!(second.all("input[name=tags]").len(), 8);
    assert_eq!(
        second.one("input[name=level]").attribute("value"),
        Some("4")
    );
    assert_eq!(
        second.one("form").attribute("action"),
        Some("/me/cases/1/review")
    );
    assert!(!show("level=9").has("textarea"));
    assert!(second.has("textarea"));
    let tags = |page: &Html| -> Vec<String> {
        let all = page.all("input[name=tags]");
        let values = all.iter().filter_map(|tag| tag.attribute("value"));
        values.map(str::to_owned).collect()
    };
    let (bad, good) = (tags(&second), tags(&show("level=1")));
    assert!(good.len() == 8 && good.iter().all(|tag| !bad.contains(tag)));
    let none = RatingSubmission::parse("words=x").into_review(Channel::Web);
    let house = &site.house;
    let refused = house.rate(&house.citizen, &case, none).await.unwrap_err();
    assert_eq!(refused.field_errors()[0].pointer, "/level");
}

#[tokio::test]
async fn a_refused_form_comes_back_with_its_words_and_the_fault_beside_the_field() {
    let site = Site::open().await;
    let case = site.house.case("A1");
    let body = format!(
        "level=5&tags=115&tags=510&words={}<script>",
        "a".repeat(500)
    );
    let given = RatingSubmission::parse(&body);
    assert_eq!(given.tags, ["115", "510"]);
    let review = given.clone().into_review(Channel::Web);
    let problem = site
        .house
        .rate(&site.house.citizen, &case, review)
        .await
        .unwrap_err();
    let form = RatingForm::new(&case, "/r", "mark", &given, Some(&problem));
    let page = Html::parse(&rating_page(Page::default(), &case, "/c", &form).unwrap());
    assert_eq!(page.all(".tb-summary li").len(), 2);
    assert!(page.text("textarea").ends_with("a<script>"));
    assert!(!page.has("textarea script"));
    assert!(page.text("#f-words-error").contains("最多 500 个字"));
    assert_eq!(page.all("input[name=tags][checked]").len(), 1);
}

#[tokio::test]
async fn the_supervisor_works_a_bad_rating_from_queue_to_answer() {
    let site = Site::open().await;
    let id = site.house.rated("A1", 5).await;
    let queue = site.page("/workbench/reviews").await;
    assert_eq!(queue.text("tbody .tb-number"), "A1");
    let record = format!("/workbench/reviews/{id}");
    assert_eq!(
        queue.one("td.tb-cell-main a").attribute("href"),
        Some(record.as_str())
    );

    let verify = format!("{record}/verify");
    let (status, text) = site
        .send("POST", &verify, "supervisor", "finding=true&note=ok")
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let again = Html::parse(&text);
    assert!(again.has("#f-order-error") && again.has("#f-finding[checked]"));
    assert_eq!(again.text("#f-note"), "ok");
    let (status, _) = site
        .send(
            "POST",
            &verify,
            "supervisor",
            "finding=true&note=ok&order=do",
        )
        .await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (status, _) = site
        .send(
            "POST",
            &verify,
            "supervisor",
            "finding=true&note=ok&order=do",
        )
        .await;
    assert_eq!(status, StatusCode::CONFLICT);

    let api = format!("/api/v1/reviews/{id}/feedback");
    let body = "{\"feedback\":\"done\",\"reply\":\"thanks\"}";
    let (status, text) = site.send("POST", &api, "supervisor", body).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let page = site.page(&record).await;
    assert_eq!(page.all(".tb-timeline li").len(), 3);
    assert!(!page.has("main form"));
    let counts = site.page("/workbench/reviews/statistics").await;
    assert_eq!(counts.texts("tr[data-item] td")[6], "1");
}

#[tokio::test]
async fn the_pages_are_closed_to_others() {
    let site = Site::open().await;
    let id = site.house.rated("A1", 5).await;
    for path in [
        "/workbench/reviews".to_owned(),
        "/workbench/reviews/statistics".to_owned(),
        format!("/workbench/reviews/{id}"),
        "/api/v1/reviews".to_owned(),
        format!("/api/v1/reviews/{id}"),
    ] {
        for who in ["clerk", "citizen"] {
            let (status, _) = site.send("GET", &path, who, "").await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{path} {who}");
        }
    }
    let (status, _) = site
        .send(
            "GET",
            &format!("/workbench/reviews/{}", Uuid::now_v7()),
            "supervisor",
            "",
        )
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_applicant_reads_the_answer_and_not_the_office_s_notes() {
    let site = Site::open().await;
    let case = site.house.case("A1");
    let new = RatingSubmission::parse("level=5&tags=115&words=太慢").into_review(Channel::Web);
    site.house
        .rate(&site.house.citizen, &case, new)
        .await
        .unwrap();
    let waiting = site.house.of_case(case.case_id).await.remove(0);
    let show = |review: &tongban_reviews::ReviewView| {
        Html::parse(&rated_page(Page::default(), review, "/me/cases/1").unwrap())
    };
    let page = show(&waiting);
    assert_eq!(page.text(".tb-badge"), "待核实");
    let mut answered = waiting;
    answered.finding = "内部情况".into();
    answered.reply = "已改进".into();
    let page = show(&answered);
    let facts = page.texts("dd");
    assert!(facts.contains(&"已改进".to_owned()) && facts.contains(&"太慢".to_owned()));
    assert!(!page.text("main").contains("内部情况"));
}
