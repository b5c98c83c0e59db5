//! From the keys of a file to a scenario.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeValue;
use tongban_coverage::Baseline;

use super::{Carrier, Claimed, FOLDER, Part, Reading, Refused, Scenario, Step, Stranger, What};
use crate::values::Texts;
use crate::{sights, time, verbs};

/// When a scenario begins that does not say: on a Monday.
const BEGINNING: &str = "2026-11-23 09:00";

/// What every step may say.
const COMMON: [&str; 4] = ["as", "on", "at", "wait"];

pub(super) fn scenario<'t>(reading: &mut Reading<'t>) -> Option<Scenario> {
    let mut whole = reading.whole()?;
    let title = whole.take("title").and_then(|value| reading.value(value));
    if title.is_none() {
        reading.fault(0, "缺少 title：这个场景说的是什么");
    }
    let covers = whole.take("covers");
    let covers = covers
        .map(|value| covered(reading, value))
        .unwrap_or_default();
    let at = beginning(reading, &mut whole);
    let strangers = whole.parts("person", reading);
    let strangers = strangers
        .into_iter()
        .filter_map(|part| reading.rest::<Stranger>(part));
    let strangers = strangers.collect();
    let steps = steps(reading, &mut whole);
    for key in whole.keys() {
        let start = reading.text.find(&key).unwrap_or_default();
        reading.fault(
            start,
            format!(
                "不认识的字段 {key}；可用的字段：title、covers、at、[[person]]、[[do]]、[[see]]"
            ),
        );
    }
    if !steps.iter().any(|step| step.what.asserts()) && reading.faults.is_empty() {
        reading.fault(
            0,
            "这个场景什么也没有断言：至少要有一个 [[see]]，或者一个写了 refused 的 [[do]]",
        );
    }
    let name = reading
        .file
        .trim_start_matches(FOLDER)
        .trim_end_matches(".toml");
    Some(Scenario {
        name: name.to_owned(),
        file: reading.file.to_owned(),
        title: title?,
        covers,
        at: at?,
        strangers,
        steps,
    })
}

fn beginning<'t>(
    reading: &mut Reading<'t>,
    whole: &mut Part<'t>,
) -> Option<tongban_base::Timestamp> {
    let given = whole.take("at");
    let start = given.as_ref().map_or(0, |value| value.span().start);
    let text = match given {
        Some(value) => reading.value::<String>(value)?,
        None => BEGINNING.to_owned(),
    };
    let moment = time::moment(&text);
    if moment.is_none() {
        reading.fault(start, format!("“{text}”不是时间，应形如 {BEGINNING}"));
    }
    moment
}

/// An id that stands in no table would prove nothing.
fn covered<'t>(reading: &mut Reading<'t>, value: Spanned<DeValue<'t>>) -> Vec<Claimed> {
    let start = value.span().start;
    let Some(named) = reading.value::<BTreeMap<String, Texts>>(value) else {
        return Vec::new();
    };
    let baseline = Baseline::embedded();
    let known = baseline.ids();
    let mut covers = Vec::new();
    for (id, carriers) in named {
        let place = reading.text.get(start..).and_then(|rest| rest.find(&id));
        let place = start + place.unwrap_or_default();
        if !known.contains(id.as_str()) {
            reading.fault(place, format!("{id} 不在 docs/requirements 的任何一张表里"));
        }
        for carrier in &carriers.0 {
            match Carrier::parse(carrier) {
                Ok(carrier) => covers.push(Claimed {
                    id: id.clone(),
                    carrier,
                }),
                Err(words) => reading.fault(place, words),
            }
        }
    }
    covers
}

/// What is done and what is seen, in the order of the file.
fn steps<'t>(reading: &mut Reading<'t>, whole: &mut Part<'t>) -> Vec<Step> {
    let done = whole
        .parts("do", reading)
        .into_iter()
        .map(|part| (part, true));
    let done: Vec<_> = done.collect();
    let seen = whole
        .parts("see", reading)
        .into_iter()
        .map(|part| (part, false));
    let mut parts: Vec<_> = done.into_iter().chain(seen).collect();
    parts.sort_by_key(|(part, _)| part.start);
    let numbered = (1..).zip(parts);
    let steps = numbered.filter_map(|(number, (part, does))| step(reading, number, part, does));
    steps.collect()
}

fn step<'t>(
    reading: &mut Reading<'t>,
    number: usize,
    mut part: Part<'t>,
    does: bool,
) -> Option<Step> {
    let (start, line) = (part.start, reading.line(part.start));
    let when = when(reading, &mut part);
    let who = part.take("as").and_then(|value| reading.value(value));
    let on = part.take("on").and_then(|value| reading.value(value));
    let words: Vec<&str> = match does {
        true => verbs::WORDS.iter().map(|word| word.key).collect(),
        false => sights::WORDS.iter().map(|word| word.key).collect(),
    };
    let used: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| part.has(word))
        .collect();
    let what = match (used.as_slice(), does) {
        ([], true) if part.keys().is_empty() && when.is_some() => What::Wait,
        ([word], true) => {
            let refused = part
                .take("refused")
                .and_then(|value| reading.value::<Refused>(value));
            let known = verbs::WORDS.iter().find(|known| known.key == *word)?;
            What::Do((known.read)(reading, part)?, refused)
        }
        ([word], false) => {
            let known = sights::WORDS.iter().find(|known| known.key == *word)?;
            What::See((known.read)(reading, part)?)
        }
        (used, _) => {
            reading.fault(start, told(used, &words, &part));
            return None;
        }
    };
    Some(Step {
        number,
        line,
        when,
        who,
        on,
        what,
    })
}

fn told(used: &[&str], words: &[&str], part: &Part) -> String {
    let all = words.join("、");
    match used {
        [] => format!(
            "这一步没有说做什么、看什么（写了 {}）；可用的：{all}；此外每一步可写 {}",
            part.keys().join("、"),
            COMMON.join("、")
        ),
        several => format!("一步只能做一件事，这里写了 {}", several.join("、")),
    }
}

fn when<'t>(reading: &mut Reading<'t>, part: &mut Part<'t>) -> Option<time::When> {
    let (at, wait) = (part.take("at"), part.take("wait"));
    let (value, is_at) = match (at, wait) {
        (Some(value), None) => (value, true),
        (None, Some(value)) => (value, false),
        (None, None) => return None,
        (Some(value), Some(_)) => {
            reading.fault(value.span().start, "at 和 wait 只能写一个");
            return None;
        }
    };
    let start = value.span().start;
    let text: String = reading.value(value)?;
    let when = match is_at {
        true => time::moment(&text).map(time::When::At),
        false => time::wait(&text),
    };
    if when.is_none() {
        let words = match is_at {
            true => format!("“{text}”不是时间，应形如 {BEGINNING}"),
            false => format!("“{text}”不是时长，应形如 3 workdays、2 days、5 hours、30 minutes"),
        };
        reading.fault(start, words);
    }
    when
}
