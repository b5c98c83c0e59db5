//! The rules for one file: its opening, its size, its name, and what may stand in which room.

use super::literals::{Split, split};

const LONGEST: usize = 500;
const VAGUE_NAMES: [&str; 7] = [
    "utils", "util", "common", "helpers", "helper", "misc", "shared",
];
const SQL: [&str; 6] = [
    "SELECT ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "WITH ",
];

pub fn check(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |words: &str| faults.push(format!("{name}: {words}"));
    let is_source = [".rs", ".ts", ".mjs", ".css", ".html"]
        .iter()
        .any(|e| name.ends_with(e));
    if is_source && text.lines().count() > LONGEST {
        fault("more than 500 lines");
    }
    if !name.starts_with("docs/requirements/") && names_a_machine_path(text) {
        fault("names a path of one machine");
    }
    if name.ends_with(".rs") {
        for words in rust_faults(name, text) {
            fault(words);
        }
    }
    faults
}

fn rust_faults(name: &str, text: &str) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if !text.starts_with("//!") {
        faults.push("does not begin with //!, saying what it is for and what it must not know");
    }
    let parts: Vec<&str> = name.trim_end_matches(".rs").split('/').collect();
    if parts.iter().any(|part| VAGUE_NAMES.contains(part)) {
        faults.push("a name that says nothing; name it after what it does");
    }
    let house = ["kernel", "engine", "domain", "solution", "bin"];
    let is_test = parts.contains(&"tests") || parts.contains(&"benches");
    if is_test || !parts.first().is_some_and(|top| house.contains(top)) {
        return faults;
    }
    let body = split(before_tests(text));
    // Pages say what things are called; nobody else may look at it.
    if !parts.contains(&"web") && decides_by_words(&body) {
        faults.push("compares Chinese words; what a program acts on is a typed attribute");
    }
    if !parts.contains(&"store") && body.strings.iter().any(|s| is_sql(s)) {
        faults.push("SQL outside store/");
    }
    // A simulator is a real server in the place of a counterpart.
    let rooms = ["web", "ui", "simulator"];
    let may_know_axum =
        parts.iter().any(|part| rooms.contains(part)) || parts.first() == Some(&"bin");
    if !may_know_axum && (body.code.contains("axum::") || body.code.contains("use axum")) {
        faults.push("axum outside web/");
    }
    faults
}

/// Whether a literal with Chinese letters, or a title of a closed list, is compared with something.
fn decides_by_words(body: &Split) -> bool {
    let mut rest = body.code.as_str();
    let mut before = String::new();
    for string in &body.strings {
        let Some((front, back)) = rest.split_once("\"\"") else {
            break;
        };
        before.push_str(front);
        if string.chars().any(is_ideograph) && is_compared(&before, back) {
            return true;
        }
        before.push_str("\"\"");
        rest = back;
    }
    let lines = body.code.lines();
    let mut compared = lines.filter(|line| line.contains("==") || line.contains("!="));
    compared.any(|line| line.contains(".title()") || line.contains(".stage "))
        || letters_compared(&body.code)
}

fn is_compared(before: &str, after: &str) -> bool {
    const ASKS: [&str; 12] = [
        "==",
        "!=",
        ".contains(",
        ".starts_with(",
        ".ends_with(",
        ".strip_prefix(",
        ".strip_suffix(",
        ".find(",
        ".rfind(",
        ".split_once(",
        ".rsplit_once(",
        ".eq(",
    ];
    let before = before.trim_end().trim_end_matches(['&', '*']).trim_end();
    let after = after.trim_start();
    let pattern = after.starts_with("=>") || after.starts_with("| \"");
    // Nothing but an expression and literals stands between `matches!(` and one of its patterns.
    let open = before.rfind("matches!(").and_then(|at| before.get(at..));
    let in_matches = open.is_some_and(|o| !o.contains([')', ';', '{']));
    ASKS.iter().any(|asks| before.ends_with(asks))
        || after.starts_with("==")
        || after.starts_with("!=")
        || pattern
        || in_matches
}

/// Single letters, as in `contains('…')`.
fn letters_compared(code: &str) -> bool {
    code.match_indices('\'').any(|(at, _)| {
        let mut inside = code.get(at + 1..).unwrap_or_default().chars();
        let letter = inside.next().is_some_and(is_ideograph) && inside.next() == Some('\'');
        letter && is_compared(code.get(..at).unwrap_or_default(), inside.as_str())
    })
}

fn is_ideograph(c: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&c) || c >= '\u{20000}'
}

/// Test modules stand at the end of a file and may look into tables.
fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

fn is_sql(string: &str) -> bool {
    let begins = string.trim_start();
    let keyword = SQL.iter().any(|keyword| begins.starts_with(keyword));
    keyword
        && [
            " FROM ", " INTO ", " SET ", " TABLE ", " AS ", "SELECT 1", "\n",
        ]
        .iter()
        .any(|w| begins.contains(w))
}

fn names_a_machine_path(text: &str) -> bool {
    // Put together here, so that this file does not name them itself.
    let folders = [
        ("/wo", "rk/main"),
        ("/wo", "rk/shared"),
        ("/wo", "rk/target"),
        ("/ro", "ot/"),
        ("/ho", "me/"),
    ];
    folders.iter().any(|(a, b)| {
        let path = format!("{a}{b}");
        text.match_indices(&path).any(|(at, _)| {
            let before = text.get(..at).and_then(|t| t.chars().next_back());
            !before.is_some_and(|c| c.is_alphanumeric() || "._-~}/".contains(c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_room_keeps_its_own() {
        let sql = "//! a\nconst A: &str = \"SELECT a FROM b\";\n";
        assert!(check("engine/cases/src/service/accept.rs", sql)[0].contains("SQL"));
        assert!(check("engine/cases/src/store/accept.rs", sql).is_empty());
        assert!(check("engine/cases/tests/it/main.rs", sql).is_empty());
        let axum = "//! a\nuse axum::Router;\n";
        assert!(check("engine/cases/src/service/accept.rs", axum)[0].contains("axum"));
        assert!(check("engine/cases/src/web/routes.rs", axum).is_empty());
    }

    #[test]
    fn nothing_but_a_page_compares_chinese_words() {
        let wrong = [
            "fn a(s: &str) -> bool { s == \"准予许可\" }",
            "fn a(s: &str) -> bool { s.contains('不') }",
            "fn a(s: &str) -> u8 { match s { \"受理\" | \"准予\" => 1, _ => 2 } }",
            "fn a(s: &str) -> bool { matches!(s, \"受理\") }",
            "fn a(t: &T) -> bool { t.stage == Status::Granted.title() }",
        ];
        for code in wrong {
            let text = format!("//! a\n{code}\n");
            assert_eq!(
                check("engine/cases/src/service/work.rs", &text).len(),
                1,
                "{code}"
            );
            assert!(check("engine/cases/src/web/views.rs", &text).is_empty());
        }
        let right = [
            "fn a(s: S) -> &str { match s { S::A => \"受理\", S::B => \"准予\" } }",
            "fn a(s: &str) -> bool { s == \"granted\" || say(\"准予许可\") }",
            "const A: [(&str, &str); 1] = [(\"granted\", \"准予许可\")];",
            "fn a() { words.push('、'); s.contains('：') }",
        ];
        for code in right {
            let text = format!("//! a\n{code}\n");
            assert_eq!(
                check("engine/cases/src/a.rs", &text),
                Vec::<String>::new(),
                "{code}"
            );
        }
    }

    #[test]
    fn words_in_comments_are_no_fault() {
        let text =
            "//! a\n// \"SELECT a FROM b\", axum::Router\nconst A: &str = \"UPDATE is a word\";\n";
        assert_eq!(
            check("engine/cases/src/model.rs", text),
            Vec::<String>::new()
        );
    }

    #[test]
    fn openings_sizes_names_and_paths_are_checked() {
        assert!(check("kernel/a/src/lib.rs", "fn a() {}\n")[0].contains("//!"));
        let long = format!("//! a\n{}", "\n".repeat(500));
        assert!(check("kernel/a/src/lib.rs", &long)[0].contains("500"));
        assert!(check("kernel/a/src/utils.rs", "//! a\n")[0].contains("name"));
        let path = ["see /ro", "ot/x"].concat();
        assert!(check("docs/a.md", &path)[0].contains("path"));
        assert!(check("docs/a.md", "GET /api/root/x").is_empty());
    }
}
