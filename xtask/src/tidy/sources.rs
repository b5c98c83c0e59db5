//! The rules for one file: its opening, its size, its name, and what may stand in which room.

use super::literals::split;

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
        assert!(check("domain/cases/src/service/accept.rs", sql)[0].contains("SQL"));
        assert!(check("domain/cases/src/store/accept.rs", sql).is_empty());
        assert!(check("domain/cases/tests/it/main.rs", sql).is_empty());
        let axum = "//! a\nuse axum::Router;\n";
        assert!(check("domain/cases/src/service/accept.rs", axum)[0].contains("axum"));
        assert!(check("domain/cases/src/web/routes.rs", axum).is_empty());
    }

    #[test]
    fn words_in_comments_are_no_fault() {
        let text =
            "//! a\n// \"SELECT a FROM b\", axum::Router\nconst A: &str = \"UPDATE is a word\";\n";
        assert_eq!(
            check("domain/cases/src/model.rs", text),
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
