//! What came of scenarios and their claims, for people and for programs.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tongban_scenarios::{Bitten, Outcome, Played};

use crate::log::say;

pub fn played(played: &[Played], whole: Duration) {
    played.iter().for_each(tell);
    let good = played.iter().filter(|one| one.fallen.is_none()).count();
    let each = |of: fn(&Played) -> Duration| {
        let sum: Duration = played.iter().map(of).sum();
        sum.as_millis() / played.len().max(1) as u128
    };
    say(&format!(
        "{} 个场景，{good} 个通过，用时 {:.1} 秒；平均每个搭台 {} 毫秒、演出 {} 毫秒",
        played.len(),
        whole.as_secs_f64(),
        each(|one| one.opening),
        each(|one| one.playing),
    ));
}

fn tell(played: &Played) {
    let seconds = (played.opening + played.playing).as_secs_f64();
    let word = match played.fallen {
        None => "通过",
        Some(_) => "没过",
    };
    let (name, title) = (&played.name, &played.title);
    say(&format!("{word}  {name}  {title}（{seconds:.1} 秒）"));
    if let Some(fallen) = &played.fallen {
        say(&format!("  {fallen}"));
    }
}

pub fn bitten(bitten: &[Bitten]) {
    for one in bitten {
        let (word, more) = words(one);
        let (id, carrier) = (&one.claimed.id, &one.claimed.carrier);
        say(&format!(
            "{word}  {id}  {carrier}（{}）{more}",
            one.scenario
        ));
    }
    let good = bitten.iter().filter(|one| one.counts()).count();
    say(&format!("{} 条声明，{good} 条站得住", bitten.len()));
}

fn words(bitten: &Bitten) -> (&'static str, String) {
    match &bitten.outcome {
        Outcome::Known => ("已知", "：场景和业务包都没有变过".to_owned()),
        Outcome::Bites { how, fallen } => {
            let step = fallen.step;
            ("有效", format!("：{how}，第 {step} 步就演不下去"))
        }
        Outcome::Idle { how } => (
            "无效",
            format!("：{how}，场景照样通过，说明它没有验证这项功能"),
        ),
        Outcome::Stuck(tried) => {
            let tried = tried.iter().map(|(how, why)| format!("\n    {how}：{why}"));
            let tried: String = tried.collect();
            ("无效", format!("：怎样拿掉都会弄坏别的定义{tried}"))
        }
        Outcome::Absent(words) => ("无效", format!("：{words}")),
    }
}

pub fn json(played: &[Played], bitten: &[Bitten]) -> Json {
    let scenario = |one: &Played| {
        json!({
            "name": one.name, "title": one.title, "passed": one.fallen.is_none(),
            "failed": one.fallen.as_ref().map(ToString::to_string),
            "opening_ms": one.opening.as_millis() as u64, "playing_ms": one.playing.as_millis() as u64,
        })
    };
    let claim = |one: &Bitten| {
        let (_, words) = words(one);
        json!({
            "scenario": one.scenario, "id": one.claimed.id, "carrier": one.claimed.carrier.to_string(),
            "bites": one.counts(), "words": words.trim_start_matches('：'),
        })
    };
    json!({
        "scenarios": played.iter().map(scenario).collect::<Vec<_>>(),
        "claims": bitten.iter().map(claim).collect::<Vec<_>>(),
    })
}
