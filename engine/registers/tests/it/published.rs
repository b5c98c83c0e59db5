//! Records that are read as pages: what is out, in what order, for whom; files and links of records.

use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use tongban_operations::{GuidePage, Guides};
use tongban_registers::{ListQuery, RecordId};
use tongban_testkit::actors::{self, MONDAY_MORNING};
use tongban_testkit::on_both_databases;
use tongban_ui::Addition;

use crate::house::migrations;
use crate::site::{PNG, Site};
use crate::units::{UNIT, Units, later, read};

pub const NOTICE: &str = r#"
code = "notice"
title = "通知公告"
key = "number"
list = ["title", "status"]
filters = ["title", "status"]

[access]
clerk = { read = "all", write = true }

[publish]
to = ["clerk", "liaison"]
path = "notices"
where = "record.status == 'published'"
title = "title"
body = "content"
date = "published_on"
until = "ends_on"
pinned = "important"
category = "business"
carousel = true

[schema]
type = "object"
additionalProperties = false
required = ["number", "title", "status"]
[schema.properties]
number = { type = "string", title = "编号", maxLength = 10 }
title = { type = "string", title = "标题", maxLength = 60 }
content = { type = "string", title = "内容", maxLength = 2000 }
status = { title = "状态", oneOf = [ { const = "draft", title = "草稿" }, { const = "published", title = "已发布" } ] }
published_on = { type = "string", title = "发布日期", format = "date" }
ends_on = { type = "string", title = "截止日期", format = "date" }
important = { type = "boolean", title = "重点提醒" }
business = { title = "业务", oneOf = [ { const = "passport", title = "护照" }, { const = "visa", title = "签证" } ] }
link = { type = "string", title = "外部链接", format = "link" }
attachment = { type = "string", title = "附件", format = "file", formats = ["png", "pdf"], max_mb = 1 }
"#;

fn notice(number: &str, title: &str, day: &str) -> Json {
    json!({
        "number": number, "title": title, "status": "published", "published_on": day,
        "content": format!("{title}的内容。\n第二段。"), "important": false, "business": "passport",
    })
}

async fn enter(units: &Units, data: &Json) -> RecordId {
    let made = units
        .registers
        .create(&units.clerk, "notice", data.into())
        .await;
    made.unwrap()
}

async fn change(units: &Units, (id, seen): (RecordId, i64), data: &Json) {
    let registers = &units.registers;
    let changed = registers
        .change(&units.clerk, "notice", (id, seen), data.into())
        .await;
    changed.unwrap();
}

async fn carousel(units: &Units) -> Vec<String> {
    let found = units.registers.highlights(&units.clerk).await.unwrap();
    found.into_iter().map(|highlight| highlight.title).collect()
}

on_both_databases! {
    &migrations();

    async fn the_pinned_come_first_then_the_newest_and_at_most_five_stand_out(db: Db) {
        let units = Units::with(db, &[("notice", NOTICE)]);
        enter(&units, &notice("1", "甲", "2026-11-01")).await;
        enter(&units, &notice("2", "乙", "2026-11-20")).await;
        let mut third = notice("3", "丙", "2026-11-10");
        third["important"] = json!(true);
        let id = enter(&units, &third).await;
        assert_eq!(carousel(&units).await, ["丙", "乙", "甲"]);
        third["important"] = json!(false);
        change(&units, (id, 1), &third).await;
        assert_eq!(carousel(&units).await, ["乙", "丙", "甲"]);
        for number in ["4", "5", "6"] {
            enter(&units, &notice(number, &format!("第{number}"), "2026-10-01")).await;
        }
        assert_eq!(carousel(&units).await.len(), 5);
    }

    async fn what_is_not_out_today_is_nowhere(db: Db) {
        let units = Units::with(db, &[("notice", NOTICE)]);
        let mut draft = notice("1", "草稿", "2026-11-01");
        draft["status"] = json!("draft");
        let id = enter(&units, &draft).await;
        enter(&units, &notice("2", "未到", "2026-11-24")).await;
        let mut ended = notice("3", "已止", "2026-11-01");
        ended["ends_on"] = json!("2026-11-22");
        enter(&units, &ended).await;
        let mut last_day = notice("4", "末日", "2026-11-01");
        last_day["ends_on"] = json!("2026-11-23");
        enter(&units, &last_day).await;
        assert_eq!(carousel(&units).await, ["末日"]);
        draft["status"] = json!("published");
        change(&units, (id, 1), &draft).await;
        assert_eq!(carousel(&units).await, ["末日", "草稿"]);
        units.registers.delete(&units.clerk, "notice", (id, 2), "示例").await.unwrap();
        assert_eq!(carousel(&units).await, ["末日"]);
        let next_day = later(&units.clerk, 24 * 60);
        let out = units.registers.highlights(&next_day).await.unwrap();
        assert_eq!(out.iter().map(|h| h.title.as_str()).collect::<Vec<_>>(), ["未到"]);
    }

    async fn a_guide_is_found_by_the_business_that_it_is_of(db: Db) {
        let units = Units::with(db, &[("notice", NOTICE)]);
        let mut guide = notice("1", "护照指南", "2026-11-01");
        guide["link"] = json!("https://guide.example.com/");
        enter(&units, &guide).await;
        let of = async |category: &str| {
            guides_of(&units, "notice", category).await
        };
        let found = of("passport").await;
        assert_eq!((found.len(), found[0].title.as_str()), (1, "护照指南"));
        assert_eq!(found[0].paragraphs, ["护照指南的内容。", "第二段。"]);
        assert_eq!(found[0].links[0].href, "https://guide.example.com/");
        assert!(found[0].href.starts_with("/workbench/pages/notices/"));
        assert!(of("visa").await.is_empty());
        assert!(guides_of(&units, "unit", "passport").await.is_empty());
    }
}

#[tokio::test]
async fn officers_of_the_roles_read_search_and_download_and_nobody_else_does() {
    let site = Site::open(&[("notice", NOTICE), ("unit", UNIT)]).await;
    let new = "/workbench/registers/notice/new";
    let fields = [
        ("number", "1"),
        ("title", "护照公告"),
        ("status", "published"),
        ("content", "维护通知"),
        ("published_on", "2026-11-20"),
        ("business", "passport"),
        ("important", "false"),
        ("link", "https://www.example.com/"),
    ];
    let (status, _, record) = site
        .send_files(
            new,
            "clerk",
            &fields,
            &[("attachment", "测试一的身份证.png", PNG)],
        )
        .await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let base = "/workbench/pages/notices";
    let list = site.page(base, "liaison").await;
    assert_eq!(list.texts("tbody td:first-child"), ["护照公告"]);
    let id = record.rsplit('/').next().unwrap();
    let page = site.page(&format!("{base}/{id}"), "liaison").await;
    assert!(page.text("article").contains("维护通知"));
    assert!(page.has("article a[href='https://www.example.com/']"));
    let file = format!("{base}/{id}/files/attachment");
    assert!(page.has(&format!("article img[src='{file}']")));
    // What the file was called where it came from is nobody's concern.
    let shown = page.text("article");
    assert!(
        shown.contains("附件.png") && !shown.contains("身份证"),
        "{shown}"
    );
    let (status, content) = site.bytes(&file, "liaison").await;
    assert_eq!((status, content.as_slice()), (StatusCode::OK, PNG));
    for (query, rows) in [
        ("?q=维护", 1),
        ("?q=签证", 0),
        ("?category=passport", 1),
        ("?category=visa", 0),
    ] {
        let found = site.page(&format!("{base}{query}"), "liaison").await;
        assert_eq!(found.texts("tbody tr").len(), rows, "{query}");
    }
    for path in [
        base.to_owned(),
        format!("{base}/{id}"),
        file.clone(),
        "/pages/notices".to_owned(),
    ] {
        let (status, ..) = site.send("GET", &path, "stranger", "").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    let (status, ..) = site.send("GET", new, "liaison", "").await;
    assert_eq!(
        status,
        StatusCode::FORBIDDEN,
        "whoever reads publishes nothing"
    );

    let open = site.page(&record, "clerk").await;
    assert!(open.has(&format!("a[href='{record}/files/attachment']")));
    let deletion = format!("{record}/delete");
    let (status, ..) = site
        .send("POST", &deletion, "clerk", "_version=1&reason=x")
        .await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    for path in [format!("{base}/{id}"), file] {
        let (status, ..) = site.send("GET", &path, "liaison", "").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(
        site.page(base, "liaison").await.text(".tb-empty-title"),
        "还没有内容"
    );
}

#[tokio::test]
async fn what_is_public_is_read_by_anybody_in_pages_of_twenty() {
    let public = NOTICE.replace("to = [\"clerk\", \"liaison\"]", "to = \"public\"");
    let site = Site::open(&[("notice", &public)]).await;
    for number in 1..=25 {
        enter(
            &site.units,
            &notice(
                &number.to_string(),
                &format!("第{number:02}号"),
                "2026-11-01",
            ),
        )
        .await;
    }
    let first = site.page("/pages/notices", "nobody").await;
    assert_eq!(first.texts("tbody tr").len(), 20);
    let next = first
        .one("a[rel=next]")
        .attribute("href")
        .unwrap()
        .to_owned();
    let second = site.page(&next, "nobody").await;
    assert_eq!(
        second.texts("tbody td:first-child"),
        ["第05号", "第04号", "第03号", "第02号", "第01号"]
    );
    let back = second
        .one("a[rel=prev]")
        .attribute("href")
        .unwrap()
        .to_owned();
    let again = site.page(&back, "nobody").await;
    assert_eq!(
        again.texts("tbody td:first-child"),
        first.texts("tbody td:first-child")
    );
    let (status, ..) = site
        .send("GET", "/workbench/pages/notices", "clerk", "")
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_is_judged_before_it_is_kept_and_stays_until_it_is_taken_away() {
    let site = Site::open(&[("unit", UNIT)]).await;
    let fields = [
        ("code", "U1"),
        ("name", "示例单位"),
        ("organisation", "unit-1"),
        ("status", "active"),
    ];
    let new = "/workbench/registers/unit/new";
    for (name, content) in [
        ("公章.png", b"no picture".as_slice()),
        ("公章.exe", PNG),
        ("空.png", b""),
    ] {
        let file = [("seal_sample", name, content)];
        let (status, page, _) = site.send_files(new, "clerk", &fields, &file).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(page.has("#f-seal_sample-error"), "{name}");
        assert_eq!(
            page.one("#field-name").attribute("value"),
            Some("示例单位"),
            "kept"
        );
    }
    let wrong = [fields.as_slice(), &[("website", "javascript:alert(1)")]].concat();
    let (status, page, _) = site.send_files(new, "clerk", &wrong, &[]).await;
    assert_eq!(
        (status, page.has("#field-website-error")),
        (StatusCode::UNPROCESSABLE_ENTITY, true)
    );
    let file = [("seal_sample", "公章.png", PNG)];
    let (status, _, record) = site.send_files(new, "clerk", &fields, &file).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let opened = format!("{record}/files/seal_sample");
    assert_eq!(site.bytes(&opened, "clerk").await.1, PNG);
    let (status, ..) = site.send("GET", &opened, "liaison", "").await;
    assert_eq!(status, StatusCode::NOT_FOUND, "of another unit");
    let change = format!("{record}/change");
    let kept = [
        fields.as_slice(),
        &[("_version", "1"), ("leader", "测试甲")],
    ]
    .concat();
    let (status, ..) = site.send_files(&change, "clerk", &kept, &[]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(site.bytes(&opened, "clerk").await.0, StatusCode::OK);
    let gone = [
        fields.as_slice(),
        &[("_version", "2"), ("_remove", "seal_sample")],
    ]
    .concat();
    let (status, ..) = site.send_files(&change, "clerk", &gone, &[]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(site.bytes(&opened, "clerk").await.0, StatusCode::NOT_FOUND);
    let history = site.page(&record, "clerk").await;
    assert!(
        history
            .texts(".tb-timeline .tb-before")
            .contains(&"公章.png".to_owned())
    );
    let (units, all) = (&site.units, ListQuery::default());
    let list = units.registers.list(&units.clerk, "unit", &all);
    assert_eq!(list.await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn a_page_has_the_buttons_of_the_officer_and_the_menu_what_his_role_reads() {
    let site = Site::open(&[("unit", UNIT), ("notice", NOTICE)]).await;
    let unit =
        json!({ "code": "U1", "name": "示例单位", "organisation": "unit-9", "status": "active" });
    let id = site.units.enter(&unit).await.unwrap();
    let path = format!("/workbench/registers/unit/{id}");
    let clerks = site.page(&path, "clerk").await;
    assert_eq!(clerks.texts(".tb-head form button"), ["锁定", "信息变更"]);
    let form = clerks.one("form[action='/workbench/start/unit-lock'] input[name=about]");
    assert_eq!(form.attribute("value"), Some(id.to_string().as_str()));
    let liaisons = site.page(&path, "liaison-9").await;
    assert_eq!(liaisons.texts(".tb-head form button"), ["信息变更"]);
    let lines = |ctx: &tongban_base::Ctx| -> Vec<String> {
        let lines = site.units.registers.menu(&ctx.actor);
        lines.into_iter().map(|(_, line)| line.label).collect()
    };
    assert_eq!(lines(&site.units.clerk), ["台账", "通知公告"]);
    let stranger = actors::staff("visitor", "测试人员", &[]);
    assert_eq!(lines(&stranger), Vec::<String>::new());
    assert_eq!(lines(&actors::anonymous()), Vec::<String>::new());
    let own = site.page("/workbench/registers", "liaison-9").await;
    assert_eq!(own.texts(".tb-tile-name"), ["申报单位"]);
}

#[test]
fn what_is_published_is_checked() {
    for (from, to, told) in [
        (
            "title = \"title\"",
            "title = \"caption\"",
            "title：没有“caption”",
        ),
        (
            "date = \"published_on\"",
            "date = \"title\"",
            "date：“title”应为日期",
        ),
        (
            "pinned = \"important\"",
            "pinned = \"title\"",
            "pinned：“title”应为是否",
        ),
        ("path = \"notices\"", "path = \"Notices/1\"", "path 只能用"),
        (
            "to = [\"clerk\", \"liaison\"]",
            "to = \"everybody\"",
            "to 应为 public",
        ),
        (
            "record.status == 'published'",
            "record.state == 'published'",
            "[publish]",
        ),
        ("carousel = true", "carrousel = true", "carrousel"),
    ] {
        let changed = NOTICE.replacen(from, to, 1);
        assert_ne!(changed, NOTICE, "{from}");
        let found = read(&[("notice", &changed)]).unwrap_err().join("\n");
        assert!(found.contains(told), "{to}: {found}");
    }
}

/// The guides of a business, as a page would read them.
async fn guides_of(units: &Units, register: &str, category: &str) -> Vec<GuidePage> {
    let input = (
        units.registers.clone(),
        register.to_owned(),
        category.to_owned(),
    );
    let read = units.db.read(input, |tx, (registers, register, category)| {
        Guides::of(registers, tx, register, category, MONDAY_MORNING)
    });
    read.await.unwrap()
}
