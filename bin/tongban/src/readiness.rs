//! What `/readyz` asks of this house besides the database and the jobs: files, the audit log, the log of the program.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use tongban_audit::ANCHOR_FILE;
use tongban_base::Clock;
use tongban_crypto::KeyRing;
use tongban_store::{ALL_ROWS, BrokenRow, Db, Objects};
use tongban_ui::{Check, Finding};

use crate::data::{Data, keys_folder};
use crate::log;

/// Entries wait a second to be sealed; this is far too long.
const SEALED_AFTER_MINUTES: i64 = 2;
/// Lost lines are told for so long.
const REMEMBERED: Duration = Duration::from_secs(60);

pub fn checks(data: &Data, clock: &Clock) -> Vec<Check> {
    let (db, objects, clock) = (data.db.clone(), data.objects.clone(), clock.clone());
    let (folder, prints) = (data.folder.clone(), data.ring.fingerprints());
    let machine = clock.clone();
    let (rows, compared) = (db.clone(), db.clone());
    vec![
        Check::new("objects", move || {
            let objects = objects.clone();
            async move { files(&objects).await }
        }),
        Check::new("audit", move || {
            let (db, clock) = (db.clone(), clock.clone());
            async move { sealing(&db, &clock).await }
        }),
        Check::new("folder", move || {
            let (folder, prints) = (folder.clone(), prints.clone());
            async move {
                let looked = tokio::task::spawn_blocking(move || parts(&folder, &prints));
                looked.await.unwrap_or_default()
            }
        }),
        Check::new("database", || async { broken(tongban_store::is_broken()) }),
        Check::new("rows", move || {
            let db = rows.clone();
            async move {
                let mut found = broken_rows(&db.broken_rows());
                found.extend(changed_schema(&db.schema_faults()));
                found
            }
        }),
        Check::new("log", || async { lines(log::lost()) }),
        Check::new("clock", move || {
            let (leap, ahead) = (machine.leap(), compared.clock_ahead());
            async move { leapt(leap).into_iter().chain(differs(ahead)).collect() }
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

/// There may be newer ones.
fn holds(found: &[String], needed: &[String]) -> bool {
    needed.iter().all(|print| found.contains(print))
}

/// What the next start needs, or the next line of the anchor.
fn parts(folder: &Path, prints: &[String]) -> Vec<Finding> {
    let mut found = Vec::new();
    match File::options().append(true).open(folder.join(ANCHOR_FILE)) {
        // Made with its first line.
        Err(cause) if cause.kind() == ErrorKind::NotFound => {}
        Err(cause) => found.push(Finding::degraded(
            "audit",
            format!("审计日志的锚点文件 {ANCHOR_FILE} 写不进去：{cause}"),
        )),
        Ok(_) => {}
    }
    match KeyRing::open(&keys_folder(folder)) {
        Ok(ring) if holds(&ring.fingerprints(), prints) => {}
        Ok(_) => found.push(Finding::degraded(
            "keys",
            "密钥文件 keys/master.key 与启动时不同，重新启动后数据将打不开，请放回原来的密钥",
        )),
        Err(cause) => found.push(Finding::degraded(
            "keys",
            format!("密钥文件 keys/master.key 打不开，重新启动会失败，请放回原来的密钥：{cause}"),
        )),
    }
    found
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

/// Until they are put right and read again. A row that does not fit is not used; of a table from which rows were taken, or
/// to which old ones were put back, nobody knows which, and it is used as it is.
fn broken_rows(found: &[BrokenRow]) -> Vec<Finding> {
    let (tables, rows): (Vec<&BrokenRow>, Vec<&BrokenRow>) =
        found.iter().partition(|row| row.key == ALL_ROWS);
    let mut told = Vec::new();
    if !rows.is_empty() {
        let words = format!("{} 条记录没有通过完整性校验，已停止使用", rows.len());
        told.push(Finding::degraded("rows", words));
    }
    if !tables.is_empty() {
        let names: Vec<&str> = tables.iter().map(|row| row.table).collect();
        let words = format!(
            "数据表 {} 有记录被系统之外的操作删除、退回或补入，查不出是哪几条，仍在使用。请运行 tongban audit verify 核查，必要时从备份恢复",
            names.join("、")
        );
        told.push(Finding::degraded("rows", words));
    }
    told
}

/// Until it is put right and compared again.
fn changed_schema(faults: &[String]) -> Option<Finding> {
    let first = faults.first()?;
    let words = format!(
        "数据库结构被系统之外改动，共 {} 处：{first}。运行 tongban check-data 查看全部",
        faults.len()
    );
    Some(Finding::degraded("schema", words))
}

fn lines((lost, last): (u64, Option<Instant>)) -> Vec<Finding> {
    let recent = last.filter(|last| last.elapsed() < REMEMBERED);
    let words = |_| Finding::degraded("log", format!("运行日志写不进去，已丢失 {lost} 行"));
    recent.map(words).into_iter().collect()
}

fn differs(ahead: Option<i64>) -> Option<Finding> {
    let words = |ahead| format!("{}，本节点暂不处理后台任务。请校准时钟", clock_words(ahead));
    ahead.map(|ahead| Finding::degraded("clock", words(ahead)))
}

/// By how many milliseconds the clock of this machine is ahead of the database's.
pub fn clock_words(ahead: i64) -> String {
    let way = if ahead > 0 { "快" } else { "慢" };
    let seconds = ahead.abs() / 1000;
    format!("本机时钟比数据库服务器{way}了约 {seconds} 秒")
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
    fn a_clock_that_is_not_the_databases_is_told() {
        assert!(differs(None).is_none());
        let told = differs(Some(-30_000));
        assert!(told.is_some_and(|told| told.words.contains("慢了约 30 秒")));
    }

    #[test]
    fn lines_that_were_lost_are_told() {
        assert!(lines((0, None)).is_empty());
        let told = lines((3, Some(Instant::now())));
        assert!(told[0].words.contains("3"), "{told:?}");
    }
}
