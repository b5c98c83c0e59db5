//! The days off of a year, as somebody types or pastes them: a day, or a first and a last one, and the name of the holiday.

use std::collections::BTreeMap;

use chrono::{Datelike, Weekday};
use serde_json::{Map, Value as Json, json};
use tongban_base::{Date, typed};

use super::Reader;

/// A notice names no more days of a year.
const MOST_DAYS: usize = 120;
const LONGEST_NAME: usize = 20;

type Days = BTreeMap<Date, String>;

pub(super) fn year(reader: &mut Reader<'_>, code: &str, body: &mut Map<String, Json>) {
    let year: i32 = code.parse().unwrap_or_default();
    let holidays = days(reader, "holidays", year);
    let workdays = days(reader, "workdays", year);
    if holidays.is_empty() && reader.faults.is_empty() {
        reader.fault("holidays", "至少写一天");
    }
    let twice = workdays.keys().find(|day| holidays.contains_key(day));
    if let Some(day) = twice {
        reader.fault("workdays", format!("{day} 同时写在放假里"));
    }
    let is_weekend = |day: &Date| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    if let Some(day) = workdays.keys().find(|day| !is_weekend(day)) {
        let words = format!("{day} 不是周末，本来就是工作日，不用写");
        reader.fault("workdays", words);
    }
    body.insert("year".into(), json!(year));
    body.insert("holidays".into(), written(&holidays));
    body.insert("workdays".into(), written(&workdays));
}

fn written(days: &Days) -> Json {
    let days = days.iter();
    days.map(|(date, name)| json!({ "date": date.to_string(), "name": name }))
        .collect()
}

fn days(reader: &mut Reader<'_>, field: &str, year: i32) -> Days {
    let mut days = Days::new();
    let text = reader.typed.text(field).to_owned();
    for (number, line) in (1..).zip(text.lines()) {
        let line = typed::line(&line.replace(['\t', ',', '，', '、'], " "));
        if line.is_empty() {
            continue;
        }
        let told = |words: String| format!("第 {number} 行：{words}");
        let read = span(&line).and_then(|(first, last, name)| {
            match (first.year(), last.year()) == (year, year) {
                true => Ok((first, last, name)),
                false => Err(format!("不是 {year} 年的日期")),
            }
        });
        match read {
            Err(words) => return failed(reader, field, told(words)),
            Ok((first, last, name)) => {
                for day in first.iter_days().take_while(|day| *day <= last) {
                    if days.insert(day, name.clone()).is_some() {
                        return failed(reader, field, told(format!("{day} 写了两次")));
                    }
                    if days.len() > MOST_DAYS {
                        return failed(reader, field, told(format!("最多 {MOST_DAYS} 天")));
                    }
                }
            }
        }
    }
    days
}

fn failed(reader: &mut Reader<'_>, field: &str, words: String) -> Days {
    reader.fault(field, words);
    Days::new()
}

/// `2027-02-05 至 2027-02-11 春节`, `2027-01-01 元旦`.
fn span(line: &str) -> Result<(Date, Date, String), String> {
    let line = line.replace(['至', '~', '～', '—'], " 至 ");
    let mut words = line.split_whitespace().peekable();
    let day = |word: Option<&str>| {
        let word = word.unwrap_or_default();
        let digits = word.replace(['/', '.', '年', '月'], "-").replace('日', "");
        digits.parse::<Date>().map_err(|_| {
            format!("“{word}”不是日期；写成“2027-01-01 元旦”或者“2027-02-05 至 2027-02-11 春节”")
        })
    };
    let first = day(words.next())?;
    let is_to = words.next_if_eq(&"至").is_some();
    let is_day = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    let last = match is_to || words.peek().is_some_and(is_day) {
        true => day(words.next())?,
        false => first,
    };
    let name: String = words.collect();
    match name.chars().count() {
        _ if last < first => Err("后一天早于前一天".to_owned()),
        0 => Err("日期后面写节日的名称".to_owned()),
        long if long > LONGEST_NAME => Err(format!("节日的名称最多 {LONGEST_NAME} 个字")),
        _ => Ok((first, last, name)),
    }
}

/// The days of a list of a body as one types them.
pub(crate) fn lines(body: &Json, field: &str) -> String {
    let days = body[field].as_array().into_iter().flatten();
    let line = |day: &Json| {
        let text = |key: &str| day[key].as_str().unwrap_or_default().to_owned();
        format!("{} {}", text("date"), text("name"))
    };
    days.map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use tongban_packs::{EntryKind, Installation};

    use super::super::{Typed, body};
    use super::*;

    fn read(holidays: &str, workdays: &str) -> Result<Json, Vec<String>> {
        let sent = [
            ("code", "2027"),
            ("holidays", holidays),
            ("workdays", workdays),
        ];
        let sent = sent.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let read = body(
            &Installation::default(),
            (EntryKind::Year, ""),
            &Typed::of(sent.into()),
            &[],
        );
        read.map(|(_, body)| body)
            .map_err(|faults| faults.into_iter().map(|f| f.message).collect())
    }

    #[test]
    fn days_are_read_one_by_one_as_spans_and_as_a_pasted_table() {
        let told =
            "2027-01-01 元旦\n2027年2月6日至2027年2月8日 春节\n\n2027/4/5\t清明节\n2027-12-22 冬至";
        let read = read(told, "2027-02-14，春节").unwrap();
        assert_eq!(
            lines(&read, "holidays"),
            "2027-01-01 元旦\n2027-02-06 春节\n2027-02-07 春节\n2027-02-08 春节\n2027-04-05 清明节\n2027-12-22 冬至"
        );
        assert_eq!(lines(&read, "workdays"), "2027-02-14 春节");
    }

    #[test]
    fn what_cannot_be_a_day_off_is_told_with_its_line() {
        for (holidays, workdays, words) in [
            ("2027-01-01 元旦\n春节", "", "第 2 行：“春节”不是日期"),
            ("2027-13-01 元旦", "", "不是日期"),
            ("2026-01-01 元旦", "", "不是 2027 年"),
            ("2027-01-01", "", "写节日的名称"),
            ("2027-01-03 至 2027-01-01 元旦", "", "早于"),
            ("2027-01-01 元旦\n2027-01-01 元旦", "", "写了两次"),
            ("", "", "至少写一天"),
            ("2027-01-02 元旦", "2027-01-02 元旦", "同时写在放假里"),
            ("2027-01-01 元旦", "2027-01-04 元旦", "不是周末"),
        ] {
            let told = read(holidays, workdays).unwrap_err().join("；");
            assert!(told.contains(words), "{told}");
        }
    }
}
