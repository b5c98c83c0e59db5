//! Rules by which licences are numbered: `示例{year}{seq:6}`. Knows no counter; it names the one to use.

/// Text with one running number, perhaps a year that it begins anew with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberRule {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Year,
    Sequence(usize),
}

impl NumberRule {
    /// Errors: a Chinese sentence.
    pub fn parse(rule: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = rule;
        while let Some((text, after)) = rest.split_once('{') {
            push_text(&mut parts, text);
            let (name, tail) = after
                .split_once('}')
                .ok_or("编号规则中的“{”没有对应的“}”")?;
            parts.push(placeholder(name)?);
            rest = tail;
        }
        push_text(&mut parts, rest);
        let sequences = parts.iter().filter(|p| matches!(p, Part::Sequence(_)));
        match sequences.count() {
            1 => Ok(Self { parts }),
            _ => Err("编号规则应当恰好有一个流水号，例如 {seq:6}".into()),
        }
    }

    /// What the running number counts within: the year if the rule names it, else all time.
    pub fn period(&self, year: i32) -> String {
        let yearly = self.parts.contains(&Part::Year);
        if yearly {
            year.to_string()
        } else {
            String::new()
        }
    }

    pub fn number(&self, year: i32, sequence: i64) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Year => year.to_string(),
            Part::Sequence(width) => format!("{sequence:0width$}"),
        });
        parts.collect()
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

fn placeholder(name: &str) -> Result<Part, String> {
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
            "{seq:0}",
            "{month}{seq}",
            "{seq:6",
            "{sequence}",
        ] {
            assert!(NumberRule::parse(rule).is_err(), "{rule}");
        }
    }
}
