//! The pages over the real routes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tongban_base::{Actor, StaffScope, Timestamp, Uuid};
use tongban_registers::module;
use tongban_testkit::{Html, TestDatabase, actors};
use tongban_ui::{AppBuilder, Authenticator, SiteSettings};

use crate::house::{House, REGISTER, id_number, migrations, person};

/// `manager` and `reader` of the office, `clerk` without a right; anything else is a citizen.
struct Tokens;

impl Authenticator for Tokens {
    fn authenticate<'a>(
        &'a self,
        token: &'a str,
        _: Timestamp,
    ) -> Pin<Box<dyn Future<Output = tongban_base::Result<Option<Actor>>> + Send + 'a>> {
        let permissions: &[&str] = match token {
            "manager" => &["register.read", "register.manage"],
            "reader" => &["register.read"],
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
    _database: TestDatabase,
}

impl Site {
    async fn open() -> Self {
        let database = tongban_testkit::sqlite(&migrations()).await;
        let house = House::new(database.db());
        let routes = (module().routes)();
        let settings = SiteSettings::default();
        let app = AppBuilder::new(database.db(), actors::clock(), settings)
            .with(Arc::new(house.registers.clone()))
            .authenticator(Arc::new(Tokens))
            .routes(routes.table().to_vec())
            .build();
        Self {
            house,
            router: tongban_ui::router(app, vec![routes]),
            _database: database,
        }
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        who: &str,
        body: &str,
    ) -> (StatusCode, Html, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {who}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()))
            .unwrap();
        let response = tower::ServiceExt::oneshot(self.router.clone(), request)
            .await
            .unwrap();
        let status = response.status();
        let location = response.headers().get(header::LOCATION);
        let location = location.map_or("", |l| l.to_str().unwrap()).to_owned();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap();
        (
            status,
            Html::parse(std::str::from_utf8(&body).unwrap()),
            location,
        )
    }

    async fn page(&self, path: &str, who: &str) -> Html {
        let (status, page, _) = self.send("GET", path, who, "").await;
        assert_eq!(status, StatusCode::OK, "{path}");
        page
    }
}

const BASE: &str = "/workbench/registers/practitioner";

fn posted(name: &str, number: &str) -> String {
    format!(
        "csrf=x&name={name}&sex=female&id_number={number}&birth_date=1990-01-01&division=310101000000\
         &categories=01001&categories=02001&status=active&mobile=&nationality=&note="
    )
}

#[tokio::test]
async fn a_record_is_entered_found_changed_and_deleted_on_pages() {
    let site = Site::open().await;
    let all = site.page("/workbench/registers", "reader").await;
    let titles = all.texts(".tb-tile-name");
    for own in [
        "机构库（示例）",
        "限制办理记录（示例）",
        "从业人员档案",
        "系统公告（示例）",
    ] {
        assert!(
            titles.iter().any(|title| title == own),
            "{own} among {titles:?}"
        );
    }
    let empty = site.page(BASE, "manager").await;
    assert_eq!(empty.text(".tb-empty-title"), "还没有记录");
    let form = site.page(&format!("{BASE}/new"), "manager").await;
    assert_eq!(
        form.all("select[name=division] option[value='310101000000']")
            .len(),
        1
    );
    assert_eq!(
        form.one("input[name=nationality]").attribute("value"),
        Some("中国")
    );

    let new = format!("{BASE}/new");
    let (status, again, _) = site
        .send(
            "POST",
            &new,
            "manager",
            &posted("Test", "310000199001010011"),
        )
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.has("#field-id_number-error"));
    assert_eq!(
        again.one("#field-name").attribute("value"),
        Some("Test"),
        "kept"
    );
    let (status, _, record) = site
        .send("POST", &new, "manager", &posted("Test", &id_number(1)))
        .await;
    assert_eq!(status, StatusCode::SEE_OTHER);

    let page = site.page(&record, "reader").await;
    let facts = page.texts("dd");
    assert!(facts.contains(&"经营性道路旅客运输驾驶员、经营性道路货物运输驾驶员".to_owned()));
    assert!(!page.text("main").contains(&id_number(1)), "masked");
    assert!(
        !page.has(&format!("a[href='{record}/change']")),
        "readers cannot change"
    );

    let change = site.page(&format!("{record}/change"), "manager").await;
    assert_eq!(
        change.one("#field-id_number").attribute("value"),
        Some(id_number(1).as_str())
    );
    let body = format!("_version=1&{}", posted("Changed", &id_number(1)));
    let (status, ..) = site
        .send("POST", &format!("{record}/change"), "manager", &body)
        .await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (status, ..) = site
        .send("POST", &format!("{record}/change"), "manager", &body)
        .await;
    assert_eq!(status, StatusCode::CONFLICT, "an old page");
    let page = site.page(&record, "manager").await;
    assert_eq!(page.texts(".tb-timeline .tb-event-title"), ["变更", "登记"]);
    assert_eq!(
        page.texts(".tb-timeline li:first-child .tb-before"),
        ["Test"]
    );
    assert_eq!(
        page.texts(".tb-timeline li:first-child .tb-after"),
        ["Changed"]
    );

    let delete = format!("{record}/delete");
    let (status, again, _) = site
        .send("POST", &delete, "manager", "_version=2&reason=")
        .await;
    assert_eq!(
        (status, again.has("#f-reason-error")),
        (StatusCode::UNPROCESSABLE_ENTITY, true)
    );
    let (status, ..) = site
        .send("POST", &delete, "manager", "_version=2&reason=x")
        .await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(site.page(BASE, "reader").await.texts("tbody tr").len(), 0);
}

#[tokio::test]
async fn the_list_has_the_columns_and_filters_of_the_definition() {
    let site = Site::open().await;
    site.house.create(&person("测试一", 1)).await.unwrap();
    let page = site.page(BASE, "reader").await;
    assert_eq!(
        page.texts("th"),
        [
            "姓名",
            "身份证号",
            "性别",
            "从业资格类别",
            "所在区",
            "工作单位",
            "诚信考核等级",
            "状态"
        ]
    );
    assert_eq!(page.texts("tbody td")[4], "黄浦区");
    let narrowed = format!("{BASE}?categories=03001");
    let none = site.page(&narrowed, "reader").await;
    assert_eq!(none.text(".tb-empty-title"), "没有符合条件的记录");
    assert!(none.has("select[name=categories] option[value='03001'][selected]"));
}

#[tokio::test]
async fn the_pages_are_closed_to_whoever_has_no_right() {
    let site = Site::open().await;
    let id = site.house.create(&person("测试一", 1)).await.unwrap();
    let record = format!("{BASE}/{id}");
    for path in [
        "/workbench/registers".to_owned(),
        BASE.to_owned(),
        record.clone(),
    ] {
        for who in ["clerk", "citizen"] {
            let (status, ..) = site.send("GET", &path, who, "").await;
            // Whether there is such a record is not told to an officer who may not read it.
            let closed = match (who, path == record) {
                ("clerk", true) => StatusCode::NOT_FOUND,
                _ => StatusCode::FORBIDDEN,
            };
            assert_eq!(status, closed, "{path} {who}");
        }
    }
    for path in [
        format!("{BASE}/new"),
        format!("{record}/change"),
        format!("{record}/delete"),
    ] {
        let (status, ..) = site
            .send("POST", &path, "reader", "reason=x&_version=1")
            .await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in [
        "/workbench/registers/nothing",
        &format!("/workbench/registers/hold/{id}"),
    ] {
        let (status, ..) = site.send("GET", path, "reader", "").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(
        site.house.names(&site.house.officer, &[]).await.len() == 1,
        "{REGISTER}"
    );
}
