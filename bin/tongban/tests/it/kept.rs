//! What an administrator keeps of an installation: divisions, organisations, roles, days off, on pages and in effect at once.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::Value as Json;
use tongban_base::calendar::DayKind;
use tongban_base::{Ctx, Date};
use tongban_cases::look;
use tongban_identity::assign_roles;
use tongban_packs::EntryKind;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{Html, covers, on_both_databases};

use crate::browser::{Answer, Browser};
use crate::house::{ITEM, Site, migrations};

const PAGE: &str = "/workbench/installation";

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn seen(page: &Html) -> String {
    let field = page.one("input[name=seen]");
    field.attribute("value").unwrap_or_default().to_owned()
}

/// Sends the form of an entry as it stands on its page now.
pub async fn send(browser: &Browser, entry: &str, verb: &str, fields: &[(&str, &str)]) -> Answer {
    let address = format!("{PAGE}/{entry}");
    let seen = seen(&browser.get(&address).await.ok().html());
    let mut all = fields.to_vec();
    all.extend([("seen", seen.as_str()), ("reason", "演示维护")]);
    browser.post(&format!("{address}{verb}"), &all).await
}

async fn add(browser: &Browser, kind: &str, fields: &[(&str, &str)]) -> Answer {
    let mut all = fields.to_vec();
    all.push(("reason", "演示新增"));
    browser.post(&format!("{PAGE}/{kind}"), &all).await
}

/// Holidays and days at work of a year, as one types them.
pub fn days_of(site: &Site, year: &str) -> (String, String) {
    let installation = site.house.desk.catalog.installation();
    let body = &installation.entry(EntryKind::Year, year).unwrap().body;
    let lines = |field: &str| {
        let days = body[field].as_array().unwrap().iter();
        let text = |day: &Json, key: &str| day[key].as_str().unwrap().to_owned();
        let line = |day: &Json| format!("{} {}", text(day, "date"), text(day, "name"));
        days.map(line).collect::<Vec<_>>().join("\n")
    };
    (lines("holidays"), lines("workdays"))
}

fn said(answer: &Answer) -> String {
    answer.html().text("main")
}

const YEAR: [(&str, &str); 3] = [
    ("code", "2027"),
    ("holidays", "2027-01-01 元旦\n2027-02-05 至 2027-02-11 春节"),
    ("workdays", "2027-02-14 春节"),
];

const OFFICE: [(&str, &str); 5] = [
    ("name", "示例市交通执法总队（虚构）"),
    ("credit_code", "11310000TEST000001"),
    ("division", "310000000000"),
    ("phone", "021-0000-0001（示例）"),
    ("address", "上海市示例路 1 号（虚构地址）"),
];

fn division<'f>(
    code: &'f str,
    name: &'f str,
    level: &'f str,
    parent: &'f str,
) -> Vec<(&'f str, &'f str)> {
    vec![
        ("code", code),
        ("name", name),
        ("level", level),
        ("parent", parent),
    ]
}

on_both_databases! {
    &migrations();

    async fn days_off_of_a_year_are_kept_on_a_page_and_count_at_once(db: Db) {
        let site = Site::on(db).await;
        let administrator = &site.officer("administrator").await;
        let calendar = || site.house.desk.catalog.calendar();
        assert!(!calendar().is_published(2027));
        let list = administrator.get(&format!("{PAGE}/year")).await.ok().html();
        assert!(list.text("#e-2026").contains("放假"), "{}", list.text("main"));
        for login in ["acceptor", "maker"] {
            let other = site.officer(login).await;
            assert_eq!(other.get(&format!("{PAGE}/year")).await.status, StatusCode::FORBIDDEN, "{login}");
            assert_eq!(add(&other, "year", &YEAR).await.status, StatusCode::FORBIDDEN, "{login}");
        }
        // Whoever may look may not write.
        let supervisor = site.officer("supervisor").await;
        assert_eq!(supervisor.get(&format!("{PAGE}/year")).await.status, StatusCode::OK);
        assert_eq!(add(&supervisor, "year", &YEAR).await.status, StatusCode::FORBIDDEN);

        let wrong = [("code", "2027"), ("holidays", "2027-01-01 元旦"), ("workdays", "2027-01-04 元旦")];
        let told = add(administrator, "year", &wrong).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(said(&told).contains("2027-01-04 不是周末"));
        assert_eq!(add(administrator, "year", &YEAR).await.status, StatusCode::SEE_OTHER);
        assert_eq!(calendar().kind(day("2027-02-10")), DayKind::Holiday("春节".into()));
        assert!(calendar().is_workday(day("2027-02-14")));
        assert_eq!(calendar().add_workdays(day("2027-02-04"), 1), day("2027-02-12"));
        assert_eq!(site.audited("installation.added", "done").await, 1);
        let kept = "SELECT detail FROM audit_entry WHERE event = 'installation.added'";
        let kept: Json = site.rows(kept).await[0].get("detail").unwrap();
        assert_eq!(kept["reason"], "演示新增");

        // A day that is changed: of two who do it the second is told.
        let seen = seen(&administrator.get(&format!("{PAGE}/year/2027")).await.ok().html());
        let sent = |holidays: &'static str| {
            let fields = [("holidays", holidays), ("reason", "改一天"), ("seen", seen.as_str())];
            async move { administrator.post(&format!("{PAGE}/year/2027"), &fields).await }
        };
        assert_eq!(sent("2027-01-01 元旦\n2027-05-01 劳动节").await.status, StatusCode::SEE_OTHER);
        let told = sent("2027-01-01 元旦").await;
        assert_eq!(told.status, StatusCode::CONFLICT);
        assert!(said(&told).contains("刚刚被别人改过"));
        assert!(calendar().is_workday(day("2027-02-10")));
        let history = administrator.get(&format!("{PAGE}/year/2027")).await.ok().html().text("main");
        assert!(history.contains("改一天") && history.contains("演示新增"), "{history}");
    }

    async fn days_that_are_set_off_or_on_change_by_how_many_days_a_case_is_late(db: Db) {
        covers!("HA-068");
        let site = Site::on(db).await;
        let long_ago = MONDAY_MORNING.plus_minutes(-21 * 24 * 60);
        site.submitted(&site.citizen_at("ceshi1", long_ago).await, 1).await;
        let approver = &site.officer("approver").await;
        let late = || async {
            let page = approver.get("/workbench/cases?late=1").await.ok().html().text("main");
            let after = page.split_once("已超期 ").unwrap().1;
            after.split_once(' ').unwrap().0.parse::<i64>().unwrap()
        };
        let administrator = &site.officer("administrator").await;
        let set = |holidays: &'static str, workdays: &'static str| {
            let (old, on) = days_of(&site, "2026");
            let (holidays, workdays) = (format!("{old}\n{holidays}"), format!("{on}\n{workdays}"));
            async move {
                let fields = [("holidays", holidays.as_str()), ("workdays", workdays.as_str())];
                let sent = send(administrator, "year/2026", "", &fields).await;
                assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", said(&sent));
            }
        };
        let before = late().await;
        assert!(before > 4, "{before}");
        set("2026-11-18 示例假日", "").await;
        assert_eq!(late().await, before - 1, "a Wednesday off");
        set("", "2026-11-21 示例假日").await;
        assert_eq!(late().await, before, "a Saturday at work");
        // The same day once more: what was said last holds.
        let back = send(administrator, "year/2026", "/restore", &[]).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER);
        set("", "2026-11-21 示例假日").await;
        assert_eq!(late().await, before + 1);
    }

    async fn a_case_is_counted_anew_when_days_off_were_kept(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        let due = || async {
            let rows = site.rows("SELECT due_on FROM case_record").await;
            rows[0].get::<Option<String>>("due_on").unwrap().unwrap()
        };
        let before = due().await;
        let administrator = site.officer("administrator").await;
        let (holidays, workdays) = days_of(&site, "2026");
        let holidays = format!("{holidays}\n{before} 示例假日");
        let fields = [("holidays", holidays.as_str()), ("workdays", workdays.as_str())];
        let changed = send(&administrator, "year/2026", "", &fields).await;
        assert_eq!(changed.status, StatusCode::SEE_OTHER);
        look(&site.house.desk, &Ctx::system(MONDAY_MORNING)).await.unwrap();
        assert!(due().await > before, "{before}, {case}");
        // Back to what the pack brings.
        let back = send(&administrator, "year/2026", "/restore", &[]).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER);
        look(&site.house.desk, &Ctx::system(MONDAY_MORNING)).await.unwrap();
        assert_eq!(due().await, before);
    }

    async fn a_renamed_office_is_called_so_everywhere_and_what_nobody_touched_follows_its_pack(db: Db) {
        let mut site = Site::on(db).await;
        let guide = format!("/items/{ITEM}");
        let administrator = site.officer("administrator").await;
        let changed = send(&administrator, "organisation/sh-transport", "", &OFFICE).await;
        assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", said(&changed));
        assert!(site.browser().get(&guide).await.ok().html().text("main").contains(OFFICE[0].1));
        let told = send(&administrator, "organisation/sh-transport", "", &OFFICE).await;
        assert!(said(&told).contains("没有修改"));
        // The office is in use.
        let told = send(&administrator, "organisation/sh-transport", "/end", &[]).await;
        assert_eq!(told.status, StatusCode::CONFLICT);
        let told = said(&told);
        assert!(told.contains("个在用的事项") && told.contains("位工作人员"), "{told}");
        assert_eq!(site.audited("installation.ended", "done").await, 0);

        let pack = tongban::packs::transport();
        let text = pack.text("organisations.toml").unwrap().to_owned();
        let other = text.replace("name = \"", "name = \"新名");
        site.republish(pack.with("organisations.toml", other)).await;
        let installation = site.house.desk.catalog.installation();
        let names: Vec<&str> = installation.organisations().map(|o| o.name.as_str()).collect();
        let (own, followed): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| !name.starts_with("新名"));
        assert_eq!(own, [OFFICE[0].1]);
        assert!(!followed.is_empty());
        let administrator = site.officer("administrator").await;
        let back = send(&administrator, "organisation/sh-transport", "/restore", &[]).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER);
        assert!(site.browser().get(&guide).await.ok().html().text("main").contains("新名"));
    }

    async fn divisions_of_five_levels_are_kept_found_exported_and_read_by_others(db: Db) {
        covers!("HD-361");
        let site = Site::on(db).await;
        let administrator = &site.officer("administrator").await;
        for fields in [
            division("319900000000", "示例市", "city", "310000000000"),
            division("319901000000", "示例区", "county", "319900000000"),
            division("319901001000", "示例街道", "town", "319901000000"),
            division("319901001001", "示例社区", "village", "319901001000"),
        ] {
            let added = add(administrator, "division", &fields).await;
            assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", said(&added));
        }
        for (fields, words) in [
            (division("319901001001", "又一个", "village", "319901001000"), "已经有这个代码"),
            (division("319902", "短代码", "county", "319900000000"), "12 位数字"),
            (division("329901000000", "别处", "county", "319900000000"), "代码以 3199 开头"),
            (division("319901002000", "倒挂", "county", "319901001000"), "级别要高于"),
            (division("319903000000", "无上级", "county", ""), "要选上级"),
        ] {
            let told = add(administrator, "division", &fields).await;
            assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
            let told = said(&told);
            assert!(told.contains(words), "{told}");
        }
        let renamed = [("name", "示例新区"), ("level", "county"), ("parent", "319900000000"), ("order", "5")];
        let changed = send(administrator, "division/319901000000", "", &renamed).await;
        assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", said(&changed));

        let list = |query: &'static str| async move {
            administrator.get(&format!("{PAGE}/division{query}")).await.ok().html().text("main")
        };
        let top = list("").await;
        assert!(top.contains("上海市") && !top.contains("示例市"), "{top}");
        assert!(list("?under=319900000000").await.contains("示例新区"));
        let found = list("?q=示例&level=village").await;
        assert!(found.contains("示例社区") && !found.contains("示例街道"), "{found}");
        let table = administrator.get(&format!("{PAGE}/division/export?under=319900000000")).await.ok().text();
        let lines: Vec<&str> = table.trim().lines().collect();
        assert_eq!(lines.len(), 4, "{table}");
        assert!(lines.iter().any(|line| line.contains("\"示例新区\",\"县（区）级\",\"319900000000\",\"5\"")), "{table}");

        let read = |query: &'static str| {
            let browser = site.browser();
            async move { browser.get(&format!("/api/v1/divisions{query}")).await.ok().json() }
        };
        let below = read("?under=319900000000").await;
        assert_eq!(below["divisions"].as_array().unwrap().len(), 3);
        assert_eq!(below["divisions"][0]["level"], "town");
        let first = read("").await;
        assert_eq!(first["divisions"].as_array().unwrap().len(), 200);
        assert!(first["next"].is_string());

        for above in ["319900000000", "319901000000", "319901001000"] {
            let told = send(administrator, &format!("division/{above}"), "/end", &[]).await;
            assert_eq!(told.status, StatusCode::CONFLICT);
            assert!(said(&told).contains("1 个下级区划"));
        }
        let ended = send(administrator, "division/319901001001", "/end", &[]).await;
        assert_eq!(ended.status, StatusCode::SEE_OTHER);
        assert!(read("?level=village").await["divisions"].as_array().unwrap().is_empty());
        let again = send(administrator, "division/319901001001", "/restore", &[]).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        assert_eq!(read("?level=village").await["divisions"][0]["name"], "示例社区");
    }

    async fn the_list_of_divisions_is_read_forward_and_back(db: Db) {
        let site = Site::on(db).await;
        let administrator = site.officer("administrator").await;
        let mut address = format!("{PAGE}/division?level=town");
        let mut pages: Vec<String> = Vec::new();
        loop {
            let page = administrator.get(&address).await.ok().html();
            pages.push(page.text("tbody"));
            if !page.has("a[rel=next]") {
                break;
            }
            address = page.one("a[rel=next]").attribute("href").unwrap().to_owned();
        }
        assert_eq!(pages.len(), 5, "234 towns");
        let last = administrator.get(&address).await.ok().html();
        let back = last.one("a[rel=prev]").attribute("href").unwrap().to_owned();
        assert_eq!(administrator.get(&back).await.ok().html().text("tbody"), pages[3]);
    }

    async fn a_form_offers_a_new_division_at_once_and_one_that_has_ended_no_more(db: Db) {
        let site = Site::on(db).await;
        let administrator = site.officer("administrator").await;
        let known = || site.house.desk.catalog.installation().known_divisions();
        let new = division("319900000000", "示例市", "city", "310000000000");
        assert_eq!(add(&administrator, "division", &new).await.status, StatusCode::SEE_OTHER);
        assert!(known().contains(&("319900000000".into(), "示例市".into(), false)));
        assert_eq!(send(&administrator, "division/319900000000", "/end", &[]).await.status, StatusCode::SEE_OTHER);
        assert!(known().contains(&("319900000000".into(), "示例市".into(), true)));
    }

    async fn what_a_role_gives_holds_from_the_next_click_on(db: Db) {
        covers!("WH-233", "WH-234", "HD-211", "HD-363", "XC-389");
        let site = Site::on(db).await;
        let administrator = &site.officer("administrator").await;
        let role = [("code", "shili-keeper"), ("title", "示例参数岗"), ("note", "演示"), ("order", "3"),
            ("permissions", "setting.read"), ("permissions", "setting.manage")];
        assert_eq!(add(administrator, "role", &role).await.status, StatusCode::SEE_OTHER);
        let found = administrator.get(&format!("{PAGE}/role?q=参数岗")).await.ok().html();
        assert!(found.text("#e-shili-keeper").contains("2 项权限"));

        // An officer gets it.
        let ctx = site.officer_at("administrator", MONDAY_MORNING).await;
        let maker = site.officer_at("maker", MONDAY_MORNING).await;
        let given = [("seen", "maker"), ("role", "maker"), ("role", "shili-keeper")];
        let staff = format!("/workbench/staff/{}/roles", maker.actor.account.unwrap());
        assert_eq!(administrator.post(&staff, &given).await.leads_to(), "/workbench/staff");
        let officer = &site.officer("maker").await;
        let setting = "/workbench/settings/correction_days";
        let button = format!("a[href='{setting}']");
        let sent = [("value", "9"), ("reason", "试"), ("seen", "15")];
        let settings = || async { officer.get("/workbench/settings").await };
        assert!(settings().await.ok().html().has(&button));

        // The button is taken away: it is gone, and whoever knows the address is refused.
        let less = [("title", "示例参数岗"), ("permissions", "setting.read")];
        assert_eq!(send(administrator, "role/shili-keeper", "", &less).await.status, StatusCode::SEE_OTHER);
        assert!(!settings().await.ok().html().has(&button));
        assert_eq!(officer.post(setting, &sent).await.status, StatusCode::FORBIDDEN);
        // The line of the menu too.
        let none = [("title", "示例参数岗")];
        assert_eq!(send(administrator, "role/shili-keeper", "", &none).await.status, StatusCode::SEE_OTHER);
        assert_eq!(settings().await.status, StatusCode::FORBIDDEN);
        assert!(!officer.get("/workbench").await.ok().html().has(".tb-side a[href='/workbench/settings']"));
        let whole = [("title", "示例参数岗"), ("permissions", "setting.read"), ("permissions", "setting.manage")];
        assert_eq!(send(administrator, "role/shili-keeper", "", &whole).await.status, StatusCode::SEE_OTHER);
        assert!(officer.get("/workbench").await.ok().html().has(".tb-side a[href='/workbench/settings']"));
        assert_eq!(officer.post(setting, &sent).await.status, StatusCode::SEE_OTHER);

        // Whoever has it keeps it from being taken out; it is asked why.
        let told = send(administrator, "role/shili-keeper", "/end", &[]).await;
        assert_eq!(told.status, StatusCode::CONFLICT);
        assert!(said(&told).contains("还有1 位工作人员"));
        let none = BTreeSet::new();
        assign_roles(&site.house.identity, &ctx, maker.actor.account.unwrap(), none).await.unwrap();
        let address = format!("{PAGE}/role/shili-keeper");
        let now = seen(&administrator.get(&address).await.ok().html());
        let told = administrator.post(&format!("{address}/end"), &[("seen", now.as_str())]).await;
        assert!(said(&told).contains("请写明为什么"));
        assert_eq!(send(administrator, "role/shili-keeper", "/end", &[]).await.status, StatusCode::SEE_OTHER);
        let list = administrator.get(&format!("{PAGE}/role")).await.ok().html();
        assert!(list.text("#e-shili-keeper").contains("已撤销"));
    }

    async fn nobody_changes_his_own_role_and_a_role_of_a_pack_stays(db: Db) {
        let site = Site::on(db).await;
        let administrator = &site.officer("administrator").await;
        let more = [("title", "管理员"), ("permissions", "licence.revoke")];
        let told = send(administrator, "role/administrator", "", &more).await;
        assert_eq!(told.status, StatusCode::CONFLICT);
        assert!(said(&told).contains("您自己的岗位"));
        let told = add(administrator, "role", &[("code", "shili"), ("title", "示例"), ("permissions", "no.such")]).await;
        assert!(said(&told).contains("没有这个权限"));
        let told = send(administrator, "role/exam-branch", "/end", &[]).await;
        assert_eq!(told.status, StatusCode::CONFLICT);
        assert_eq!(administrator.get(&format!("{PAGE}/role/none")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(administrator.get(&format!("{PAGE}/nothing")).await.status, StatusCode::NOT_FOUND);
    }

    async fn of_two_who_take_the_right_from_each_other_one_keeps_it(db: Db) {
        let site = Site::on(db).await;
        let administrator = site.officer("administrator").await;
        let role = [("code", "shili-manager"), ("title", "示例授权岗"), ("permissions", "role.manage"), ("permissions", "installation.read")];
        assert_eq!(add(&administrator, "role", &role).await.status, StatusCode::SEE_OTHER);
        let ctx = site.officer_at("administrator", MONDAY_MORNING).await;
        let maker = site.officer_at("maker", MONDAY_MORNING).await;
        let roles = ["shili-manager"].map(str::to_owned).into();
        assign_roles(&site.house.identity, &ctx, maker.actor.account.unwrap(), roles).await.unwrap();
        let other = site.officer("maker").await;
        let takes = async |browser: &Browser, code: &str, title: &str| {
            let address = format!("{PAGE}/role/{code}");
            let now = seen(&browser.get(&address).await.ok().html());
            (address, vec![("seen".to_owned(), now), ("reason".to_owned(), "试".to_owned()), ("title".to_owned(), title.to_owned())])
        };
        let (first, second) = (takes(&administrator, "shili-manager", "示例授权岗").await, takes(&other, "administrator", "管理员").await);
        fn fields(given: &[(String, String)]) -> Vec<(&str, &str)> {
            given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
        }
        let (one, two) = (fields(&first.1), fields(&second.1));
        let (one, two) = tokio::join!(administrator.post(&first.0, &one), other.post(&second.0, &two));
        let mut told = [one.status, two.status];
        told.sort();
        assert_eq!(told, [StatusCode::SEE_OTHER, StatusCode::FORBIDDEN]);
    }
}
