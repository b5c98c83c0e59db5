//! Filing: what is accepted, and the words for what is not.

use serde_json::{Value, json};
use tongban_forms::{Form, Values};

use crate::{fault, filled, form, known, pairs, with};

#[test]
fn a_right_form_is_accepted_tidied_and_completed() {
    let fields = pairs(&[
        ("_csrf", "x"),
        ("id_number", " 1101 0519 4912 31002x "),
        ("sex", "female"),
        ("birth_date", "1949年12月31日"),
        ("mobile", "１３８ 0000-0000"),
        ("employer", "  示例运输有限公司　"),
        ("kind", "freight"),
        ("load", "1,200.5"),
        ("categories", "01001"),
        ("categories", "02001"),
        ("years", " 20 "),
        ("first_issued_on", "2020/3/1"),
        ("accident", "false"),
        ("reason", "damaged"),
        ("note", "一\r\n二"),
        ("commitment", "true"),
    ]);
    let values = form().read(&fields, &known()).unwrap();
    assert_eq!(
        values.into_json(),
        json!({
            "name": "测试一", "id_number": "11010519491231002X", "sex": "female", "birth_date": "1949-12-31",
            "mobile": "13800000000", "employer": "示例运输有限公司", "kind": "freight",
            "licence_number": "310000200001", "first_issued_on": "2020-03-01",
            "categories": ["01001", "02001"], "years": 20, "load": 1200.5, "accident": false,
            "reason": "damaged", "note": "一\n二", "expires_on": "2026-02-28", "commitment": true
        })
    );
}

#[test]
fn what_is_copied_along_unseen_is_dropped() {
    let typed = [
        ("mobile", "\u{202d}+86 138-0000-0000\u{202c}", "13800000000"),
        (
            "id_number",
            "\u{feff}11010519491231002Х",
            "11010519491231002X",
        ),
        ("note", "补\u{200b}证\u{202e}一份", "补证一份"),
    ];
    for (name, typed, kept) in typed {
        let values = form().read(&with(name, json!(typed)), &known()).unwrap();
        assert_eq!(values.into_json()[name], kept, "{typed:?}");
    }
}

#[test]
fn a_comma_that_groups_no_digits_is_a_fault_and_never_left_out() {
    let load = |typed: &str| {
        let mut input = with("kind", json!("freight"));
        input["load"] = json!(typed);
        input
    };
    for wrong in ["6,5", "6，5", "1,23,456", "1e3"] {
        let told = fault(&load(wrong));
        assert_eq!(
            told, "/load 核定载质量应填数字，小数点写作“.”，例如 12.5",
            "{wrong}"
        );
    }
    for (typed, kept) in [
        ("6.5", 6.5),
        ("６．５", 6.5),
        ("1,234.5", 1234.5),
        ("1，234", 1234.0),
    ] {
        let values = form().read(&load(typed), &known()).unwrap();
        assert_eq!(values.into_json()["load"], kept, "{typed}");
    }
}

#[test]
fn each_fault_is_told_beside_its_field_in_words() {
    for (name, value, expected) in [
        ("mobile", Value::Null, "/mobile 请填写手机号"),
        ("sex", json!(""), "/sex 请选择性别"),
        (
            "mobile",
            json!("1380000"),
            "/mobile 手机号应为 11 位数字，请核对",
        ),
        (
            "id_number",
            json!("110105194912310021"),
            "/id_number 身份证号有误，请逐位核对",
        ),
        (
            "id_number",
            json!("1101051949"),
            "/id_number 身份证号应为 18 位，现在是 10 位，请核对",
        ),
        (
            "employer_code",
            json!("11100000000013338X"),
            "/employer_code 统一社会信用代码有误，请逐位核对",
        ),
        (
            "division",
            json!("310000"),
            "/division 行政区划代码应为 12 位数字，请重新选择",
        ),
        (
            "email",
            json!("a@b"),
            "/email 电子邮箱应写作 name@example.com 这样的形式，请核对",
        ),
        (
            "lost_on",
            json!("2026-02-30"),
            "/lost_on 2026年2月没有 30 日，请核对日期",
        ),
        (
            "lost_on",
            json!("2023年2月29日"),
            "/lost_on 2023年2月没有 29 日，请核对日期",
        ),
        (
            "lost_on",
            json!("20230229"),
            "/lost_on 2023年2月没有 29 日，请核对日期",
        ),
        (
            "lost_on",
            json!("2026-13-01"),
            "/lost_on 一年没有 13 月，请核对日期",
        ),
        (
            "lost_on",
            json!("昨天"),
            "/lost_on 日期应写作 2026-11-22 这样的形式，请核对",
        ),
        ("years", json!("1,2"), "/years 驾龄应填整数，例如 12"),
        (
            "lost_on",
            json!("2026-11-23"),
            "/lost_on 遗失日期不能晚于今天，请核对",
        ),
        (
            "statement",
            json!("丢了"),
            "/statement 情况说明至少 5 个字，现在是 2 个",
        ),
        (
            "note",
            json!("字".repeat(530)),
            "/note 备注最多 500 个字，现在是 530 个",
        ),
        ("years", json!("二十"), "/years 驾龄应填整数，例如 12"),
        ("years", json!(61), "/years 驾龄不能大于 60"),
        ("years", json!(1e300), "/years 驾龄应填整数，例如 12"),
        (
            "reason",
            json!("stolen"),
            "/reason 申请原因请从给出的选项中选择",
        ),
        (
            "categories",
            json!(["01001", "02001", "03001"]),
            "/categories 资格类别最多选 2 项",
        ),
        (
            "categories",
            json!(["01001", "01001"]),
            "/categories 资格类别里有重复的选项，请去掉",
        ),
        ("categories", json!([]), "/categories 请选择资格类别"),
        (
            "categories",
            json!("01001"),
            "/categories 资格类别应填选项的列表",
        ),
        (
            "commitment",
            json!(false),
            "/commitment 请阅读并勾选“本人承诺以上内容真实”",
        ),
        (
            "commitment",
            Value::Null,
            "/commitment 请阅读并勾选“本人承诺以上内容真实”",
        ),
        (
            "note",
            json!("a\u{0}b"),
            "/note 备注里有看不见的控制字符，请删除后重新填写",
        ),
        (
            "employer",
            json!("一\n二"),
            "/employer 工作单位里有看不见的控制字符，请删除后重新填写",
        ),
        ("mobile", json!(13800000000u64), "/mobile 手机号应填文字"),
        (
            "nonsense",
            json!(1),
            "/nonsense 表单里没有“nonsense”这一项，请刷新页面后重新填写",
        ),
    ] {
        assert_eq!(
            fault(&with(name, value.clone())),
            expected,
            "{name} {value}"
        );
    }
}

#[test]
fn a_pattern_is_explained_by_its_example() {
    let mut input = with("employer", json!("示例公司"));
    input["phone"] = json!("abc");
    assert_eq!(
        fault(&input),
        "/phone 单位电话的格式不对，应如 021-12345678"
    );
}

#[test]
fn a_telephone_is_taken_in_one_form_and_refused_with_an_example() {
    let text = include_str!("form.json");
    let pattern = "\"pattern\": \"^[0-9() -]{7,20}$\"";
    let phoned = text.replace(pattern, "\"format\": \"phone\"");
    assert_ne!(text, phoned);
    let form = Form::load(&phoned).unwrap();
    let read = |typed: &str| {
        let mut input = with("employer", json!("示例公司"));
        input["phone"] = json!(typed);
        form.read(&input, &known())
    };
    for typed in [
        "021-6888 8888 转 123",
        "（０２１）６８８８８８８８－１２３",
        "021—68888888—123",
    ] {
        let kept = read(typed).unwrap().into_json()["phone"].clone();
        assert_eq!(kept, "021-68888888-123", "{typed}");
    }
    let faults = read("前台").unwrap_err();
    assert!(faults[0].message.contains("021-12345678-123"), "{faults:?}");
}

#[test]
fn an_identity_number_that_contradicts_birth_date_or_sex_is_told() {
    assert_eq!(
        fault(&with("birth_date", json!("1949-12-30"))),
        "/birth_date 出生日期和身份证号不一致，请核对"
    );
    assert_eq!(
        fault(&with("sex", json!("male"))),
        "/sex 性别和身份证号不一致，请核对"
    );
    let wrong_number = with("id_number", json!("110105194912310021"));
    assert!(
        !fault(&wrong_number).contains("不一致"),
        "one fault, one message"
    );
}

#[test]
fn all_faults_come_together_in_the_order_of_the_form() {
    assert_eq!(
        fault(&json!({"id_number": "1", "years": -1, "reason": "lost"})),
        "/id_number 身份证号应为 18 位，现在是 1 位，请核对 | /sex 请选择性别 | /birth_date 请填写出生日期 | \
         /mobile 请填写手机号 | /kind 请选择从业类别 | /categories 请选择资格类别 | /years 驾龄不能小于 0 | \
         /lost_on 请填写遗失日期 | /statement 请填写情况说明 | /commitment 请阅读并勾选“本人承诺以上内容真实”"
    );
}

#[test]
fn what_is_not_shown_is_neither_asked_nor_kept() {
    let mut input = with("reason", json!("damaged"));
    input["load"] = json!("not a number, but nobody sees it");
    let values = form().read(&input, &known()).unwrap();
    for name in ["lost_on", "statement", "load"] {
        assert_eq!(*values.get(name), Value::Null, "{name}");
    }
}

#[test]
fn locked_and_calculated_fields_cannot_be_set_from_outside() {
    let hostile = with("name", json!("别\u{0}人"));
    let values = form().read(&hostile, &known()).unwrap();
    assert_eq!(values.text("name"), Some("测试一"));
    let mut input = with("name", json!("别人"));
    input["expires_on"] = json!("2099-01-01");
    let values = form().read(&input, &known()).unwrap();
    assert_eq!(values.text("name"), Some("测试一"));
    assert_eq!(values.text("expires_on"), Some("2026-02-28"));

    let mut stranger = known();
    stranger.person = Value::Null;
    let values = form().read(&input, &stranger).unwrap();
    assert_eq!(values.text("name"), Some("别人"), "nothing known, so typed");
}

#[test]
fn a_megabyte_is_refused_as_a_whole() {
    let expected = " 填写的内容太多，整张表最多 256 KB，请删减后再提交";
    assert_eq!(fault(&with("note", json!("字".repeat(350_000)))), expected);
    let fields = pairs(&[("note", &"x".repeat(1 << 20))]);
    let errors = form().read_draft(&fields).unwrap_err();
    assert_eq!(errors[0].code, "too_large");
}

#[test]
fn a_draft_keeps_what_is_there() {
    let fields = pairs(&[
        ("years", "二十"),
        ("mobile", "138"),
        ("note", " x "),
        ("email", ""),
    ]);
    let draft = form().read_draft(&fields).unwrap();
    assert_eq!(
        draft.clone().into_json(),
        json!({"mobile": "138", "years": "二十", "note": "x"})
    );
    let errors = form().read(&draft.to_json(), &known()).unwrap_err();
    assert!(errors.iter().any(|e| e.message == "驾龄应填整数，例如 12"));
    assert!(form().read_draft(&pairs(&[("nope", "1")])).is_err());
}

#[test]
fn a_step_is_read_on_top_of_the_draft_and_tells_only_its_own_faults() {
    let form = form();
    let fields = pairs(&[("reason", "lost"), ("commitment", "true")]);
    let first = form
        .read_step("request", &Values::new(), &fields, &known())
        .unwrap();
    assert_eq!(first.appeared, ["lost_on", "statement"]);
    assert!(first.errors.is_empty(), "nobody had been asked for them");
    let again = form
        .read_step("request", &first.values, &fields, &known())
        .unwrap();
    let pointers: Vec<&str> = again.errors.iter().map(|e| e.pointer.as_str()).collect();
    assert_eq!(pointers, ["/lost_on", "/statement"]);
    let mut shown = fields.clone();
    shown.extend(pairs(&[("_asked.lost_on", "1"), ("_asked.statement", "1")]));
    let asked = form
        .read_step("request", &Values::new(), &shown, &known())
        .unwrap();
    assert_eq!(
        asked.errors.len(),
        2,
        "the page had shown them as they were needed"
    );
    assert!(asked.appeared.is_empty());

    let fields = pairs(&[("reason", "damaged"), ("commitment", "true")]);
    let second = form
        .read_step("request", &first.values, &fields, &known())
        .unwrap();
    assert!(second.errors.is_empty() && second.appeared.is_empty());
    assert_eq!(second.values.text("reason"), Some("damaged"));

    let unticked = pairs(&[("reason", "damaged")]);
    let third = form
        .read_step("request", &second.values, &unticked, &known())
        .unwrap();
    assert_eq!(*third.values.get("commitment"), Value::Null);
}

#[test]
fn known_values_are_proposed_with_their_source() {
    let prefill = form().prefill(&known());
    assert_eq!(prefill["name"].value, json!("测试一"));
    assert!(prefill["name"].locked);
    assert_eq!(prefill["name"].source.title(), "来自您的实名信息");
    assert_eq!(prefill["licence_number"].source.title(), "来自您的电子证照");
    assert!(!prefill["mobile"].locked);
    let mut unknown = known();
    unknown.licence = Value::Null;
    assert!(!form().prefill(&unknown).contains_key("licence_number"));
}

#[test]
fn filled_is_right() {
    assert!(form().read(&filled(), &known()).is_ok());
}
