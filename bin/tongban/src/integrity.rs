//! Tells of rows that were changed beside the program: the store finds them when they are read, the audit log keeps them.

use std::sync::Mutex;

use tongban_audit::{AuditKey, Entry, ROW_BROKEN, attempt};
use tongban_base::{Ctx, Result, Timestamp};
use tongban_store::{BrokenRow, Db};

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
            let reason = "内容与写入时的校验值不符，已停止使用";
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
