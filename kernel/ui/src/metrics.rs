//! What `/metrics` tells of the lanes and of what is watched over.

use std::fmt::Write;

use tongban_base::{Result, Timestamp};
use tongban_store::{LaneStatus, Upkeep};

use crate::App;

pub(crate) async fn of_parts(app: &App) -> Result<String> {
    let now = app.now();
    let lanes = app.db().lanes(now).await?;
    let mut text = String::new();
    jobs(&mut text, &lanes, now);
    falls(&mut text, app.db().upkeep());
    Ok(text)
}

fn jobs(text: &mut String, lanes: &[LaneStatus], now: Timestamp) {
    let mut gauge = |name: &str, value: &dyn Fn(&LaneStatus) -> i64| {
        let _ = writeln!(text, "# TYPE {name} gauge");
        for lane in lanes {
            let _ = writeln!(text, "{name}{{lane=\"{}\"}} {}", lane.lane, value(lane));
        }
    };
    gauge("tongban_jobs_waiting", &|lane| lane.waiting);
    gauge("tongban_jobs_dead", &|lane| lane.dead);
    gauge("tongban_jobs_oldest_due_seconds", &|lane| {
        lane.due_since.map_or(0, |since| (now.0 - since.0) / 1000)
    });
}

fn falls(text: &mut String, upkeep: &Upkeep) {
    let name = "tongban_falls_total";
    let _ = writeln!(text, "# TYPE {name} counter");
    for part in upkeep.parts() {
        let _ = writeln!(text, "{name}{{part=\"{}\"}} {}", part.name, part.falls);
    }
}
