//! `tongban verify FILE` and `tongban audit verify`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use tongban_audit::{ANCHOR_FILE, AuditKey, gone, put_back};
use tongban_base::{Clock, Ctx, Problem};
use tongban_cases::{JournalFault, walk_journals};
use tongban_crypto::KeyRing;
use tongban_licences::{exit_code, on_record};
use tongban_seals::{ROOT_FILE, trust_from};
use tongban_store::{Db, Marks, resume_sums, walk_marks};

use crate::cli::DataArgs;
use crate::data::{Data, database_file, keys_folder};
use crate::failure::Failure;
use crate::installation::note_anchored;
use crate::integrity::look_at_log;
use crate::modules;

/// Prints JSON; exit 0 valid, 1 invalid, 2 not to be judged (`unknown`) or not readable (`unreadable`). Where the data folder has a register, it also says what the
/// register holds of the licence today: a good seal on a revoked one is invalid.
pub async fn verify_file(file: &Path, args: &DataArgs) -> Result<ExitCode, Failure> {
    let trust = trust_from(&keys_folder(&args.data).join(ROOT_FILE))?;
    let Ok(bytes) = std::fs::read(file) else {
        let report = json!({ "verdict": "unreadable", "reasons": [{ "code": "file.missing", "message": "文件打不开" }] });
        println!("{report}");
        return Ok(ExitCode::from(2));
    };
    let now = Clock::machine().now();
    let report = tongban_licences::verify_file(&bytes, &trust, now);
    let (mut told, mut exit) = (serde_json::to_value(&report)?, report.exit_code());
    if report.identifier.is_some()
        && let Some(db) = register(args).await?
    {
        let ctx = Ctx::system(now);
        let record = on_record(&db, &ctx, report).await?;
        let verdict = record.answer.verdict();
        exit = exit_code(verdict);
        if let Some(file) = &record.file {
            told = serde_json::to_value(file)?;
        }
        told["verdict"] = json!(verdict);
        told["answer"] = json!(record.title);
        told["reasons"] = json!(record.reasons);
        told["advice"] = json!(record.advice);
        told["licence"] = json!(record.licence);
    }
    println!("{}", serde_json::to_string_pretty(&told)?);
    Ok(ExitCode::from(exit))
}

/// None where there is only a root certificate to check against.
async fn register(args: &DataArgs) -> Result<Option<Db>, Failure> {
    let file = database_file(&args.data);
    let db = match &args.database {
        Some(url) => Db::open_postgres(url).await?,
        None if file.is_file() => Db::open_sqlite(&file)?,
        None => return Ok(None),
    };
    let ring = KeyRing::open(&keys_folder(&args.data)).map_err(Problem::internal)?;
    let db = db.with_marks(Marks::of(&ring)?);
    resume_sums(&db, &modules::marked(&modules::all())).await?;
    Ok(Some(db))
}

/// Walks the audit log against its anchors, every marked row and every journal; names what is broken.
pub async fn verify_audit(args: &DataArgs, copies: &[PathBuf]) -> Result<ExitCode, Failure> {
    let data = Data::existing(args).await?;
    let mut broken = audit(&data, copies).await?;
    for marked in modules::marked(&modules::all()) {
        let walked = walk_marks(&data.db, marked).await?;
        println!("数据表 {}：{} 行", walked.table, walked.rows);
        if walked.whole != Some(true) {
            let table = walked.table;
            broken.push(format!(
                "数据表 {table} 的记录合起来与系统写入的不符，有记录被删除、退回或补入过"
            ));
        }
        broken.extend(walked.broken.iter().map(|row| {
            let (table, key) = (row.table, &row.key);
            format!("数据表 {table} 的记录 {key} 被系统之外的操作改动、移动或删除过")
        }));
    }
    let (journals, found) = walk_journals(&data.db, &data.ring).await?;
    println!("办件过程 {journals} 份");
    broken.extend(found.iter().map(|journal| {
        let number = &journal.number;
        match &journal.fault {
            JournalFault::Changed(event) => {
                format!("办件 {number} 的过程记录自第 {event} 条起被改动或删除过")
            }
            JournalFault::Gone(name) => {
                format!("办件 {number} 过程中记载的“{name}”已被系统之外的操作删除")
            }
        }
    }));
    for trace in [
        tongban_cases::TRACE,
        tongban_licences::TRACE,
        tongban_registers::TRACE,
    ] {
        let found = put_back(&data.db, trace).await?;
        broken.extend(found.iter().map(|id| {
            let table = trace.table;
            format!("数据表 {table} 中 {id} 的过程少于审计日志所记，被删除或退回过")
        }));
    }
    let lasting = [
        tongban_cases::LASTING,
        tongban_licences::LASTING,
        tongban_mandates::LASTING,
        tongban_registers::LASTING,
        tongban_reviews::LASTING,
    ];
    for lasting in lasting.into_iter().chain(tongban_identity::LASTING) {
        let found = gone(&data.db, lasting).await?;
        broken.extend(found.iter().map(|id| {
            let table = lasting.table;
            format!("数据表 {table} 的记录 {id} 在审计日志里有，已被系统之外的操作删除")
        }));
    }
    for words in &broken {
        println!("{words}");
    }
    if broken.is_empty() {
        println!("核验通过，没有发现改动");
        return Ok(ExitCode::SUCCESS);
    }
    println!("核验没有通过，共 {} 处", broken.len());
    Ok(ExitCode::FAILURE)
}

/// What is wrong with the log; its length and end are printed.
async fn audit(data: &Data, copies: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let key = AuditKey::of(&data.ring)?;
    let (report, broken) = look_at_log(&data.db, (&key, &data.folder), copies).await?;
    println!(
        "审计日志 {} 条，已入链 {} 条",
        report.entries, report.sealed
    );
    if let Some((sequence, link)) = &report.last {
        println!("最后一条：第 {sequence} 条，链值 {link}");
    }
    Ok(broken)
}

/// `tongban audit begin-anchor`: the next start does not miss the file.
pub async fn begin_anchor(args: &DataArgs) -> Result<ExitCode, Failure> {
    let data = Data::alone(args).await?;
    if data.folder.join(ANCHOR_FILE).is_file() {
        return Err(Failure::new(format!(
            "锚点文件 {ANCHOR_FILE} 还在，没有改动"
        )));
    }
    note_anchored(&data.folder, false)?;
    println!(
        "下次启动时重新开始锚点文件，并记入审计日志。之前的审计日志从此只有另存的锚点可以对照"
    );
    Ok(ExitCode::SUCCESS)
}
