//! `tongban verify FILE` and `tongban audit verify`.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use tongban_audit::AuditKey;
use tongban_base::Timestamp;
use tongban_crypto::KeyRing;
use tongban_licences::{ROOT_FILE, trust_from};
use tongban_store::Db;

use crate::cli::DataArgs;
use crate::data::{Data, keys_folder};
use crate::failure::Failure;

/// Prints JSON; exit 0 valid, 1 invalid, 2 unreadable.
pub fn verify_file(file: &Path, data: &DataArgs) -> Result<ExitCode, Failure> {
    let trust = trust_from(&keys_folder(&data.data).join(ROOT_FILE))?;
    let Ok(bytes) = std::fs::read(file) else {
        let report = json!({ "verdict": "unreadable", "reasons": [{ "code": "file.missing", "message": "文件打不开" }] });
        println!("{report}");
        return Ok(ExitCode::from(2));
    };
    // The same answer as the public page gives, a damaged seal included.
    let report = tongban_licences::verify_file(&bytes, &trust, Timestamp::now());
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(ExitCode::from(report.exit_code()))
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
