//! Whether a chain says something that never happens: a step or an end that nobody comes to, a condition that is none,
//! a decision that no step offers. Looks at the chain only.

use super::model::{Chain, Step, To, When};
use super::read::fault;
use crate::definition::Diagnostic;

pub(super) fn check(chain: &Chain, faults: &mut Vec<Diagnostic>) {
    conditions(chain, faults);
    ends(chain, faults);
    if faults.is_empty() {
        ways(chain, faults);
    }
}

/// A condition that names nothing always gives the same.
fn conditions(chain: &Chain, faults: &mut Vec<Diagnostic>) {
    let steps = chain
        .steps
        .iter()
        .map(|step| (&step.when, step.name.as_str()));
    let ends = chain.ends.iter().map(|end| (&end.when, ""));
    for (when, step) in steps.chain(ends) {
        let Some(when) = when else { continue };
        if is_constant(when) {
            let words = format!(
                "条件“{}”里没有可变的内容，结果总是一样：总是不成立的，没有人走得到这里；总是成立的，请删去 when",
                when.source
            );
            faults.push(fault(when.line, step, words));
        }
    }
}

/// Nothing outside quotes but marks, numbers and the words for yes and no.
fn is_constant(when: &When) -> bool {
    let mut quote = None;
    let mut bare = String::new();
    for character in when.source.chars() {
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => continue,
            None if matches!(character, '\'' | '"') => quote = Some(character),
            None => bare.push(character),
        }
    }
    let word = |c: char| c.is_alphanumeric() || c == '_';
    bare.split(|c| !word(c))
        .filter(|part| !part.is_empty() && !part.starts_with(|c: char| c.is_ascii_digit()))
        .all(|part| matches!(part, "true" | "false" | "null" | "in"))
}

fn ends(chain: &Chain, faults: &mut Vec<Diagnostic>) {
    let offered = |code: &str| {
        let mut choices = chain.steps.iter().flat_map(|step| &step.choices);
        choices.any(|choice| choice.decision.name == code)
    };
    for (ix, end) in chain.ends.iter().enumerate() {
        for code in end.on.iter().flatten().filter(|code| !offered(code)) {
            let words = format!("on 里的决定 {code} 没有一个环节有，走不到这个结束");
            faults.push(fault(end.line, "", words));
        }
        if end.when.is_some() {
            continue;
        }
        let same = |other: &super::model::End| {
            let both_through = end.on.is_none() && other.on.is_none();
            let mut codes = end.on.iter().flatten();
            let shared = codes.any(|code| other.on.iter().flatten().any(|on| on == code));
            other.when.is_none() && (both_through || shared)
        };
        if chain.ends[..ix].iter().any(same) {
            let words = "前面已有一个不带 when 的 [[end]] 接同样的决定，走不到这个结束";
            faults.push(fault(end.line, "", words));
        }
    }
}

/// Follows the chain from its beginning.
fn ways(chain: &Chain, faults: &mut Vec<Diagnostic>) {
    let count = chain.steps.len();
    // What comes to the place before each step; the last place is behind them all.
    let (mut arrived, mut done) = (vec![false; count + 1], vec![false; count]);
    let (mut places, mut tasks) = (vec![0], Vec::new());
    loop {
        if let Some(place) = places.pop() {
            if std::mem::replace(&mut arrived[place], true) || place == count {
                continue;
            }
            tasks.push(place);
            if chain.steps[place].when.is_some() {
                places.push(place + 1);
            }
        } else if let Some(task) = tasks.pop() {
            if std::mem::replace(&mut done[task], true) {
                continue;
            }
            for choice in &chain.steps[task].choices {
                match choice.to {
                    To::Next => places.push(task + 1),
                    To::Step(other) => tasks.push(other),
                    To::Mend | To::End(_) => {}
                }
            }
        } else {
            break;
        }
    }
    let lost = chain.steps.iter().zip(&done).filter(|(_, done)| !**done);
    faults.extend(lost.map(|(step, _)| nobody_comes(step)));
    through(chain, arrived[count], faults);
}

fn nobody_comes(step: &Step) -> Diagnostic {
    let words = "没有人走得到这一步：前一步的每个决定都已结束、退回，或者去了别处";
    fault(step.line, &step.name, words)
}

/// An end of what came through all steps, where nothing does.
fn through(chain: &Chain, arrived: bool, faults: &mut Vec<Diagnostic>) {
    let of_all = chain.ends.iter().filter(|end| end.on.is_none());
    for end in of_all.filter(|end| !arrived && !end.is_implied) {
        let words =
            "没有人走得到这个结束：没有一个环节走完整条链，请删去，或者用 on 写明接哪个决定";
        faults.push(fault(end.line, "", words));
    }
}
