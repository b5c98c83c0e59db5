//! Pages: parsed and asked by selector.

use scraper::{Html, Selector};
use serde_json::{Value, json};
use tongban_forms::{FieldProblem, ReadOptions, Values, read_problems};

use crate::{filled, form, known, pairs};

fn texts(html: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_fragment(html);
    let found: Vec<String> = page
        .select(&Selector::parse(selector).unwrap())
        .map(|e| e.text().collect::<String>().trim().to_owned())
        .collect();
    found
}

fn attributes(html: &str, selector: &str, name: &str) -> Vec<String> {
    let page = Html::parse_fragment(html);
    let found: Vec<String> = page
        .select(&Selector::parse(selector).unwrap())
        .map(|e| e.attr(name).unwrap_or("-").to_owned())
        .collect();
    found
}

fn step(step: &str, draft: &Value, errors: &[tongban_base::FieldError]) -> String {
    let form = form();
    let draft = form.read_draft(draft).unwrap();
    let view = form.step_view(step, &draft, &known(), errors).unwrap();
    view.html().unwrap()
}

#[test]
fn a_step_shows_labels_hints_sources_and_what_must_be_filled() {
    let html = step("applicant", &json!({}), &[]);
    assert_eq!(
        texts(&html, "label[for=field-mobile] .form-label-description"),
        ["必填"]
    );
    assert_eq!(
        texts(&html, "label[for=field-email] .form-label-description"),
        ["选填"]
    );
    assert_eq!(
        texts(&html, "#field-mobile-help"),
        ["办理进度会发到这个号码。"]
    );
    assert_eq!(texts(&html, "#field-mobile-source"), ["来自您的账号资料"]);
    assert_eq!(attributes(&html, "#field-mobile", "value"), ["13800000000"]);
    assert_eq!(
        attributes(&html, "#field-mobile", "aria-describedby"),
        ["field-mobile-help field-mobile-source"]
    );
    assert_eq!(attributes(&html, "#field-mobile", "type"), ["tel"]);
    assert_eq!(texts(&html, "dd#field-name"), ["测试一"]);
    assert_eq!(
        texts(&html, "#field-name-source"),
        ["来自您的实名信息，不用填写"]
    );
    assert!(texts(&html, "input[name=name]").is_empty(), "locked");
    assert_eq!(
        attributes(&html, "input[name=sex]", "type"),
        ["radio", "radio"]
    );
    assert_eq!(texts(&html, "input[name=sex] + label"), ["男", "女"]);
}

#[test]
fn errors_stand_beside_their_fields_and_in_a_summary_that_jumps() {
    let draft = json!({"mobile": "138"});
    let errors = form().read(&draft, &known()).unwrap_err();
    let html = step("applicant", &draft, &errors);
    assert_eq!(texts(&html, "#errors h2"), ["有 4 处需要修改"]);
    assert_eq!(
        attributes(&html, "#errors a", "href"),
        [
            "#field-id_number",
            "#field-sex",
            "#field-birth_date",
            "#field-mobile"
        ]
    );
    for target in attributes(&html, "#errors a", "href") {
        assert_eq!(attributes(&html, &target, "id").len(), 1, "{target}");
    }
    assert_eq!(
        texts(&html, "#field-mobile-error"),
        ["手机号应为 11 位数字，请核对"]
    );
    assert_eq!(
        attributes(&html, "#field-mobile.is-invalid", "aria-invalid"),
        ["true"]
    );
    assert_eq!(
        attributes(&html, "#field-mobile", "value"),
        ["138"],
        "as typed"
    );
}

#[test]
fn a_field_that_is_not_shown_is_disabled_and_carries_its_condition() {
    let html = step("request", &json!({"reason": "damaged"}), &[]);
    let hidden = "fieldset[hidden][disabled] [name=statement]";
    assert_eq!(texts(&html, hidden).len(), 1);
    assert_eq!(
        texts(&html, "label[for=field-statement] span"),
        ["必填"],
        "once it is shown"
    );
    let when = attributes(&html, "fieldset:has([name=statement])", "data-visible-when");
    let when: Value = serde_json::from_str(&when[0]).unwrap();
    assert_eq!(
        when,
        json!(["==", ["field", "reason", "text"], ["is", "lost"]])
    );

    let html = step("request", &json!({"reason": "lost"}), &[]);
    assert!(texts(&html, hidden).is_empty());
    assert_eq!(
        attributes(&html, "[name=reason][checked]", "value"),
        ["lost"]
    );
    assert_eq!(texts(&html, "label[for=field-statement] span"), ["必填"]);
}

#[test]
fn scripts_are_shown_as_text() {
    let script = "<script>alert(1)</script>\" onfocus=\"x";
    let form = form();
    let draft = json!({"employer": script, "note": "</textarea><img src=x onerror=alert(1)>"});
    for (name, selector) in [("applicant", "[name=employer]"), ("request", "[name=note]")] {
        let html = step(name, &draft, &[]);
        assert!(texts(&html, "script, img, [onfocus]").is_empty());
        assert_eq!(texts(&html, selector).len(), 1);
    }
    let html = step("applicant", &draft, &[]);
    assert_eq!(attributes(&html, "[name=employer]", "value"), [script]);

    let values = form.read_draft(&draft).unwrap();
    let problems = [FieldProblem {
        pointer: "/employer".into(),
        title: "工作单位".into(),
        problem: script.into(),
    }];
    let options = ReadOptions {
        markable: true,
        problems: &problems,
        ..ReadOptions::default()
    };
    let html = form.read_view(&values, &options).html().unwrap();
    assert!(texts(&html, "script, img, [onfocus]").is_empty());
    assert_eq!(
        texts(&html, "[data-pointer='/employer'] .form-value"),
        [script]
    );
}

#[test]
fn a_filed_form_is_read_in_words_and_can_be_marked() {
    let form = form();
    let values = form.read(&filled(), &known()).unwrap();
    let options = ReadOptions {
        mask: true,
        markable: true,
        problems: &[],
    };
    let html = form.read_view(&values, &options).html().unwrap();
    let shown = |name: &str| texts(&html, &format!("[data-pointer='/{name}'] .form-value"));
    assert_eq!(shown("id_number"), ["110105********002X"]);
    assert_eq!(shown("mobile"), ["138****0000"]);
    assert_eq!(shown("sex"), ["女"]);
    assert_eq!(shown("lost_on"), ["2026年11月20日"]);
    assert_eq!(shown("categories"), ["旅客运输"]);
    assert_eq!(shown("commitment"), ["已勾选"]);
    assert_eq!(
        texts(&html, "[data-pointer='/email'] .text-secondary"),
        ["未填写"]
    );
    assert!(
        texts(&html, "[data-pointer='/load']").is_empty(),
        "was not asked"
    );
    assert_eq!(texts(&html, "h3"), ["申请人信息", "原证信息", "申请原因"]);
    assert_eq!(
        attributes(&html, "[name='problem./mobile']", "type"),
        ["text"]
    );
}

#[test]
fn what_the_officer_marks_is_read_back() {
    let form = form();
    let marked = pairs(&[("problem./mobile", " 号码停机 "), ("problem./sex", "")]);
    let problems = read_problems(&form, &marked).unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!(
        (problems[0].title.as_str(), problems[0].problem.as_str()),
        ("手机号", "号码停机")
    );
    let long = "长".repeat(201);
    let errors = read_problems(&form, &pairs(&[("problem./sex", &long)])).unwrap_err();
    assert_eq!(errors[0].message, "问题说明最多 200 个字，现在是 201 个");
}

#[test]
fn an_unknown_step_has_no_page() {
    assert!(
        form()
            .step_view("nowhere", &Values::new(), &known(), &[])
            .is_none()
    );
}
