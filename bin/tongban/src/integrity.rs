//! Tells of rows that were changed beside the program: the store finds them when they are read, the audit log keeps them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tongban_audit::{
    ANCHOR_FILE, AuditKey, Entry, ROW_BROKEN, ROWS_WALKED, SCHEMA_CHANGED, Verification, attempt,
    read_anchor, verify_anchored,
};
use tongban_base::{Ctx, Result, Timestamp};
use tongban_crypto::KeyRing;
use tongban_identity::Identity;
use tongban_messages::{MessageTemplates, Recipient, Subject};
use tongban_packs::Findings;
use tongban_procedures::Catalog;
use tongban_store::{
    ALL_ROWS, BrokenRow, Db, Marked, MarkedRows, Tx, compare_schema, fold_sums, sums_reached,
    tell_table, walk_marks,
};

use crate::modules;
use crate::wiring::House;

/// Entries of an hour at most: whoever changes many rows does not fill the log. The program's own log has them all.
const BUDGET: usize = 100;
const HOUR: i64 = 60;
const ALARM: &str = "integrity.alarm";

/// Who is told by message: whoever reads the audit log.
#[derive(Clone)]
pub struct Alarm {
    identity: Identity,
    catalog: Arc<Catalog>,
    templates: MessageTemplates,
}

impl Alarm {
    pub fn of(house: &House, ring: &KeyRing) -> Result<Self> {
        let folder = &house.pack.folder;
        let templates = MessageTemplates::read(folder, &mut Findings::default());
        Ok(Self {
            identity: house.identity.clone(),
            catalog: Arc::clone(&house.desk.catalog),
            templates: templates.with_cipher(ring.field_cipher()?),
        })
    }

    async fn ring(&self, db: &Db, now: Timestamp, found: &[BrokenRow]) -> Result<()> {
        let tables: BTreeSet<&str> = found.iter().map(|row| row.table).collect();
        let tables = tables.into_iter().collect::<Vec<_>>().join("、");
        let data = json!({ "alarm": { "count": found.len(), "tables": tables } });
        let subject = Subject {
            kind: "integrity",
            id: now.0.to_string(),
            link: "/workbench/audit?event=row.broken".into(),
        };
        db.write(
            (self.clone(), Ctx::system(now), (subject, data)),
            |tx, (alarm, ctx, about)| Box::pin(alarm.tell(tx, ctx, about)),
        )
        .await
    }

    async fn tell(&self, tx: &mut Tx, ctx: &Ctx, (subject, data): &(Subject, Json)) -> Result<()> {
        let right = tongban_audit::READ.0;
        for organisation in self.catalog.installation().organisations() {
            let readers = self.identity.officers_in(tx, &organisation.code, right);
            for (account, name) in readers.await? {
                let to = Recipient {
                    account,
                    name,
                    mobile: None,
                };
                tongban_messages::send(tx, ctx, &self.templates, ALARM, &to, subject, data).await?;
            }
        }
        Ok(())
    }
}

/// Writes entries of what was found since the last time, and has whoever answers for it told, once an hour at most.
pub struct RowWatch {
    key: AuditKey,
    alarm: Option<Alarm>,
    spent: Mutex<(Timestamp, usize)>,
    rung: Mutex<Rung>,
}

/// When whoever answers for it was told last, and what was found since.
#[derive(Default)]
struct Rung {
    last: Option<Timestamp>,
    untold: Vec<BrokenRow>,
}

impl RowWatch {
    pub fn new(key: AuditKey, alarm: Option<Alarm>) -> Self {
        Self {
            key,
            alarm,
            spent: Mutex::new((Timestamp(0), 0)),
            rung: Mutex::default(),
        }
    }

    fn rung(&self) -> MutexGuard<'_, Rung> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be told now; nothing before the hour is over.
    fn due(&self, found: &[BrokenRow], now: Timestamp) -> Vec<BrokenRow> {
        let mut rung = self.rung();
        rung.untold.extend(found.iter().cloned());
        match rung.last.is_none_or(|last| now >= last.plus_minutes(HOUR)) {
            true => rung.untold.clone(),
            false => Vec::new(),
        }
    }

    /// Whom the message does not reach is told by the log and by `/readyz` all the same, and by the next one.
    async fn ring(&self, db: &Db, now: Timestamp, found: &[BrokenRow]) {
        let Some(alarm) = &self.alarm else {
            return;
        };
        let due = self.due(found, now);
        if due.is_empty() {
            return;
        }
        if let Err(problem) = alarm.ring(db, now, &due).await {
            tracing::error!(alarm = true, %problem, "nobody could be told of changed rows");
            return;
        }
        let mut rung = self.rung();
        rung.last = Some(now);
        rung.untold.drain(..due.len());
    }

    pub async fn tell(&self, db: &Db, now: Timestamp) -> Result<()> {
        let found = db.newly_broken_rows();
        let ctx = Ctx::system(now);
        self.ring(db, now, &found).await;
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

/// The log against its anchors: how long it is, and what is wrong with it.
pub async fn look_at_log(
    db: &Db,
    (key, folder): (&AuditKey, &Path),
    copies: &[PathBuf],
) -> Result<(Verification, Vec<String>)> {
    let (mut anchors, mut broken) = (Vec::new(), Vec::new());
    let own = folder.join(ANCHOR_FILE);
    for path in std::iter::once(&own).chain(copies) {
        match read_anchor(path, key)? {
            None => broken.push(format!("锚点文件 {} 不在", path.display())),
            Some(lines) => {
                if let Some(line) = lines.broken_at {
                    let path = path.display();
                    broken.push(format!("锚点文件 {path} 自第 {line} 行起不是本系统写入的"));
                }
                anchors.push(lines);
            }
        }
    }
    fold_sums(db).await?;
    let reached = db.read((), |tx, ()| Box::pin(sums_reached(tx))).await?;
    let kept = anchors.iter().filter_map(|lines| lines.lines.last()?.sums);
    if kept.max().is_some_and(|kept| kept > reached) {
        broken.push("数据表的合计早于锚点所记，数据库被整个退回过".to_owned());
    }
    let report = verify_anchored(db, key, &anchors).await?;
    broken.extend(report.faults.iter().map(|fault| {
        let id = fault.id.as_deref().unwrap_or("—");
        format!("第 {} 条（{id}）：{}", fault.sequence, fault.reason.words())
    }));
    Ok((report, broken))
}

/// After a table the walk rests so many times as long as that took: it has a quarter of one reader at most.
const REST: u32 = 3;
/// It never rests longer.
const LONGEST_REST: Duration = Duration::from_secs(60);
const HOURS_BETWEEN: i64 = 20;

/// So often the tables are walked that take no time.
const MINUTES_BETWEEN: i64 = 10;
/// A table of so many rows takes none: accounts of officers, settings, seals.
const FEW: u64 = 20_000;
/// The table under which a log that was cut is told.
const LOG: &str = "audit_entry";

/// Walks all marked tables and the audit log soon after a start and every night, and small tables every few minutes.
pub struct NightWalk {
    key: AuditKey,
    folder: PathBuf,
    /// The hour of the day, as the clock on the wall has it.
    hour: u32,
    begun: Timestamp,
    last: Mutex<Option<Timestamp>>,
    /// The tables that the last walk found to be small, and when they were walked.
    small: Mutex<(Vec<&'static Marked>, Timestamp)>,
}

impl NightWalk {
    pub fn new((key, folder): (AuditKey, &Path), hour: u32, begun: Timestamp) -> Self {
        Self {
            key,
            folder: folder.to_owned(),
            hour,
            begun,
            last: Mutex::default(),
            small: Mutex::new((Vec::new(), begun)),
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

    /// Whether it is time for the small tables.
    pub fn is_round_due(&self, now: Timestamp) -> bool {
        let small = self.small.lock();
        small.is_ok_and(|small| !small.0.is_empty() && now >= small.1.plus_minutes(MINUTES_BETWEEN))
    }

    /// What is found is told by the store, in `/readyz` and by `RowWatch`.
    pub async fn walk(&self, db: &Db, now: Timestamp) -> Result<()> {
        if let Ok(mut last) = self.last.lock() {
            *last = Some(now);
        }
        look_at_schema(db, &self.key, now).await?;
        let pages = db.file_faults().await?;
        if !pages.is_empty() {
            tracing::error!(alarm = true, ?pages, "the database file is damaged");
        }
        let mut unsound = self.log(db).await?;
        let mut rows = 0;
        let mut small = Vec::new();
        for marked in modules::marked(&modules::all()) {
            let begun = Instant::now();
            let walked = walk_marks(db, marked).await?;
            rows += walked.rows;
            if walked.rows <= FEW {
                small.push(marked);
            }
            unsound.extend(unsound_of(&walked));
            tokio::time::sleep((begun.elapsed() * REST).min(LONGEST_REST)).await;
        }
        self.keep_small(small, now);
        alarm(&unsound);
        let entry = Entry::done(ROWS_WALKED, "table", "all");
        let entry = entry.with_detail(json!({ "rows": rows, "unsound": unsound }));
        attempt(db, &Ctx::system(now), &self.key, entry).await
    }

    /// The small tables only.
    pub async fn round(&self, db: &Db, now: Timestamp) -> Result<()> {
        let small = self.small.lock().map(|small| small.0.clone());
        let small = small.unwrap_or_default();
        self.keep_small(small.clone(), now);
        let mut unsound = Vec::new();
        for marked in small {
            unsound.extend(unsound_of(&walk_marks(db, marked).await?));
        }
        alarm(&unsound);
        Ok(())
    }

    fn keep_small(&self, tables: Vec<&'static Marked>, now: Timestamp) {
        if let Ok(mut small) = self.small.lock() {
            *small = (tables, now);
        }
    }

    /// The name of the log where it is not whole.
    async fn log(&self, db: &Db) -> Result<Vec<&'static str>> {
        let (_, broken) = look_at_log(db, (&self.key, &self.folder), &[]).await?;
        tell_table(db, LOG, broken.is_empty());
        if broken.is_empty() {
            return Ok(Vec::new());
        }
        let first = broken.iter().take(10).collect::<Vec<_>>();
        tracing::error!(
            alarm = true,
            ?first,
            "the audit log is not as it was written"
        );
        Ok(vec![LOG])
    }
}

fn unsound_of(walked: &MarkedRows) -> Option<&'static str> {
    let is_sound = walked.whole == Some(true) && walked.broken.is_empty();
    (!is_sound).then_some(walked.table)
}

fn alarm(unsound: &[&str]) {
    if !unsound.is_empty() {
        tracing::error!(
            alarm = true,
            ?unsound,
            "the walk found tables that are not as they were written"
        );
    }
}
