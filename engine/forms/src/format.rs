//! The formats of the field: how a typed text is tidied up and what is wrong with it, in words.

use tongban_base::numbers::{ResidentId, check_credit_code, check_mobile};
use tongban_base::{Date, date_words};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    ResidentId,
    Mobile,
    CreditCode,
    Date,
    Division,
    Email,
}

impl Format {
    pub(crate) const ALL: [(&'static str, Format); 6] = [
        ("resident-id", Format::ResidentId),
        ("mobile", Format::Mobile),
        ("credit-code", Format::CreditCode),
        ("date", Format::Date),
        ("division", Format::Division),
        ("email", Format::Email),
    ];

    pub(crate) fn find(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(n, _)| *n == name);
        found.map(|(_, format)| *format)
    }

    /// Full-width characters become half-width; spaces inside numbers go; dates get their ISO form.
    pub(crate) fn tidy(self, text: &str) -> String {
        let narrow = text.chars().map(narrow);
        match self {
            Format::ResidentId | Format::CreditCode => narrow
                .filter(|c| !c.is_whitespace())
                .map(|c| c.to_ascii_uppercase())
                .collect(),
            Format::Mobile | Format::Division => {
                narrow.filter(|c| !c.is_whitespace() && *c != '-').collect()
            }
            Format::Email => narrow.collect(),
            Format::Date => iso(&narrow.collect::<String>()),
        }
    }

    /// What is wrong with a tidied text, in words for whoever typed it.
    pub(crate) fn check(self, text: &str, today: Date) -> Result<(), String> {
        match self {
            Format::ResidentId => ResidentId::parse(text, today).map(drop),
            Format::Mobile => check_mobile(text),
            Format::CreditCode => check_credit_code(text),
            Format::Date => check_date(text),
            Format::Division => check_division(text),
            Format::Email => check_email(text),
        }
    }

    /// `2026年11月22日`; a text that is no date stays as it is.
    pub(crate) fn date_words(text: &str) -> String {
        parse_iso(text).map_or_else(|| text.to_owned(), date_words)
    }
}

/// The half-width form of a full-width character.
pub(crate) fn narrow(character: char) -> char {
    match character {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        other => other,
    }
}

/// People write 2026年1月2日, 2026/1/2, 2026.1.2 and 20260102; anything else is left for the check.
fn iso(text: &str) -> String {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if parse_iso(&compact).is_some() {
        return compact;
    }
    let formats = ["%Y-%m-%d", "%Y年%m月%d日", "%Y/%m/%d", "%Y.%m.%d"];
    let mut dates = formats
        .iter()
        .filter_map(|format| Date::parse_from_str(&compact, format).ok());
    let plain = || match compact.len() {
        8 => Date::parse_from_str(&compact, "%Y%m%d").ok(),
        _ => None,
    };
    let found = dates.next().or_else(plain);
    found.map_or(compact.clone(), |date| date.to_string())
}

/// Exactly `2026-11-22`.
fn parse_iso(text: &str) -> Option<Date> {
    let shape = text.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    text.parse().ok().filter(|_| shape && text.len() == 10)
}

fn check_date(text: &str) -> Result<(), String> {
    use chrono::Datelike;
    match parse_iso(text) {
        Some(date) if (1850..=2200).contains(&date.year()) => Ok(()),
        _ => Err("日期应写作 2026-11-22 这样的形式，请核对".to_owned()),
    }
}

fn check_division(text: &str) -> Result<(), String> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match digits && text.len() == 12 {
        true => Ok(()),
        false => Err("行政区划代码应为 12 位数字，请重新选择".to_owned()),
    }
}

fn check_email(text: &str) -> Result<(), String> {
    let fits = text.len() <= 254 && text.is_ascii() && !text.contains([' ', '<', '>', '"', ',']);
    let sides = text.split_once('@').filter(|_| fits);
    let good = sides.is_some_and(|(name, host)| {
        let labels = host.split('.').all(|label| !label.is_empty());
        !name.is_empty() && host.contains('.') && labels && !host.contains('@')
    });
    match good {
        true => Ok(()),
        false => Err("电子邮箱应写作 name@example.com 这样的形式，请核对".to_owned()),
    }
}
