//! The decisions of a step: what each asks for, and the one place that it leads to. Knows no other step but by name.

use toml::Spanned;

use super::file::StepFile;
use super::model::{Choice, End, To};
use super::read::Reader;
use super::words;
use crate::definition::{Decision, Tone};

const MAX_DECISIONS: usize = 12;

/// The word of `to` that is no step.
pub(super) const NEXT: &str = "next";

/// What a decision may lead to: the steps by their names, and the ends.
pub(super) struct Around<'a> {
    pub steps: &'a [&'a str],
    pub ends: &'a [End],
}

impl Reader<'_> {
    pub fn choices(&mut self, written: &StepFile, name: &str, around: &Around<'_>) -> Vec<Choice> {
        match written.decisions.as_slice() {
            [] => self.fault(
                &written.name,
                name,
                "没有写决定（decisions），没有人能办完这一步",
            ),
            many if many.len() > MAX_DECISIONS => {
                let words = format!("决定超过 {MAX_DECISIONS} 个");
                self.fault(&written.name, name, words);
            }
            _ => {}
        }
        let mut choices: Vec<Choice> = Vec::new();
        for (ix, text) in written.decisions.iter().enumerate() {
            let Some(choice) = self.choice(text, ix == 0, (name, around), written) else {
                continue;
            };
            let code = &choice.decision.name;
            if choices.iter().any(|c| c.decision.name == *code) {
                self.fault(text, name, format!("决定 {code} 写了两次"));
            }
            choices.push(choice);
        }
        let codes: Vec<&str> = written
            .decisions
            .iter()
            .filter_map(|text| text.get_ref().split_whitespace().next())
            .collect();
        for key in written.then.keys() {
            let code = key.get_ref();
            if !codes.contains(&code.as_str()) {
                let words = format!("do.{code} 没有人读：这一步没有决定 {code}");
                self.fault(key, name, words);
            }
        }
        choices
    }

    fn choice(
        &mut self,
        text: &Spanned<String>,
        is_first: bool,
        (name, around): (&str, &Around<'_>),
        step: &StepFile,
    ) -> Option<Choice> {
        let read = match words::is_unprintable(text.get_ref()) {
            true => Err("决定里有显示不了的字符".to_owned()),
            false => words::decision(text.get_ref()).and_then(|written| {
                let mut decision = written.decision;
                if is_first && !written.toned {
                    decision.tone = Tone::Favourable;
                }
                let (ends, to) = way(&decision, written.to.as_deref(), is_first, around)?;
                Ok((decision, ends, to))
            }),
        };
        let (decision, ends, to) = match read {
            Ok(read) => read,
            Err(message) => {
                self.fault(text, name, message);
                return None;
            }
        };
        let mut then = step.then.iter();
        let calls = then.find(|(key, _)| *key.get_ref() == decision.name);
        Some(Choice {
            line: self.line(text),
            calls: calls.map_or_else(Vec::new, |(_, calls)| self.calls(calls, name)),
            ends,
            to,
            decision,
        })
    }
}

/// The ends that a decision comes to under conditions, and where it leads otherwise.
fn way(
    decision: &Decision,
    to: Option<&str>,
    is_first: bool,
    around: &Around<'_>,
) -> Result<(Vec<usize>, To), String> {
    let code = &decision.name;
    let (conditional, end) = ends_of(around.ends, code);
    let named = to.map(|to| step_named(to, around.steps)).transpose()?;
    let mended = decision.asks.map(|_| To::Mend);
    let ways: Vec<To> = named
        .into_iter()
        .chain(mended)
        .chain(end.map(To::End))
        .collect();
    match ways.as_slice() {
        [one] => Ok((conditional, *one)),
        [] if is_first => Ok((conditional, To::Next)),
        [] => Err(format!(
            "决定 {code} 没有人读：没有一个不带 when 的 [[end]] 用 on 接它，也没有 asks 或 to；办完后照样往下走的，请写 to=next"
        )),
        _ => Err(format!(
            "决定 {code} 有几个去处：[[end]] 的 on、asks、to 只能有一个"
        )),
    }
}

fn step_named(to: &str, steps: &[&str]) -> Result<To, String> {
    if to == NEXT {
        return Ok(To::Next);
    }
    let found = steps.iter().position(|step| *step == to);
    found.map(To::Step).ok_or_else(|| {
        let steps = steps.join("、");
        format!("to={to}：没有这个环节，可用的有：next、{steps}")
    })
}

/// The ends that a decision may come to: under conditions, and otherwise.
fn ends_of(ends: &[End], decision: &str) -> (Vec<usize>, Option<usize>) {
    let named = |end: &End| end.on.iter().flatten().any(|on| on == decision);
    let (mut conditional, mut plain) = (Vec::new(), None);
    for (ix, end) in ends.iter().enumerate().filter(|(_, end)| named(end)) {
        match end.when {
            Some(_) => conditional.push(ix),
            None => plain = plain.or(Some(ix)),
        }
    }
    (conditional, plain)
}
