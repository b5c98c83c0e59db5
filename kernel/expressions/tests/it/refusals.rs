//! What is refused when a definition is loaded, and in which words.

use crate::{environment, refusal};

#[test]
fn unknown_names_fields_and_functions_are_found_with_their_place() {
    for (source, expected) in [
        (
            "fom.age > 1",
            "第 1 行第 1 列：没有“fom”这个名称，是不是“form”？",
        ),
        (
            "user.age > 1",
            "第 1 行第 1 列：没有“user”这个名称，可以用的有：answers、form、licence、today",
        ),
        (
            "'身份' == form.nmae",
            "第 1 行第 13 列：没有“nmae”这个字段，是不是“name”？",
        ),
        (
            "'身份' == form.age)",
            "第 1 行第 17 列：“)”这里的写法不对，请检查括号、引号和运算符",
        ),
        (
            "true &&\n  sise(form.tags) > 1",
            "第 2 行第 7 列：没有“sise”这个函数，是不是“size”？",
        ),
        (
            "years_between(today) > 1",
            "第 1 行第 14 列：years_between 需要 2 个参数，现在是 1 个",
        ),
        (
            "form.reason == 'lots'",
            "第 1 行第 16 列：“lots”不是可选的值，可选的有：lost、damaged",
        ),
        (
            "form.reason in ['lost', 'gone']",
            "第 1 行第 25 列：“gone”不是可选的值，可选的有：lost、damaged",
        ),
        (
            "form['nothing'] == 1",
            "第 1 行第 6 列：没有“nothing”这个字段",
        ),
    ] {
        assert_eq!(refusal(source), expected, "{source}");
    }
}

#[test]
fn types_that_cannot_go_together_are_refused() {
    for (source, part) in [
        ("1 + 1.5", "一边是整数一边是小数"),
        ("form.age + form.weight", "一边是整数一边是小数"),
        ("form.name < form.age", "“<”不能比较文字和整数"),
        ("form.name == 3", "永远不会相等"),
        ("form.name && true", "“&&”两边应为“是”或“否”，现在是文字"),
        ("!form.age", "“!”后面应为“是”或“否”"),
        ("form.age ? 1 : 2", "条件应为“是”或“否”"),
        ("1 in form.tags", "“in”右边"),
        ("size(form.age)", "size 不能用于整数"),
        ("form.name.first", "文字没有字段"),
        ("form.tags.all(t, t + 1 > 1)", "“+”不能用于文字和整数"),
        ("form.name.matches(today)", "应直接写出来"),
        ("form.name.matches('(')", "不是有效的正则表达式"),
        ("1u == 1", "无符号数"),
    ] {
        let words = refusal(source);
        assert!(words.contains(part), "{source}: {words}");
    }
    let error = environment().compile_bool("form.age").unwrap_err();
    assert_eq!(error.message, "条件的结果应为“是”或“否”，现在是整数");
}

#[test]
fn slips_of_the_pen_are_named() {
    for (source, part) in [
        ("form.age == 1，2", "“，”是全角符号"),
        ("form.age = 1", "“=”应写作“==”"),
        ("form.age == 1 and true", "“and”应写作“&&”"),
        ("form.age ==", "没有写完"),
        ("(form.age == 1", "没有写完"),
        ("", "表达式是空的"),
    ] {
        let words = refusal(source);
        assert!(words.contains(part), "{source}: {words}");
    }
    assert!(refusal(&"1".repeat(5000)).contains("太长"));
}
