//! Parts taken out of an approval chain: a step, a decision with what follows from it, or what is said of a decision.

use serde_json::Value as Json;
use tongban_packs::Folder;

use super::reduce::key;
use super::{Reduced, tree};

/// `STEP`, `STEP.DECISION`, `STEP.DECISION.WORD` (`reason`, `asks`, `to`), else a key as in any other file.
pub(super) fn candidates(
    folder: &Folder,
    file: &str,
    keys: &[String],
) -> Result<Vec<Reduced>, String> {
    let chain = tree::read(folder, file)?;
    let at = |name: &String| {
        let steps = chain["step"].as_array()?;
        steps.iter().position(|step| step["name"] == **name)
    };
    match keys {
        [] => Err(format!(
            "{file} 整个拿掉，事项就没有流程了；请指明其中的环节"
        )),
        [step] if at(step).is_some() => {
            let at = at(step).unwrap_or_default();
            let rest = without_step(chain.clone(), at, step);
            Ok(vec![reduced(
                folder,
                file,
                format!("拿掉环节 {step}"),
                &rest,
            )?])
        }
        [step, decision] if at(step).is_some_and(|at| has(&chain, at, decision)) => {
            let at = at(step).unwrap_or_default();
            let ended = without_decision(chain.clone(), at, decision, true);
            let alone = without_decision(chain.clone(), at, decision, false);
            let how = format!("{step} 不再能选 {decision}");
            Ok(vec![
                reduced(folder, file, format!("{how}，也没有这个结局"), &ended)?,
                reduced(folder, file, how, &alone)?,
            ])
        }
        [step, decision, word] if at(step).is_some_and(|at| has(&chain, at, decision)) => {
            let at = at(step).unwrap_or_default();
            let rest = without_word(chain.clone(), at, decision, word);
            if rest == chain {
                return Err(format!("{file} 里没有 {}", keys.join(".")));
            }
            let how = format!("{step} 的 {decision} 不再写 {word}");
            Ok(vec![reduced(folder, file, how, &rest)?])
        }
        keys => key(folder, file, keys),
    }
}

fn reduced(folder: &Folder, file: &str, how: String, chain: &Json) -> Result<Reduced, String> {
    Ok(Reduced {
        how: format!("{file} {how}"),
        folder: tree::written(folder, file, chain)?,
    })
}

/// A list under a key, if it is there.
fn list<'j>(of: &'j mut Json, key: &str) -> Option<&'j mut Vec<Json>> {
    of.get_mut(key)?.as_array_mut()
}

/// The word by which a decision is known.
fn name(decision: &Json) -> &str {
    let words = decision.as_str().unwrap_or_default();
    words.split_whitespace().next().unwrap_or_default()
}

fn decisions(chain: &Json, at: usize) -> impl Iterator<Item = &Json> {
    chain["step"][at]["decisions"]
        .as_array()
        .into_iter()
        .flatten()
}

fn has(chain: &Json, at: usize, decision: &str) -> bool {
    decisions(chain, at).any(|other| name(other) == decision)
}

/// Nobody is sent back to a step that is not there.
fn without_step(mut chain: Json, at: usize, step: &str) -> Json {
    let leads = |decision: &Json| {
        let words = decision.as_str().unwrap_or_default();
        words
            .split_whitespace()
            .any(|word| word == format!("to={step}"))
    };
    if let Some(steps) = chain["step"].as_array_mut() {
        steps.remove(at);
        for step in steps {
            if let Some(decisions) = list(step, "decisions") {
                decisions.retain(|decision| !leads(decision));
            }
        }
    }
    let taken = chain.clone();
    if let Some(ends) = list(&mut chain, "end") {
        ends.retain(|end| end["on"].as_str().is_none_or(|on| is_taken(&taken, on)));
    }
    chain
}

/// Whether some step leaves by this decision.
fn is_taken(chain: &Json, decision: &str) -> bool {
    let steps = chain["step"].as_array().map_or(0, Vec::len);
    (0..steps).any(|at| has(chain, at, decision))
}

fn without_decision(mut chain: Json, at: usize, decision: &str, with_end: bool) -> Json {
    let step = &mut chain["step"][at];
    if let Some(decisions) = list(step, "decisions") {
        decisions.retain(|other| name(other) != decision);
    }
    if let Some(done) = step.get_mut("do").and_then(Json::as_object_mut) {
        done.shift_remove(decision);
    }
    let gone = with_end && !is_taken(&chain, decision);
    if let Some(ends) = list(&mut chain, "end").filter(|_| gone) {
        ends.retain(|end| end["on"] != *decision);
    }
    chain
}

fn without_word(mut chain: Json, at: usize, decision: &str, word: &str) -> Json {
    let decisions = list(&mut chain["step"][at], "decisions");
    for other in decisions.into_iter().flatten() {
        if name(other) == decision {
            let words = other.as_str().unwrap_or_default().split_whitespace();
            let kept =
                words.filter(|part| part.split('=').next() != Some(word) || !part.contains('='));
            *other = Json::from(kept.collect::<Vec<_>>().join(" "));
        }
    }
    chain
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const CHAIN: &str = r#"
title = "甲"
do = ["case.accept"]
[[step]]
name = "预审"
who = "clerk"
decisions = ["pass 通过", "back 退回 asks=correction reason=required"]
do.back = ["message.send(a)"]
[[step]]
name = "审批"
who = "head"
decisions = ["grant 同意", "deny 不同意", "again 退回 to=预审"]
[[end]]
do = ["case.close(granted)"]
[[end]]
on = "deny"
do = ["case.close(denied)"]
"#;

    fn after(path: &[&str]) -> Vec<String> {
        let folder = Folder::default().with("flows/f.toml", CHAIN);
        let keys: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        let reduced = candidates(&folder, "flows/f.toml", &keys).unwrap();
        let texts = reduced.iter();
        texts
            .map(|reduced| reduced.folder.text("flows/f.toml").unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_step_goes_with_the_ways_that_lead_back_to_it() {
        let text = after(&["预审"]).remove(0);
        assert!(
            !text.contains("预审") && text.contains("grant 同意"),
            "{text}"
        );
        let text = after(&["审批"]).remove(0);
        assert!(!text.contains("deny") && text.contains("预审"), "{text}");
    }

    #[test]
    fn a_decision_goes_with_what_it_does_and_with_its_end() {
        let [ended, alone] = after(&["审批", "deny"]).try_into().unwrap();
        assert!(
            !ended.contains("deny") && alone.contains("on = \"deny\""),
            "{ended} {alone}"
        );
        let text = after(&["预审", "back"]).remove(0);
        assert!(
            !text.contains("退回 asks") && !text.contains("message.send"),
            "{text}"
        );
    }

    #[test]
    fn what_is_said_of_a_decision_is_taken_away_and_nothing_else() {
        let text = after(&["预审", "back", "reason"]).remove(0);
        assert!(text.contains("back 退回 asks=correction\""), "{text}");
        let folder = Folder::default().with("flows/f.toml", CHAIN);
        let told = |path: &[&str]| {
            let keys: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
            candidates(&folder, "flows/f.toml", &keys).unwrap_err()
        };
        assert_eq!(
            told(&["预审", "pass", "reason"]),
            "flows/f.toml 里没有 预审.pass.reason"
        );
        assert_eq!(told(&["复审"]), "flows/f.toml 里没有 复审");
        assert!(told(&[]).contains("请指明其中的环节"));
    }
}
