//! `tongban verify FILE` and `tongban audit verify`.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use tongban_audit::AuditKey;
use tongban_base::{Clock, Ctx};
use tongban_crypto::KeyRing;
use tongban_licences::{ROOT_FILE, exit_code, on_record, trust_from};
use tongban_store::Db;

use crate::cli::DataArgs;
use crate::data::{Data, database_file, keys_folder};
use crate::failure::Failure;

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
    Ok(match &args.database {
        Some(url) => Some(Db::open_postgres(url).await?),
        None if file.is_file() => Some(Db::open_sqlite(&file)?),
        None => None,
    })
}

/// Finds a changed, removed or reordered entry.
pub async fn verify_audit(args: &DataArgs) -> Result<ExitCode, Failure> {
    let data = Data::open(args).await?;
    let report = audit(&data.db, &data.ring).await?;
    println!(
        "审计日志 {} 条，已入链 {} 条",
        report.entries, report.sealed
    );
    for fault in &report.faults {
        println!(
            "第 {} 条（{}）：{}",
            fault.sequence,
            fault.id.as_deref().unwrap_or("—"),
            fault.reason.words()
        );
    }
    Ok(if report.is_sound() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn audit(db: &Db, ring: &KeyRing) -> Result<tongban_audit::Verification, Failure> {
    Ok(tongban_audit::verify(db, &AuditKey::of(ring)?).await?)
}
