//! Splits Rust source into code and string literals, as far as the checks need it: comments are dropped.
//! Knows no grammar beyond comments, strings and character literals.

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The source with comments removed and every string literal emptied.
    pub code: String,
    pub strings: Vec<String>,
}

pub fn split(source: &str) -> Split {
    let mut split = Split::default();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        rest = if rest.starts_with("//") {
            after(rest, "\n")
        } else if rest.starts_with("/*") {
            after(rest, "*/")
        } else if let Some(hashes) = raw_start(rest, &split.code) {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = rest.get(hashes + 2..).unwrap_or_default();
            let (string, tail) = body.split_once(close.as_str()).unwrap_or((body, ""));
            split.strings.push(string.to_owned());
            split.code.push_str("\"\"");
            tail
        } else if first == '"' {
            let body = rest.get(1..).unwrap_or_default();
            let end = string_end(body);
            split
                .strings
                .push(body.get(..end).unwrap_or(body).to_owned());
            split.code.push_str("\"\"");
            body.get(end + 1..).unwrap_or_default()
        } else if rest.starts_with("'\"'") {
            rest.get(3..).unwrap_or_default()
        } else if rest.starts_with("'\\\"'") {
            rest.get(4..).unwrap_or_default()
        } else {
            split.code.push(first);
            rest.get(first.len_utf8()..).unwrap_or_default()
        };
    }
    split
}

fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    // The line break stays, so that what stands on two lines is not joined.
    match text.find(mark) {
        Some(at) if mark == "\n" => text.get(at..).unwrap_or_default(),
        Some(at) => text.get(at + mark.len()..).unwrap_or_default(),
        None => "",
    }
}

/// The number of `#` when a raw string begins here.
fn raw_start(rest: &str, before: &str) -> Option<usize> {
    let inside_a_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let tail = rest
        .strip_prefix('r')
        .filter(|_| !inside_a_word || before.ends_with('b'))?;
    let hashes = tail.len() - tail.trim_start_matches('#').len();
    tail.get(hashes..)?.starts_with('"').then_some(hashes)
}

fn string_end(body: &str) -> usize {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_taken_out_and_comments_dropped() {
        let source =
            "let a = \"x\\\"y\"; // \"no\"\nlet b = r#\"q\"q\"#; /* \"no\" */ let c = '\"'; f('a);";
        let split = split(source);
        assert_eq!(split.strings, ["x\\\"y", "q\"q"]);
        assert_eq!(
            split.code,
            "let a = \"\"; \nlet b = \"\";  let c = ; f('a);"
        );
    }
}
