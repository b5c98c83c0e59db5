//! Values: null, dates, templates, the budget.

use std::thread;

use proptest::prelude::*;
use serde_json::{Value, json};
use tongban_expressions::{Environment, Program, Type, Values};

use crate::{environment, evaluate, form};

#[test]
fn conditions_over_forms_give_what_they_say() {
    for (source, expected) in [
        ("form.reason == 'lost' && form.age >= 18", json!(true)),
        ("size(form.name)", json!(3)),
        ("form.name.startsWith('测')", json!(true)),
        ("form.name.matches('^测试.$')", json!(true)),
        ("'b' in form.tags && !('c' in form.tags)", json!(true)),
        ("form.tags.map(t, t + '!')", json!(["a!", "b!"])),
        ("form.tags.filter(t, t != 'a')", json!(["b"])),
        ("form.tags.exists_one(t, t == 'a')", json!(true)),
        ("form.tags.all(t, form.tags.exists(u, u == t))", json!(true)),
        ("answers.list[1] + answers.count", json!(4)),
        ("answers['kind'] == 'new' ? 1 : 2", json!(1)),
        ("{'a': 1, 'b': form.age}", json!({"a": 1, "b": 40})),
        ("7 / 2 + 7 % 2", json!(4)),
        ("form.weight * 2.0", json!(123.0)),
        ("string(form.age) + '岁'", json!("40岁")),
        ("int('12') + int(3.9)", json!(15)),
    ] {
        assert_eq!(evaluate(source), expected, "{source}");
    }
}

#[test]
fn what_is_not_known_passes_through_and_meets_no_condition() {
    for (source, expected) in [
        ("licence.status.text", Value::Null),
        ("licence != null && licence.status == 'valid'", json!(false)),
        ("answers.nothing.more < 3", Value::Null),
        ("!(answers.nothing < 3)", Value::Null),
        ("form.empty + 'x'", Value::Null),
        ("years_between(licence.issued, today) >= 18", Value::Null),
        ("form.empty == null", json!(true)),
        ("has(form.empty) || has(licence.x)", json!(false)),
        ("form.agree && answers.no > 1", Value::Null),
        ("form.agree || answers.no > 1", json!(true)),
        ("answers.no > 1 ? 'a' : 'b'", json!("b")),
        ("form.tags[7]", Value::Null),
        ("size(licence.list) > 0", Value::Null),
        ("licence.list.exists(x, x == 1)", Value::Null),
    ] {
        assert_eq!(evaluate(source), expected, "{source}");
    }
    let program = environment().compile_bool("licence.age >= 18").unwrap();
    assert!(!program.evaluate_bool(&Values::new()).unwrap());
}

#[test]
fn dates_are_counted_in_whole_years_and_days() {
    for (source, expected) in [
        ("years_between('2008-11-22', today)", json!(18)),
        ("years_between('2008-11-23', today)", json!(17)),
        ("years_between(today, '2008-11-22')", json!(-18)),
        ("days_between('2026-02-28', '2026-03-01')", json!(1)),
        ("date('20261122') == today", json!(true)),
        ("date('2026-11-22T08:00:00+08:00') <= today", json!(true)),
        ("add_years('2024-02-29', 1)", json!("2025-02-28")),
        ("add_months('2026-01-31', 1)", json!("2026-02-28")),
        ("add_days(today, -22)", json!("2026-10-31")),
        ("date_words(today)", json!("2026年11月22日")),
    ] {
        assert_eq!(evaluate(source), expected, "{source}");
    }
    let program = environment().compile("date(form.name)").unwrap();
    let form = form();
    let error = program.evaluate(&Values::new().with("form", &form));
    let message = error.unwrap_err().message;
    assert_eq!(message, "“测试一”不是日期，日期应写作 2026-11-22");
}

#[test]
fn a_template_is_checked_and_filled() {
    let text = "{{form.name}}您好：\n{{form.tags}}共 {{size(form.tags)}} 项{{licence.number}}。";
    let template = environment().template(text).unwrap();
    let form = form();
    let words = template.render(&Values::new().with("form", &form)).unwrap();
    assert_eq!(words, "测试一您好：\na、b共 2 项。");

    let error = environment()
        .template("您好\n尊敬的{{form.nam}}")
        .unwrap_err();
    assert_eq!((error.line, error.column), (2, 10));
    assert!(environment().template("{{form.name").is_err());
    assert!(environment().template("form.name}}").is_err());
}

#[test]
fn a_program_is_shared_between_threads_and_knows_what_it_reads() {
    let program = environment()
        .compile("form.age > 18 && today > ''")
        .unwrap();
    assert_eq!(program.paths(), ["form", "form.age", "today"]);
    let copy: Program = program.clone();
    let done = thread::spawn(move || copy.evaluate_bool(&Values::new()).unwrap());
    assert!(!done.join().unwrap());
}

#[test]
fn loops_over_long_lists_end_at_the_budget() {
    let mut environment = Environment::new();
    environment.declare("l", Type::list(Type::Int));
    let source = "l.all(a, l.all(b, l.all(c, a + b + c >= 0 || true)))";
    let program = environment.compile(source).unwrap();
    let long = json!((0..2000).collect::<Vec<_>>());
    let error = program.evaluate(&Values::new().with("l", &long));
    assert_eq!(
        error.unwrap_err().message,
        "要算的内容太多，请把规则写得简单些"
    );
}

#[test]
fn a_chain_of_operators_as_long_as_allowed_is_refused_not_crashed() {
    let chain = vec!["1"; 1900].join("+");
    assert!(environment().compile(&chain).is_err());
    assert_eq!(evaluate(&vec!["1"; 140].join("+")), json!(140));
    let nested = format!("{}1{}", "(".repeat(1900), ")".repeat(1900));
    assert!(environment().compile(&nested).is_err());
    let chain = vec!["form.age == 1"; 200].join(" || ");
    assert!(environment().compile(&chain).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_makes_the_compiler_panic(source in "[a-z0-9 .,()'\"\\[\\]{}?:+*&|!=<>身，]{0,40}") {
        let _ = environment().compile(&source);
        let _ = environment().template(&source);
    }
}
