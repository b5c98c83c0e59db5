//! Rules by which papers are numbered: `示例{year}{seq:6}`. Rules that read alike count in one series, so that no number
//! comes twice; rules that could make each other's numbers otherwise are refused.

use std::collections::BTreeMap;

use serde::Deserialize;
use tongban_base::{Date, Result};
use tongban_store::{Tx, next_number_after};

use crate::Findings;

/// Text with one running number, perhaps a year that it begins anew with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct NumberRule {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Year,
    Sequence(usize),
}

impl TryFrom<String> for NumberRule {
    type Error = String;

    fn try_from(rule: String) -> std::result::Result<Self, String> {
        Self::parse(&rule)
    }
}

impl NumberRule {
    /// Errors: a Chinese sentence.
    pub fn parse(rule: &str) -> std::result::Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = rule;
        while let Some((text, after)) = rest.split_once('{') {
            push_text(&mut parts, text)?;
            let (name, tail) = after
                .split_once('}')
                .ok_or("编号规则中的“{”没有对应的“}”")?;
            parts.push(placeholder(name)?);
            rest = tail;
        }
        push_text(&mut parts, rest)?;
        let count = |wanted: fn(&Part) -> bool| parts.iter().filter(|p| wanted(p)).count();
        if count(|p| matches!(p, Part::Sequence(_))) != 1 {
            return Err("编号规则应当恰好有一个流水号，例如 {seq:6}".into());
        }
        if count(|p| matches!(p, Part::Year)) > 1 {
            return Err("编号规则里的年份 {year} 只写一次".into());
        }
        Ok(Self { parts })
    }

    pub fn number(&self, year: i32, sequence: i64) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Year => year.to_string(),
            Part::Sequence(width) => format!("{sequence:0width$}"),
        });
        parts.collect()
    }

    /// The next number of the rule's series. `former` and the year are what the counter was called before rules had
    /// series of their own: it goes on from where that stood.
    pub async fn next(&self, tx: &mut Tx, day: Date, former: &str) -> Result<String> {
        let year = chrono::Datelike::year(&day);
        let counter = format!("number {} {}", self.series(), self.period(year));
        let former = if self.has_year() {
            format!("{former}{year}")
        } else {
            format!("{former}%")
        };
        let sequence = next_number_after(tx, &counter, &former).await?;
        Ok(self.number(year, sequence))
    }

    fn has_year(&self) -> bool {
        self.parts.contains(&Part::Year)
    }

    /// What the running number counts within: the year if the rule names it, else all time.
    fn period(&self, year: i32) -> String {
        if self.has_year() {
            year.to_string()
        } else {
            String::new()
        }
    }

    /// The rule without the width of its running number: padding makes no other series.
    fn series(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Year => "{year}",
            Part::Sequence(_) => "{seq}",
        });
        parts.collect()
    }

    /// The rule with each run of digits as one mark: two rules whose outlines differ never make the same number.
    fn outline(&self) -> String {
        let mut outline = String::new();
        for c in self.number(0, 0).chars() {
            let c = if c.is_ascii_digit() { '#' } else { c };
            if c != '#' || !outline.ends_with('#') {
                outline.push(c);
            }
        }
        outline
    }
}

/// The rules of a pack, each with where it stands.
#[derive(Debug, Default)]
pub struct NumberRules(BTreeMap<String, (String, String)>);

impl NumberRules {
    /// Two rules of different series that could make the same number are told where the second stands.
    pub fn add(&mut self, file: &str, rule: &NumberRule, findings: &mut Findings) {
        let series = rule.series();
        let (first, other) = self
            .0
            .entry(rule.outline())
            .or_insert_with(|| (series.clone(), file.to_owned()));
        if *first != series {
            let message = format!(
                "编号规则与 {other} 的可能编出同一个号：要么写成一样（共用一个流水号），要么加上不同的字"
            );
            findings.add(file, Some("number_rule"), message);
        }
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) -> std::result::Result<(), String> {
    if text.contains('}') {
        return Err("编号规则中的“}”没有对应的“{”".into());
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
    Ok(())
}

fn placeholder(name: &str) -> std::result::Result<Part, String> {
    if name == "year" {
        return Ok(Part::Year);
    }
    let width = if name == "seq" {
        Some("1")
    } else {
        name.strip_prefix("seq:")
    };
    match width.and_then(|w| w.parse().ok()) {
        Some(width @ 1..=18) => Ok(Part::Sequence(width)),
        _ => Err(format!(
            "编号规则不认识 {{{name}}}；可用的有 {{year}} 和 {{seq:位数}}"
        )),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_rule_with_a_year_counts_from_one_in_each_year() {
        let rule = NumberRule::parse("示例{year}{seq:6}").unwrap();
        assert_eq!(rule.number(2026, 7), "示例2026000007");
        assert_eq!(rule.number(2026, 1_234_567), "示例20261234567");
        assert_ne!(rule.period(2026), rule.period(2027));
        let plain = NumberRule::parse("{seq}").unwrap();
        assert_eq!(plain.number(2026, 12), "12");
        assert_eq!(plain.period(2026), plain.period(2027));
    }

    #[test]
    fn a_rule_that_cannot_number_is_refused() {
        for rule in [
            "示例",
            "{seq}{seq}",
            "{year}{year}{seq}",
            "{seq:0}",
            "{month}{seq}",
            "{yaer}{seq}",
            "{seq:6",
            "seq:6}{seq}",
            "{sequence}",
        ] {
            assert!(NumberRule::parse(rule).is_err(), "{rule}");
        }
    }

    #[test]
    fn rules_that_could_make_the_same_number_are_told_and_equal_ones_share_a_series() {
        let told = |rules: &[&str]| {
            let (mut all, mut findings) = (NumberRules::default(), Findings::default());
            for (place, rule) in rules.iter().enumerate() {
                let rule = NumberRule::parse(rule).unwrap();
                all.add(&format!("{place}.toml"), &rule, &mut findings);
            }
            findings.0.len()
        };
        assert_eq!(told(&["示〔{year}〕{seq:4}号", "示〔{year}〕{seq:4}号"]), 0);
        assert_eq!(told(&["示{year}{seq:4}", "示{year}{seq:6}"]), 0);
        assert_eq!(told(&["示{year}{seq:4}", "例{year}{seq:4}"]), 0);
        assert_eq!(told(&["A{seq}", "A1{seq}"]), 1);
        assert_eq!(told(&["A{year}{seq}", "A{seq}", "A{seq}{year}"]), 2);
    }
}
