//! Records chosen in a form: the guide, typed as it stands; what is forged, gone, not offered or one of very many.

use serde_json::{Value as Json, json};
use tongban::definitions::Definitions;
use tongban::scenarios::Troupe;
use tongban_base::Ctx;
use tongban_cases::{DraftId, begin_application, save_form, submit_case};
use tongban_packs::Folder;
use tongban_registers::RecordId;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{on_both_databases, sqlite};

use crate::house::{Site, migrations};
use crate::internal::typed_after;

fn typed() -> Folder {
    typed_after(include_str!("../../../../docs/packs/choose-a-record.md"))
}

fn faults(pack: Folder) -> Vec<String> {
    let findings = Definitions::read(pack, None).err().unwrap_or_default().0;
    findings.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn whoever_types_what_the_guide_says_has_records_to_choose() {
    assert_eq!(faults(typed()), Vec::<String>::new());
    let troupe = Troupe::of(typed(), Some("rooms")).unwrap();
    let played = troupe.play(1).await;
    assert_eq!(played.len(), 1);
    assert_eq!(played[0].fallen.as_ref().map(ToString::to_string), None);
}

/// What is changed in a file, and what the check says of it.
const SLIPS: &[(&str, &str, &str, &str)] = &[
    (
        "forms/room-booking.json",
        r#""from": "sample_rooms""#,
        r#""from": "sample_roomz""#,
        "[/fields/room/from] 没有查询 sample_roomz，也没有登记簿 sample_roomz",
    ),
    (
        "forms/room-booking.json",
        r#""from": "sample_rooms", "#,
        "",
        "选记录的字段要写从哪里选",
    ),
    (
        "forms/room-booking.json",
        r#""seats": "seats""#,
        r#""seats": "floor""#,
        "“座位数”和登记簿的“楼层”类型不同，填不进去",
    ),
    (
        "forms/room-booking.json",
        r#""seats": "seats""#,
        r#""seats": "area""#,
        "登记簿 sample-room 没有字段 area",
    ),
    (
        "forms/room-booking.json",
        r#"["room", "floor", "seats", "others"]"#,
        r#"["floor", "room", "seats", "others"]"#,
        "字段“floor”应排在“room”后面",
    ),
    (
        "forms/room-booking.json",
        r#"{"from": "sample-room"}"#,
        r#"{"from": "sample-room", "fills": {"purpose": "name"}}"#,
        "只有选一条记录的字段",
    ),
    (
        "forms/room-booking.json",
        r#"{"from": "sample-room"}"#,
        r#"{"form": "sample-room"}"#,
        "不认识“form”",
    ),
    (
        "lookups/sample_rooms.toml",
        r#"columns = ["code", "floor", "seats"]"#,
        "",
        "查询 sample_rooms 没有写 columns",
    ),
    (
        "lookups/sample_rooms.toml",
        r#""floor", "seats"]"#,
        r#""floor"]"#,
        "查询 sample_rooms 的 columns 里没有 seats",
    ),
    (
        "lookups/sample_rooms.toml",
        r#""seats"]"#,
        r#""seats", "area"]"#,
        "[columns] 登记簿 sample-room 没有字段 area",
    ),
    (
        "lookups/sample_rooms.toml",
        r#"field = "status""#,
        r#"field = "floor""#,
        "不能按 floor 查找",
    ),
];

#[test]
fn the_check_tells_what_is_wrong_with_what_a_form_offers() {
    for (file, from, to, said) in SLIPS {
        let before = typed().text(file).unwrap().to_owned();
        let after = before.replacen(from, to, 1);
        assert_ne!(before, after, "{from}");
        let found = faults(typed().with(file, after)).join("\n");
        assert!(found.contains(said), "{to}\nwanted {said}\nfound {found}");
    }
}

async fn room(site: &Site, ctx: &Ctx, number: usize, status: &str) -> RecordId {
    let room = json!({
        "code": format!("R{number}"), "name": format!("示例{number}号会议室"), "floor": "三楼",
        "seats": 20, "status": status,
    });
    let registers = &site.house.registers;
    registers
        .create(ctx, "sample-room", (&room).into())
        .await
        .unwrap()
}

async fn drafted(site: &Site, ctx: &Ctx, form: Json) -> DraftId {
    let desk = &site.house.desk;
    let draft = begin_application(desk, ctx, "room-booking").await.unwrap();
    save_form(desk, ctx, draft, &form).await.unwrap();
    draft
}

/// The words beside the field of a draft that is not taken.
async fn refused(site: &Site, ctx: &Ctx, form: Json) -> String {
    let draft = drafted(site, ctx, form).await;
    let problem = submit_case(&site.house.desk, ctx, draft).await.unwrap_err();
    let told = problem.field_errors().iter();
    told.map(|e| format!("{} {}", e.pointer, e.message))
        .collect()
}

on_both_databases! {
    &migrations();

    async fn what_is_forged_gone_or_not_offered_is_not_taken(db: Db) {
        let site = Site::with_pack(db, typed()).await;
        let approver = site.officer_at("approver", MONDAY_MORNING).await;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        let (open, closed) = (room(&site, &approver, 1, "open").await, room(&site, &approver, 2, "closed").await);
        let form = |room: Json| json!({ "room": room, "floor": "一楼", "purpose": "示例" });
        let said = refused(&site, &acceptor, form(json!({ "id": closed.to_string(), "title": "示例1号会议室" }))).await;
        assert_eq!(said, "/room 会议室里选的“示例1号会议室”已经注销，或者不在您可选的范围内，请重新选择");
        for nothing in [json!("R1"), json!(RecordId::new().to_string()), json!({ "id": "'; DROP" })] {
            let said = refused(&site, &acceptor, form(nothing)).await;
            assert!(said.starts_with("/room 会议室里选的不在可选的范围内"), "{said}");
        }
        let which = (open, 1);
        site.house.registers.delete(&approver, "sample-room", which, "停用").await.unwrap();
        let said = refused(&site, &acceptor, form(json!({ "id": open.to_string() }))).await;
        assert!(said.starts_with("/room "), "{said}");
        // Neither the title nor what is filled comes from whoever sends it.
        let other = room(&site, &approver, 3, "open").await;
        let forged = json!({
            "room": { "id": other.to_string(), "title": "市长办公室", "number": "R9" },
            "floor": "顶楼", "seats": 999, "purpose": "示例",
        });
        let draft = drafted(&site, &acceptor, forged).await;
        let case = submit_case(&site.house.desk, &acceptor, draft).await.unwrap().case;
        let view = tongban_cases::open_case(&site.house.desk, &acceptor, case).await.unwrap();
        let form = &view.case.form;
        let pinned = json!({ "id": other.to_string(), "number": "R3", "title": "示例3号会议室" });
        assert_eq!((&form["room"], &form["floor"], &form["seats"]), (&pinned, &json!("三楼"), &json!(20)));
    }
}

#[tokio::test]
async fn of_very_many_a_page_lists_some_and_finds_the_others() {
    let database = sqlite(&migrations()).await;
    let site = Site::with_pack(database.db(), typed()).await;
    let approver = site.officer_at("approver", MONDAY_MORNING).await;
    for number in 1..=45 {
        room(&site, &approver, number, "open").await;
    }
    let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
    let draft = drafted(&site, &acceptor, json!({})).await;
    let browser = site.officer("acceptor").await;
    let path = format!("/workbench/drafts/{draft}/room");
    let page = browser.get(&path).await.ok().html();
    let field = "[data-field=room]";
    assert_eq!(page.all(&format!("{field} input[type=radio]")).len(), 20);
    assert!(page.text(field).contains("先列出 20 条"));
    // The return key in the box, or any button: new words are looked for, and what was typed is kept.
    let sent = [
        ("_sought.room", "示例7号"),
        ("_listed.room", ""),
        ("go", "next"),
    ];
    let page = browser.post(&path, &sent).await.ok().html();
    assert_eq!(page.all(&format!("{field} input[type=radio]")).len(), 1);
    assert!(page.text(field).contains("示例7号会议室") && page.text(field).contains("找到 1 条"));
    // A whole number finds its record too.
    let sent = [("_sought.room", "R8"), ("_find", "room")];
    let page = browser.post(&path, &sent).await.ok().html();
    assert!(page.text(field).contains("示例8号会议室"));
    let wild = [("_sought.room", "%"), ("_find", "room")];
    let page = browser.post(&path, &wild).await.ok().html();
    assert!(page.text(field).contains("没有找到“%”"));
    // Programs ask the same.
    let offers = browser
        .get(&format!("/api/v1/drafts/{draft}/offers/room?q=示例9号"))
        .await
        .ok()
        .json();
    assert_eq!(offers["records"][0]["title"], "示例9号会议室");
    assert_eq!(offers["records"][0]["words"], json!(["R9", "三楼", "20"]));
    let id = offers["records"][0]["id"].as_str().unwrap();
    let chosen = [("room", id), ("go", "next")];
    browser.post(&path, &chosen).await.leads_to();
    let page = browser.get(&path).await.ok().html();
    assert!(page.text(field).contains("示例9号会议室"));
    // Whoever looks for somebody leaves a trace.
    site.house.reads.flush().await.unwrap();
    assert!(site.audited("case.records_offered", "done").await > 0);
    let other = site.officer("maker").await;
    let strange = other
        .get(&format!("/api/v1/drafts/{draft}/offers/room"))
        .await;
    assert_eq!(strange.status, 404);
}
