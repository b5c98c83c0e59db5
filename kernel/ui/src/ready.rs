//! `/readyz`: whether the house can do its work, found out by doing a little of it, and what is broken in words.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures::future::{BoxFuture, join_all};
use serde::Serialize;
use tokio::sync::Mutex;
use tongban_base::{Problem, Timestamp};
use tongban_store::LaneStatus;

use crate::App;

/// An answer counts for all who ask in this time.
const FRESH: Duration = Duration::from_secs(1);
/// A check that gives no answer in this time has failed.
const PATIENCE: Duration = Duration::from_secs(2);
/// What fell is told for so long after it was begun anew.
const REMEMBERED: Duration = Duration::from_secs(60);
/// A job that is due should not wait longer.
const LONGEST_WAIT_MINUTES: i64 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    Ready,
    /// People are served, and something needs to be looked at.
    Degraded,
    /// What people send cannot be kept.
    Unready,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub part: String,
    pub state: Readiness,
    pub words: String,
}

impl Finding {
    pub fn degraded(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self {
            part: part.into(),
            state: Readiness::Degraded,
            words: words.into(),
        }
    }

    pub fn unready(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self {
            state: Readiness::Unready,
            ..Self::degraded(part, words)
        }
    }
}

/// Looks whether a part of the house works; finds nothing if it does.
#[derive(Clone)]
pub struct Check {
    part: &'static str,
    run: Arc<dyn Fn() -> BoxFuture<'static, Vec<Finding>> + Send + Sync>,
}

impl Check {
    pub fn new<F>(part: &'static str, run: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Vec<Finding>> + Send + 'static,
    {
        Self {
            part,
            run: Arc::new(move || Box::pin(run())),
        }
    }

    async fn findings(&self) -> Vec<Finding> {
        let run = tokio::spawn((self.run)());
        match tokio::time::timeout(PATIENCE, run).await {
            Ok(Ok(findings)) => findings,
            Ok(Err(_)) => vec![Finding::unready(self.part, "检查时出错")],
            Err(_) => vec![Finding::unready(
                self.part,
                format!("{} 秒内没有答复", PATIENCE.as_secs()),
            )],
        }
    }
}

/// What was found last; looked for anew at most once a second.
#[derive(Default)]
pub(crate) struct LastReport(Mutex<Option<(Instant, Report)>>);

#[derive(Clone, Debug, Serialize)]
struct Report {
    state: Readiness,
    at: String,
    findings: Vec<Finding>,
}

pub(crate) async fn show(State(app): State<App>) -> Response {
    let report = report(&app).await;
    let status = match report.state {
        Readiness::Ready | Readiness::Degraded => StatusCode::OK,
        Readiness::Unready => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(report)).into_response()
}

async fn report(app: &App) -> Report {
    let mut last = app.last_report().0.lock().await;
    if let Some((at, report)) = &*last
        && at.elapsed() < FRESH
    {
        return report.clone();
    }
    let own = own_checks(app);
    let found = join_all(own.iter().chain(app.checks()).map(Check::findings)).await;
    let findings: Vec<Finding> = found.into_iter().flatten().collect();
    let worst = findings.iter().map(|finding| finding.state).max();
    let report = Report {
        state: worst.unwrap_or(Readiness::Ready),
        at: app.now().rfc3339(),
        findings,
    };
    *last = Some((Instant::now(), report.clone()));
    report
}

fn own_checks(app: &App) -> [Check; 3] {
    let (store, lanes, parts) = (app.clone(), app.clone(), app.clone());
    [
        Check::new("store", move || {
            let app = store.clone();
            async move {
                let beat = app.db().beat(app.now()).await;
                beat.err()
                    .map(|problem| unwritable(&problem))
                    .into_iter()
                    .collect()
            }
        }),
        Check::new("jobs", move || {
            let app = lanes.clone();
            async move {
                match app.db().lanes(app.now()).await {
                    Ok(lanes) => lanes
                        .iter()
                        .flat_map(|lane| waits(lane, app.now()))
                        .collect(),
                    Err(problem) => vec![Finding::unready("jobs", problem.message())],
                }
            }
        }),
        Check::new("parts", move || {
            let app = parts.clone();
            async move { fallen(&app) }
        }),
    ]
}

fn unwritable(problem: &Problem) -> Finding {
    tracing::warn!(%problem, "the small write of /readyz failed");
    let words = match problem.code() {
        "store.full" => "存储空间已满，数据库无法写入",
        "store.replaced" => {
            "数据库文件（tongban.db 或 tongban.db-wal）被移走或替换，已停止保存。请立即停机，放回原来的文件或从备份恢复"
        }
        _ => "数据库无法写入",
    };
    Finding::unready("store", words)
}

fn waits(lane: &LaneStatus, now: Timestamp) -> Vec<Finding> {
    let part = format!("jobs.{}", lane.lane);
    let minutes = |since: Timestamp| (now.0 - since.0) / 60_000;
    let mut findings = Vec::new();
    if let Some(since) = lane
        .due_since
        .filter(|since| minutes(*since) >= LONGEST_WAIT_MINUTES)
    {
        let words = format!(
            "{}：最早的一项已经等了 {} 分钟，共 {} 项在等",
            lane.title(),
            minutes(since),
            lane.waiting
        );
        findings.push(Finding::degraded(&part, words));
    }
    if let Some(since) = lane
        .failing_since
        .filter(|since| minutes(*since) >= LONGEST_WAIT_MINUTES)
    {
        let words = format!(
            "{}：{} 项没有成功，还在重试，最早的一项已经 {} 分钟",
            lane.title(),
            lane.failing,
            minutes(since)
        );
        findings.push(Finding::degraded(&part, words));
    }
    if lane.dead > 0 {
        let words = format!("{}：{} 项多次失败，不再自动重试", lane.title(), lane.dead);
        findings.push(Finding::degraded(part, words));
    }
    findings
}

fn fallen(app: &App) -> Vec<Finding> {
    let parts = app.db().upkeep().parts();
    let recent = parts.iter().filter(|part| {
        let last = part.last_fall;
        last.is_some_and(|fall| fall.elapsed() < REMEMBERED)
    });
    recent
        .map(|part| Finding::degraded(&part.name, format!("出错后重新启动了 {} 次", part.falls)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counterpart_that_takes_nothing_is_told_though_nothing_is_due() {
        let mut lane = LaneStatus {
            lane: "counterpart:sms".into(),
            waiting: 3,
            dead: 0,
            due_since: None,
            failing: 3,
            failing_since: Some(Timestamp(0)),
        };
        assert!(waits(&lane, Timestamp(60_000)).is_empty());
        let told = waits(&lane, Timestamp(420_000));
        assert!(
            told[0]
                .words
                .contains("3 项没有成功，还在重试，最早的一项已经 7 分钟")
        );
        lane.failing_since = None;
        assert!(waits(&lane, Timestamp(420_000)).is_empty());
    }
}
