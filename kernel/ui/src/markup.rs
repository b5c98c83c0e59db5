//! Numbers, days and money in the words that pages use, and the few pieces of HTML written by functions.
//! Knows no template.

use std::fmt;

use chrono::Datelike;
use tongban_base::{Date, date_words};

use crate::assets;

/// Whole fen as `¥1,234.00`.
pub fn money(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}¥{}.{:02}", count(fen / 100), fen % 100)
}

/// `1,234,567`
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12月3日`
pub fn month_day(date: Date) -> String {
    format!("{}月{}日", date.month(), date.day())
}

/// `还剩 6 个工作日（截至 12月3日）`; `left` is negative when the limit has passed.
pub fn workdays_left(left: i64, due: Date) -> String {
    let due = month_day(due);
    match left {
        0 => format!("今天到期（{due}）"),
        1.. => format!("还剩 {left} 个工作日（截至 {due}）"),
        _ => format!(
            "已超期 {} 个工作日（应于 {due}前办结）",
            left.unsigned_abs()
        ),
    }
}

/// `2026年11月22日至12月3日`, the year once if it is the same.
pub fn period(from: Date, to: Date) -> String {
    if from.year() == to.year() {
        format!("{}至{}", date_words(from), month_day(to))
    } else {
        format!("{}至{}", date_words(from), date_words(to))
    }
}

/// A number that people must copy, in groups: identity numbers 6-8-4, mobile numbers 3-4-4, others in fours.
pub fn grouped(number: &str) -> String {
    let sizes: &[usize] = match number.chars().count() {
        18 => &[6, 8, 4],
        11 => &[3, 4, 4],
        _ => &[],
    };
    let mut sizes = sizes.iter().copied().chain(std::iter::repeat(4));
    let mut left = sizes.next().unwrap_or(4);
    let mut text = String::new();
    for character in number.chars() {
        if left == 0 {
            text.push(' ');
            left = sizes.next().unwrap_or(4);
        }
        text.push(character);
        left -= 1;
    }
    text
}

/// `1.5 MB`
pub fn file_size(bytes: u64) -> String {
    const KB: u64 = 1024;
    match bytes {
        0..KB => format!("{bytes} 字节"),
        KB..=1_048_575 => format!("{} KB", bytes.div_ceil(KB)),
        _ => format!(
            "{}.{} MB",
            bytes / 1_048_576,
            bytes % 1_048_576 * 10 / 1_048_576
        ),
    }
}

/// The path with one query parameter set, all others kept; `None` takes the parameter away.
pub fn with_query(path: &str, name: &str, value: Option<&str>) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (key, old) in url::form_urlencoded::parse(query.as_bytes()) {
        if key != name {
            pairs.append_pair(&key, &old);
        }
    }
    if let Some(value) = value {
        pairs.append_pair(name, value);
    }
    match pairs.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// An icon of the sprite, for the eye only: a word must stand beside it.
#[derive(Clone, Copy, Debug)]
pub struct Icon<'a>(pub &'a str);

impl fmt::Display for Icon<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The name stands in an attribute, and may come from a pack.
        let name = self
            .0
            .replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "");
        let sprite = assets::url("icons.svg");
        write!(
            f,
            "<svg class=\"tb-icon\" width=\"20\" height=\"20\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><use href=\"{sprite}#{name}\"></use></svg>"
        )
    }
}

impl askama::filters::HtmlSafe for Icon<'_> {}

/// A telephone number that can be tapped: the words as they are, around the number that they begin with.
pub fn phone(words: &str) -> String {
    let shown = askama::filters::escape(words, askama::filters::Html)
        .map(|safe| safe.to_string())
        .unwrap_or_default();
    match dials(words) {
        number if number.is_empty() => shown,
        number => format!("<a class=\"tb-phone\" href=\"tel:{number}\">{shown}</a>"),
    }
}

/// What a telephone dials for a number as it is written: without brackets, and without what follows the first number.
fn dials(words: &str) -> String {
    let first = words.split(['转', '、', '，', ',', '/', ';', '；']).next();
    let dialled = |c: &char| c.is_ascii_digit() || matches!(c, '+' | '-');
    first.unwrap_or_default().chars().filter(dialled).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn money_and_counts_are_grouped_in_thousands() {
        assert_eq!(money(123_400), "¥1,234.00");
        assert_eq!(money(5), "¥0.05");
        assert_eq!(money(-100_000_001), "-¥1,000,000.01");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn a_limit_says_what_is_left_that_it_ends_today_or_by_how_much_it_passed() {
        let due: Date = "2026-12-03".parse().unwrap();
        assert_eq!(workdays_left(6, due), "还剩 6 个工作日（截至 12月3日）");
        assert_eq!(workdays_left(0, due), "今天到期（12月3日）");
        assert_eq!(
            workdays_left(-2, due),
            "已超期 2 个工作日（应于 12月3日前办结）"
        );
    }

    #[test]
    fn numbers_are_grouped_as_people_read_them() {
        assert_eq!(grouped("11010519491231002X"), "110105 19491231 002X");
        assert_eq!(grouped("13800000000"), "138 0000 0000");
        assert_eq!(grouped("2026112200017"), "2026 1122 0001 7");
    }

    #[test]
    fn a_number_can_be_tapped_and_words_without_one_stay_words() {
        assert_eq!(dials("（021）1234-5678 转 2"), "0211234-5678");
        assert_eq!(
            phone("12345"),
            "<a class=\"tb-phone\" href=\"tel:12345\">12345</a>"
        );
        assert_eq!(phone("<待定>"), "&#60;待定&#62;");
    }

    #[test]
    fn a_query_parameter_is_set_and_the_others_stay() {
        let path = "/cases?state=已受理&after=abc";
        let next = with_query(path, "after", Some("x=&"));
        assert_eq!(
            next,
            "/cases?state=%E5%B7%B2%E5%8F%97%E7%90%86&after=x%3D%26"
        );
        assert_eq!(with_query("/cases?after=1", "after", None), "/cases");
    }

    #[test]
    fn an_icon_name_cannot_break_out_of_its_attribute() {
        assert!(!Icon("x\"><script>").to_string().contains("<script"));
    }
}
