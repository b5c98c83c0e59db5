//! Whatever is written as an expression or a template, it is refused in words or comes to a value within the budget.

use std::sync::LazyLock;

use serde_json::{Value, json};
use tongban_expressions::{Environment, Values};
use tongban_testkit::Fuzz;

use crate::{environment, form};

static ENVIRONMENT: LazyLock<Environment> = LazyLock::new(environment);
/// What the budget of steps can copy, and the tree of the longest expression.
const MOST: usize = 128 << 20;
const SEEDS: [&str; 14] = [
    "form.reason == 'lost' && form.age >= 18 || !form.agree",
    "form.tags.map(t, t + t).filter(t, size(t) > 1).map(u, u + u)",
    "form.tags.all(t, form.tags.exists(u, u == t)) ? form.age / 2 : -form.age % 7",
    "answers['kind'] == 'new' ? answers.list[1] : int('12') + int(3.9)",
    "{'a': 1, 'b': [form.age, 2.5, null]}.b[0]",
    "years_between('2008-02-29', today) + days_between(today, '2026-03-01')",
    "date_words(add_months(add_years(add_days(today, -22), 1), 13))",
    "date('2026-11-22T08:00:00+08:00') <= today && has(licence.status.text)",
    "form.name.matches('^(测|试)+.$') && form.name.startsWith('测')",
    "[1, 2, 3].exists_one(x, x in answers.list) == (size('测试') == 2)",
    "string(double('1e300') * 2.0) + string(9223372036854775807)",
    "r'\\d' + \"\\u6d4b\" + b'x' + '''a'''",
    "{{form.name}}您好：{{form.tags}}共 {{size(form.tags)}} 项。",
    "l.map(a, l.map(b, l.map(c, [a, b, c])))",
];
const WORDS: [&str; 34] = [
    "form.",
    "answers",
    "today",
    "licence",
    ".map(x, x + x)",
    ".filter(x, true)",
    ".all(x, ",
    "size(",
    "string(",
    "int(",
    "double(",
    "add_days(",
    "add_years(",
    "days_between(",
    "date(",
    "matches('(a*)*b')",
    "has(",
    "&&",
    "||",
    "!",
    "==",
    "in",
    "?",
    ":",
    "[",
    "]",
    "{",
    "}",
    "{{",
    "}}",
    "9223372036854775807",
    "-9223372036854775808",
    "1e308",
    "'99999-12-31'",
];

#[test]
fn any_expression_is_refused_in_words_or_comes_to_a_value() {
    Fuzz::of(SEEDS)
        .words(&WORDS)
        .cases(1_500)
        .memory(MOST)
        .feed(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            let form = form();
            let answers = json!({"kind": "new", "count": 2, "list": [1, 2, 3]});
            let today = json!("2026-11-22");
            let values = Values::new()
                .with("form", &form)
                .with("answers", &answers)
                .with("licence", &Value::Null)
                .with("today", &today);
            let program = ENVIRONMENT.compile(&text);
            let value = program.and_then(|program| program.evaluate(&values));
            let template = ENVIRONMENT.template(&text);
            let words = template.and_then(|template| template.render(&values));
            format!("{value:?} {words:?}")
        });
}
