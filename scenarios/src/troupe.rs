//! Plays scenarios, several at once, each in a house of its own.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;

use crate::bite::{Bitten, Outcome, bite};
use crate::play::Play;
use crate::{Claimed, Fallen, Opening, Played, Scenario, Stage, Why};

/// All of them, in their order; `workers` at once.
pub async fn play_all(
    stage: &Arc<dyn Stage>,
    scenarios: &[Arc<Scenario>],
    workers: usize,
) -> Vec<Played> {
    let room = Arc::new(Semaphore::new(workers.max(1)));
    let mut tasks = Vec::new();
    for scenario in scenarios {
        let (stage, scenario, room) = (Arc::clone(stage), Arc::clone(scenario), Arc::clone(&room));
        tasks.push(tokio::spawn(async move {
            let _turn = room.acquire().await;
            play(&*stage, &scenario).await
        }));
    }
    let mut played = Vec::new();
    for (task, scenario) in tasks.into_iter().zip(scenarios) {
        let done = task.await;
        played.push(done.unwrap_or_else(|fault| panicked(scenario, &fault.to_string())));
    }
    played
}

/// Takes out what carries each of these claims, and plays the scenario again; `workers` at once.
pub async fn bite_all(
    stage: &Arc<dyn Stage>,
    claims: Vec<(Arc<Scenario>, Claimed)>,
    workers: usize,
) -> Vec<Bitten> {
    let room = Arc::new(Semaphore::new(workers.max(1)));
    let mut tasks = Vec::new();
    for (scenario, claimed) in &claims {
        let (stage, room) = (Arc::clone(stage), Arc::clone(&room));
        let (scenario, claimed) = (Arc::clone(scenario), claimed.clone());
        tasks.push(tokio::spawn(async move {
            let _turn = room.acquire().await;
            bite(&stage, &scenario, &claimed).await
        }));
    }
    let mut bitten = Vec::new();
    for (task, (scenario, claimed)) in tasks.into_iter().zip(claims) {
        let done = task.await;
        bitten.push(done.unwrap_or_else(|fault| Bitten {
            scenario: scenario.name.clone(),
            claimed,
            outcome: Outcome::Stuck(vec![("演出".to_owned(), fault.to_string())]),
        }));
    }
    bitten
}

/// One of them.
pub(crate) async fn play(stage: &dyn Stage, scenario: &Scenario) -> Played {
    let begun = Instant::now();
    let opening = Opening {
        at: scenario.at,
        strangers: scenario.strangers.clone(),
    };
    let house = stage.house(&opening).await;
    let opened = begun.elapsed();
    let outcome = match house {
        Ok(house) => Play::begin(house, stage.pack()).whole(scenario).await,
        Err(words) => Err(Fallen {
            step: 0,
            line: 1,
            why: Why::Broken(words),
        }),
    };
    Played {
        opening: opened,
        playing: begun.elapsed().saturating_sub(opened),
        ..told(scenario, outcome.err())
    }
}

fn panicked(scenario: &Scenario, words: &str) -> Played {
    let why = Why::Broken(words.to_owned());
    let (step, line) = (0, 1);
    told(scenario, Some(Fallen { step, line, why }))
}

fn told(scenario: &Scenario, fallen: Option<Fallen>) -> Played {
    Played {
        name: scenario.name.clone(),
        file: scenario.file.clone(),
        title: scenario.title.clone(),
        covers: scenario.covers.clone(),
        fallen,
        opening: std::time::Duration::ZERO,
        playing: std::time::Duration::ZERO,
    }
}
