//! Tells of rows that were changed beside the program: the store finds them when they are read, the audit log keeps them.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::json;
use tongban_audit::{AuditKey, Entry, ROW_BROKEN, ROWS_WALKED, SCHEMA_CHANGED, attempt};
use tongban_base::{Ctx, Result, Timestamp};
use tongban_store::{ALL_ROWS, BrokenRow, Db, compare_schema, walk_marks};

use crate::modules;

/// Entries of an hour at most: whoever changes many rows does not fill the log. The program's own log has them all.
const BUDGET: usize = 100;
const HOUR: i64 = 60;

/// Writes entries of what was found since the last time.
pub struct RowWatch {
    key: AuditKey,
    spent: Mutex<(Timestamp, usize)>,
}

impl RowWatch {
    pub fn new(key: AuditKey) -> Self {
        Self {
            key,
            spent: Mutex::new((Timestamp(0), 0)),
        }
    }

    pub async fn tell(&self, db: &Db, now: Timestamp) -> Result<()> {
        let found = db.newly_broken_rows();
        let ctx = Ctx::system(now);
        for row in self.within_budget(found, now) {
            let reason = match row.key.as_str() {
                ALL_ROWS => "有记录被系统之外的操作删除、退回或补入",
                _ => "内容与写入时的校验值不符，已停止使用",
            };
            let entry = Entry::refused(ROW_BROKEN, row.table, row.key, reason);
            attempt(db, &ctx, &self.key, entry).await?;
        }
        Ok(())
    }

    fn within_budget(&self, mut found: Vec<BrokenRow>, now: Timestamp) -> Vec<BrokenRow> {
        let Ok(mut spent) = self.spent.lock() else {
            return Vec::new();
        };
        if now.0 >= spent.0.plus_minutes(HOUR).0 {
            *spent = (now, 0);
        }
        found.truncate(BUDGET - spent.1.min(BUDGET));
        spent.1 += found.len();
        found
    }
}

/// Compares the database with what this program makes, and puts on record where it is another.
pub async fn look_at_schema(db: &Db, key: &AuditKey, now: Timestamp) -> Result<()> {
    // Whoever may make no schema on the server serves all the same; what could not be compared is told.
    let faults = match compare_schema(db, &modules::migrations(&modules::all())).await {
        Ok(faults) => faults,
        Err(problem) => {
            tracing::warn!(%problem, "the database could not be compared with what this program makes");
            return Ok(());
        }
    };
    if faults.is_empty() {
        return Ok(());
    }
    tracing::error!(
        alarm = true,
        ?faults,
        "the database is not as this program makes it"
    );
    let entry = Entry::refused(SCHEMA_CHANGED, "database", "schema", "数据库结构被改动");
    let entry = entry.with_detail(json!({ "faults": faults }));
    attempt(db, &Ctx::system(now), key, entry).await
}

/// After a table the walk rests so many times as long as that took: it has a quarter of one reader at most.
const REST: u32 = 3;
/// It never rests longer.
const LONGEST_REST: Duration = Duration::from_secs(60);
const HOURS_BETWEEN: i64 = 20;

/// Walks all marked tables soon after a start, and every night.
pub struct NightWalk {
    key: AuditKey,
    /// The hour of the day, as the clock on the wall has it.
    hour: u32,
    begun: Timestamp,
    last: Mutex<Option<Timestamp>>,
}

impl NightWalk {
    pub fn new(key: AuditKey, hour: u32, begun: Timestamp) -> Self {
        Self {
            key,
            hour,
            begun,
            last: Mutex::default(),
        }
    }

    /// Two minutes after the start, and then in that hour of each day.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let last = self.last.lock().map_or(Some(now), |last| *last);
        match last {
            None => now >= self.begun.plus_minutes(2),
            Some(last) => {
                let hour = now.clock().get(..2).and_then(|hour| hour.parse().ok());
                hour == Some(self.hour) && now >= last.plus_minutes(HOURS_BETWEEN * HOUR)
            }
        }
    }

    /// What is found is told by the store, in `/readyz` and by `RowWatch`.
    pub async fn walk(&self, db: &Db, now: Timestamp) -> Result<()> {
        if let Ok(mut last) = self.last.lock() {
            *last = Some(now);
        }
        look_at_schema(db, &self.key, now).await?;
        let (mut rows, mut unsound) = (0, Vec::new());
        for marked in modules::marked(&modules::all()) {
            let begun = Instant::now();
            let walked = walk_marks(db, marked).await?;
            rows += walked.rows;
            if walked.whole != Some(true) || !walked.broken.is_empty() {
                unsound.push(walked.table);
            }
            tokio::time::sleep((begun.elapsed() * REST).min(LONGEST_REST)).await;
        }
        if !unsound.is_empty() {
            tracing::error!(
                alarm = true,
                ?unsound,
                "the walk found tables that are not as they were written"
            );
        }
        let entry = Entry::done(ROWS_WALKED, "table", "all");
        let entry = entry.with_detail(json!({ "rows": rows, "unsound": unsound }));
        attempt(db, &Ctx::system(now), &self.key, entry).await
    }
}
