//! Records chosen in a field: what stands in the form is what whoever keeps them says.

use serde_json::{Value, json};
use tongban_forms::{Form, Known, Mending, Offer, OfferedRecord, Sought, Source, Values};

use crate::{known, pairs};

fn form() -> Form {
    let root = json!({
        "title": "借用", "basis": "示例",
        "schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object", "additionalProperties": false, "required": ["room", "floor"],
            "properties": {
                "room": {"type": "object", "title": "会议室"},
                "floor": {"type": "string", "title": "楼层"},
                "others": {"type": "array", "title": "备用", "items": {"type": "object"}, "maxItems": 1},
            },
        },
        "steps": [{"id": "one", "title": "一", "fields": ["room", "floor", "others"]}],
        "fields": {
            "room": {"from": "rooms", "fills": {"floor": "floor"}},
            "others": {"from": "rooms"},
        },
        "checks": [],
    });
    Form::from_json(&root).unwrap()
}

fn room(id: &str, floor: Option<&str>) -> OfferedRecord {
    let columns = floor.map(|floor| ("floor".to_owned(), json!(floor)));
    OfferedRecord {
        id: id.to_owned(),
        number: format!("R{id}"),
        title: format!("{id}号"),
        columns: columns.into_iter().collect(),
        words: vec!["说明".to_owned()],
    }
}

/// One room on a floor, one of which nothing more is known.
fn offered() -> Known {
    let offer = Offer {
        found: vec![room("1", Some("三楼")), room("2", None)],
        ..Offer::default()
    };
    let fields = ["room", "others"].map(|field| (field.to_owned(), offer.clone()));
    Known {
        offers: fields.into(),
        ..known()
    }
}

fn read(input: Value) -> Result<Value, Vec<String>> {
    let read = form().read(&input, &offered()).map(Values::into_json);
    read.map_err(|errors| errors.into_iter().map(|e| e.message).collect())
}

#[test]
fn a_chosen_record_is_pinned_and_fills_other_fields_whatever_was_sent() {
    let pinned =
        |id: &str| json!({"id": id, "number": format!("R{id}"), "title": format!("{id}号")});
    let sent = json!({"room": {"id": "1", "title": "假"}, "floor": "顶楼", "others": ["2", "2"]});
    let values = read(sent).unwrap();
    assert_eq!(
        values,
        json!({"room": pinned("1"), "floor": "三楼", "others": [pinned("2")]})
    );
    // What the record does not say is typed.
    let values = read(json!({"room": "2", "floor": "一楼"})).unwrap();
    assert_eq!(values["floor"], "一楼");
    assert_eq!(read(json!({"room": "2"})).unwrap_err(), ["请填写楼层"]);
}

#[test]
fn what_is_not_offered_is_no_choice() {
    let unknown = "会议室里选的不在可选的范围内，请重新选择";
    assert_eq!(
        read(json!({"room": "3", "floor": "一楼"})).unwrap_err(),
        [unknown]
    );
    let several = json!({"room": "1", "others": ["1", {"id": "9", "title": "九号"}]});
    let told = read(several).unwrap_err();
    assert_eq!(
        told,
        ["备用里选的“九号”已经注销，或者不在您可选的范围内，请重新选择"]
    );
    for wrong in [json!(7), json!({"title": "1号"}), json!(["1"])] {
        let told = read(json!({"room": wrong, "floor": "一楼"})).unwrap_err();
        assert_eq!(told, ["会议室应填所选记录的编号（id）"]);
    }
    let told = read(json!({"room": "1", "others": ["1", "2"]})).unwrap_err();
    assert!(told[0].contains("备用最多选 1 项"), "{told:?}");
}

#[test]
fn another_record_may_be_chosen_at_a_correction_and_what_it_fills_follows() {
    let (form, known) = (form(), offered());
    let before = form.read(&json!({"room": "1"}), &known).unwrap();
    let mendings = form.mending(&before, &known);
    assert_eq!(mendings["room"], Mending::Applicant);
    assert_eq!(mendings["floor"], Mending::Source(Source::Chosen));
    let allowed = ["room".to_owned()];
    let changed = pairs(&[("room", "2"), ("floor", "二楼")]);
    let after = form
        .read_correction(&before, &allowed, &changed, &known)
        .unwrap();
    assert_eq!(
        (&after.get("room")["id"], after.text("floor")),
        (&json!("2"), Some("二楼"))
    );
    let without = pairs(&[("room", "2")]);
    let told = form
        .read_correction(&before, &allowed, &without, &known)
        .unwrap_err();
    assert_eq!(told[0].message, "请填写楼层");
}

#[test]
fn what_changed_or_went_since_the_filing_is_told() {
    let form = form();
    let filed = form
        .read(&json!({"room": "1", "others": ["2"]}), &offered())
        .unwrap();
    assert!(form.no_longer_offered(&filed, &offered()).is_empty());
    assert!(form.changed_at_source(&filed, &offered()).is_empty());
    let mut later = offered();
    let rooms = later.offers.get_mut("room").unwrap();
    rooms.found[0].columns.insert("floor".into(), json!("六楼"));
    later.offers.get_mut("others").unwrap().found.pop();
    let changes = form.changed_at_source(&filed, &later);
    assert_eq!(changes[0].words(), "楼层：提交时是“三楼”，现在是“六楼”");
    let gone = form.no_longer_offered(&filed, &later);
    assert_eq!(gone, ["备用：提交时选的“2号”已经注销，或者不能再选"]);
}

#[test]
fn new_words_are_looked_for_whichever_button_was_pressed() {
    let read = |sent: &[(&str, &str)]| Sought::read(&pairs(sent)).anew;
    assert!(read(&[("_sought.room", "一"), ("_listed.room", "")]));
    assert!(read(&[("_find", "room")]));
    assert!(!read(&[("_sought.room", "一"), ("_listed.room", "一")]));
    assert!(!read(&[("_sought.room", ""), ("_listed.room", "一")]));
    let words = Sought::read(&pairs(&[("_sought.room", " 一号 ")])).words;
    assert_eq!(words["room"], "一号");
}

#[test]
fn a_page_shows_what_is_chosen_before_what_is_offered_and_escapes_it() {
    let mut known = offered();
    let offer = known.offers.get_mut("room").unwrap();
    offer.listed = vec![room("1", None), room("<b>", None)];
    offer.more = true;
    let draft = json!({"room": {"id": "2", "title": "2号"}});
    let draft: Values = draft.as_object().unwrap().clone().into();
    let html = form()
        .step_view("one", &draft, &known, &[])
        .unwrap()
        .html()
        .unwrap();
    let at = |text: &str| {
        html.find(text)
            .unwrap_or_else(|| panic!("{text} in {html}"))
    };
    assert!(at("value=\"2\" checked") < at("value=\"1\""));
    assert!(html.contains("name=\"_sought.room\"") && html.contains("先列出 2 条"));
    assert!(!html.contains("<b>号"));
}
