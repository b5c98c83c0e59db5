//! A guide that has to be confirmed: nothing goes on before, a new version asks again, and the journal says who read which.

use serde_json::json;
use tongban_cases::{
    CaseEvent, DraftId, begin_application, confirm_guides, open_application, open_case, save_form,
    submit_case,
};
use tongban_packs::Folder;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::drawn::faults;
use crate::house::{Site, migrations};
use crate::internal::typed;

const GUIDES: &str = r#"
code = "handbook"
title = "办理指南"
key = "number"
list = ["number", "title"]
indexes = [["title"]]

[publish]
to = ["liaison"]
path = "handbook"
title = "title"
body = "content"
category = "business"

[schema]
type = "object"
additionalProperties = false
required = ["number", "title", "content", "business"]

[schema.properties]
number = { type = "string", title = "编号", maxLength = 20 }
title = { type = "string", title = "标题", maxLength = 50 }
content = { type = "string", title = "内容", maxLength = 500 }
business = { title = "业务", oneOf = [{ const = "unit-filing", title = "单位备案" }] }
"#;

fn pack() -> Folder {
    let folder = typed();
    let filing = folder.text("procedures/unit-filing.toml").unwrap().replace(
        "one_open = true",
        "one_open = true\nguide = { register = \"handbook\", confirm = true }",
    );
    folder
        .with("procedures/unit-filing.toml", filing)
        .with("registers/handbook.toml", GUIDES.to_owned())
}

const FIELDS: [(&str, &str); 4] = [
    ("number", "1"),
    ("title", "备案须知"),
    ("content", "请先盖章"),
    ("business", "unit-filing"),
];

async fn shown(site: &Site, draft: DraftId) -> String {
    let ctx = site.officer_at("liaison-1", MONDAY_MORNING).await;
    let application = open_application(&site.house.desk, &ctx, draft).await;
    application.unwrap().guides_shown()
}

on_both_databases! {
    &migrations();

    async fn nothing_is_filed_before_the_guide_is_confirmed_in_its_last_version(db: Db) {
        let site = Site::with_pack(db, pack()).await;
        let desk = &site.house.desk;
        let clerk = site.officer("unit-clerk").await;
        let made = clerk.post("/workbench/registers/handbook/new", &FIELDS).await;
        let record = made.leads_to().to_owned();
        let liaison = site.officer_at("liaison-1", MONDAY_MORNING).await;
        let draft = begin_application(desk, &liaison, "unit-filing").await.unwrap();
        let form = json!({ "contact": "测试寅", "mobile": "19900000066" });
        save_form(desk, &liaison, draft, &form).await.unwrap();
        let refused = submit_case(desk, &liaison, draft).await.unwrap_err();
        assert_eq!(refused.field_errors()[0].pointer, "/guide");

        let browser = site.officer("liaison-1").await;
        let page = format!("/workbench/drafts/{draft}");
        assert_eq!(browser.get(&page).await.leads_to(), format!("{page}/guide"));
        assert_eq!(browser.get(&format!("{page}/unit")).await.leads_to(), format!("{page}/guide"));
        let first = shown(&site, draft).await;
        let unticked = browser.post(&format!("{page}/guide"), &[("_guides", &first), ("go", "next")]).await;
        assert_eq!(unticked.status.as_u16(), 422);
        assert!(unticked.html().text(".tb-error").contains("我已阅读并知晓"));

        // Between the page and the click the guide was changed.
        let version = clerk.get(&format!("{record}/change")).await.html();
        let version = version.one("input[name=_version]").attribute("value").unwrap().to_owned();
        let mut fields = FIELDS.to_vec();
        fields[2] = ("content", "请先盖章并签字");
        fields.push(("_version", &version));
        clerk.post(&format!("{record}/change"), &fields).await.leads_to();
        let sent = [("_guides", first.as_str()), ("guide_read", "true"), ("go", "next")];
        let stale = browser.post(&format!("{page}/guide"), &sent).await;
        assert!(stale.html().text(".tb-error").contains("办理指南刚刚有更新"));

        let second = shown(&site, draft).await;
        assert_ne!(first, second);
        for _ in ["a click", "a second click"] {
            confirm_guides(desk, &liaison, draft, second.clone()).await.unwrap();
        }
        assert_eq!(browser.get(&page).await.leads_to(), format!("{page}/unit"));
        let case = submit_case(desk, &liaison, draft).await.unwrap().case;
        let view = open_case(desk, &liaison, case).await.unwrap();
        let read = view.events.iter().find_map(|event| match &event.what {
            Some(CaseEvent::GuidesRead { guides }) => Some((event.actor_name.clone(), guides.clone())),
            _ => None,
        });
        let (by, guides) = read.unwrap();
        assert_eq!((by.as_str(), guides.len(), guides[0].version), ("测试寅", 1, 2));
        let page = browser.get(&format!("/workbench/mine/{case}")).await.ok().text();
        assert!(page.contains("《备案须知》第2版"));
    }
}

#[test]
fn a_guide_that_is_written_wrongly_is_told() {
    assert_eq!(faults(pack()), Vec::<String>::new());
    for (from, to, said) in [
        ("confirm = true", "confirmed = true", "guide 的写法有误"),
        (
            "handbook\", confirm",
            "handbooks\", confirm",
            "登记簿 handbooks 不在包里",
        ),
    ] {
        let before = pack()
            .text("procedures/unit-filing.toml")
            .unwrap()
            .to_owned();
        let after = before.replacen(from, to, 1);
        assert_ne!(before, after);
        let found = faults(pack().with("procedures/unit-filing.toml", after)).join("\n");
        assert!(found.contains(said), "{found}");
    }
}
