//! The formats of the field: how a typed text is tidied up and what is wrong with it, in words.

use tongban_base::numbers::{ResidentId, check_credit_code, check_mobile, check_phone};
use tongban_base::{Date, date_words, typed};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    ResidentId,
    Mobile,
    CreditCode,
    Date,
    Division,
    Email,
    /// Of a person, as the card has it.
    Name,
    /// A number or sign of capitals and digits.
    Code,
    /// The address of a page: http or https.
    Link,
    /// Of any telephone at home, with or without an extension.
    Phone,
}

impl Format {
    pub(crate) const ALL: [(&'static str, Format); 10] = [
        ("resident-id", Format::ResidentId),
        ("mobile", Format::Mobile),
        ("credit-code", Format::CreditCode),
        ("date", Format::Date),
        ("division", Format::Division),
        ("email", Format::Email),
        ("name", Format::Name),
        ("code", Format::Code),
        ("link", Format::Link),
        ("phone", Format::Phone),
    ];

    pub(crate) fn find(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(n, _)| *n == name);
        found.map(|(_, format)| *format)
    }

    /// As `typed` has it; dates get their ISO form.
    pub fn tidy(self, text: &str) -> String {
        match self {
            Format::ResidentId | Format::CreditCode | Format::Code => typed::code(text),
            Format::Mobile => typed::mobile(text),
            Format::Phone => check_phone(text).unwrap_or_else(|_| typed::line(text)),
            Format::Division => typed::digits(text),
            Format::Email | Format::Link => typed::line(text),
            Format::Date => iso(&typed::line(text)),
            Format::Name => typed::name(text).unwrap_or_else(|_| typed::visible(text)),
        }
    }

    /// What is wrong with a tidied text, in words for whoever typed it.
    pub(crate) fn check(self, text: &str, today: Date) -> Result<(), String> {
        match self {
            Format::ResidentId => ResidentId::parse(text, today).map(drop),
            Format::Mobile => check_mobile(text).map(drop),
            Format::CreditCode => check_credit_code(text),
            Format::Date => check_date(text),
            Format::Division => check_division(text),
            Format::Email => check_email(text),
            Format::Name => typed::name(text).map(drop),
            Format::Code => check_code(text),
            Format::Link => check_link(text),
            Format::Phone => check_phone(text).map(drop),
        }
    }

    /// `2026年11月22日`; a text that is no date stays as it is.
    pub(crate) fn date_words(text: &str) -> String {
        parse_iso(text).map_or_else(|| text.to_owned(), date_words)
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
        _ => Err(no_such_day(text)
            .unwrap_or_else(|| "日期应写作 2026-11-22 这样的形式，请核对".to_owned())),
    }
}

/// Written as a date, but not in the calendar: 29 February of most years, 31 April.
fn no_such_day(text: &str) -> Option<String> {
    let mut parts = text.split(['-', '/', '.', '年', '月', '日']);
    let mut number = || parts.next()?.parse::<u32>().ok();
    let compact = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let (year, month, day) = match compact {
        true => (
            text.get(..4)?.parse().ok()?,
            text.get(4..6)?.parse().ok()?,
            text.get(6..)?.parse().ok()?,
        ),
        false => (number()?, number()?, number()?),
    };
    let first = Date::from_ymd_opt(i32::try_from(year).ok()?, month, 1);
    match first {
        _ if !(1850..=2200).contains(&year) => None,
        None => Some(format!("一年没有 {month} 月，请核对日期")),
        Some(_) if (1..=31).contains(&day) => {
            Some(format!("{year}年{month}月没有 {day} 日，请核对日期"))
        }
        Some(_) => Some(format!("{month}月没有 {day} 日，请核对日期")),
    }
}

fn check_division(text: &str) -> Result<(), String> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match digits && text.len() == 12 {
        true => Ok(()),
        false => Err("行政区划代码应为 12 位数字，请重新选择".to_owned()),
    }
}

fn check_code(text: &str) -> Result<(), String> {
    match text
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    {
        true => Ok(()),
        false => Err("只能由字母和数字组成，请核对".to_owned()),
    }
}

/// Nothing but a page: what a browser would run, or a file of this machine, is no link.
fn check_link(text: &str) -> Result<(), String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`');
    let good = host.is_some_and(|host| !host.is_empty() && !host.contains('@'));
    match good && text.len() <= 1000 && text.chars().all(plain) {
        true => Ok(()),
        false => Err(
            "链接应写作 https://www.example.com/ 这样的网址（只能是 http 或者 https），请核对"
                .to_owned(),
        ),
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
