//! What `/readyz` asks of this house besides the database and the jobs: files, the audit log, the log of the program.

use std::time::{Duration, Instant};

use tongban_base::Clock;
use tongban_store::{Db, Objects};
use tongban_ui::{Check, Finding};

use crate::log;

/// Entries wait a second to be sealed; this is far too long.
const SEALED_AFTER_MINUTES: i64 = 2;
/// Lost lines are told for so long.
const REMEMBERED: Duration = Duration::from_secs(60);

pub fn checks(db: &Db, objects: &Objects, clock: &Clock) -> Vec<Check> {
    let (db, objects, clock) = (db.clone(), objects.clone(), clock.clone());
    let machine = clock.clone();
    let rows = db.clone();
    vec![
        Check::new("objects", move || {
            let objects = objects.clone();
            async move { files(&objects).await }
        }),
        Check::new("audit", move || {
            let (db, clock) = (db.clone(), clock.clone());
            async move { sealing(&db, &clock).await }
        }),
        Check::new("database", || async { broken(tongban_store::is_broken()) }),
        Check::new("rows", move || {
            let db = rows.clone();
            async move { broken_rows(db.broken_rows().len()) }
        }),
        Check::new("log", || async { lines(log::lost()) }),
        Check::new("clock", move || {
            let leap = machine.leap();
            async move { leapt(leap) }
        }),
    ]
}

async fn files(objects: &Objects) -> Vec<Finding> {
    let Err(problem) = objects.try_out().await else {
        return lost_files(objects.lost());
    };
    tracing::warn!(%problem, "the small file of /readyz could not be written");
    let words = match problem.code() {
        "store.full" => "存储空间已满，文件无法保存",
        _ => "文件无法保存",
    };
    vec![Finding::unready("objects", words)]
}

/// Until they are mended.
fn lost_files(many: usize) -> Vec<Finding> {
    let words = format!(
        "{many} 份文件损坏或缺失，打不开。请运行 tongban check-data 查明是哪些，从备份取回，或请当事人重新提交"
    );
    let found = (many > 0).then(|| Finding::degraded("files", words));
    found.into_iter().collect()
}

async fn sealing(db: &Db, clock: &Clock) -> Vec<Finding> {
    let oldest = match tongban_audit::oldest_unsealed(db).await {
        Ok(oldest) => oldest,
        Err(problem) => return vec![Finding::unready("audit", problem.message())],
    };
    let late = oldest.filter(|at| at.plus_minutes(SEALED_AFTER_MINUTES) < clock.now());
    let words = |_| Finding::degraded("audit", "审计日志没有及时封存");
    late.map(words).into_iter().collect()
}

/// Until the next start, for whoever has brought back a sound one.
fn broken(is_broken: bool) -> Vec<Finding> {
    let words = "数据库文件有损坏，请立即停机并从备份恢复";
    let found = is_broken.then(|| Finding::unready("database", words));
    found.into_iter().collect()
}

/// Until they are put right and read again.
fn broken_rows(many: usize) -> Vec<Finding> {
    let words = format!("{many} 条记录没有通过完整性校验，已停止使用");
    let found = (many > 0).then(|| Finding::degraded("rows", words));
    found.into_iter().collect()
}

fn lines((lost, last): (u64, Option<Instant>)) -> Vec<Finding> {
    let recent = last.filter(|last| last.elapsed() < REMEMBERED);
    let words = |_| Finding::degraded("log", format!("运行日志写不进去，已丢失 {lost} 行"));
    recent.map(words).into_iter().collect()
}

/// By how many milliseconds the machine's clock is ahead since it leapt.
fn leapt(leap: Option<i64>) -> Vec<Finding> {
    let words = |ahead: i64| {
        let way = if ahead > 0 { "快" } else { "慢" };
        let minutes = ahead.abs() / 60_000;
        let words = format!(
            "本机时钟突然{way}了约 {minutes} 分钟，没有采用。请核对时钟；如果现在的时钟是对的，请重新启动"
        );
        Finding::degraded("clock", words)
    };
    leap.map(words).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_leapt_is_told() {
        assert!(leapt(None).is_empty());
        let told = leapt(Some(-7_200_000));
        assert!(told[0].words.contains("慢了约 120 分钟"), "{told:?}");
    }

    #[test]
    fn lines_that_were_lost_are_told() {
        assert!(lines((0, None)).is_empty());
        let told = lines((3, Some(Instant::now())));
        assert!(told[0].words.contains("3"), "{told:?}");
    }
}
