//! `tongban backup` while serving, `tongban restore` into an empty folder; both print the digest of the state.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use tongban_audit::{ANCHOR_FILE, Anchor, AuditKey, anchor_restored};
use tongban_base::{Clock, Ctx, Kind, Problem};
use tongban_store::{Db, TableDigest, digest_of_copy, state_digest};

use crate::cli::DataArgs;
use crate::data::{Data, database_file, keys_folder, objects_folder};
use crate::failure::Failure;
use crate::installation::INSTALLATION_FILE;
use crate::manifest::Manifest;

const DUMP: &str = "tongban.dump";
/// Faults beyond these are counted only.
const MOST_TOLD: usize = 20;

pub async fn backup(target: &Path, args: &DataArgs) -> Result<ExitCode, Failure> {
    must_be_empty(target)?;
    std::fs::create_dir_all(target)?;
    let data = Data::open(args).await?;
    // The anchor before the database: it must not be ahead of what is brought back.
    copy_files(&args.data, target)?;
    // The database then: every object it names is already there, because objects are stored before their rows.
    let digest = match &args.database {
        Some(url) => dump(&data.db, url, &text(&target.join(DUMP))?).await?,
        None => {
            let copied = database_file(target);
            data.db.backup_sqlite(&copied).await?;
            let copy = Db::open_sqlite(&copied)?;
            let digest = state_digest(&copy).await?;
            // Nothing of it comes and goes beside what is kept.
            copy.close().await?;
            digest
        }
    };
    copy(&objects_folder(&args.data), &objects_folder(target))?;
    copy(&keys_folder(&args.data), &keys_folder(target))?;
    Manifest::of(target, &digest)?.write(target)?;
    make_durable(target)?;
    make_entry_durable(target)?;
    tell("备份完成", &digest);
    Ok(ExitCode::SUCCESS)
}

/// Dump and digest of one moment, though people go on working.
async fn dump(db: &Db, url: &str, file: &str) -> Result<Vec<TableDigest>, Failure> {
    let (url, file) = (url.to_owned(), file.to_owned());
    let digest = digest_of_copy(db, move |snapshot| {
        let snapshot = format!("--snapshot={snapshot}");
        let done = run(
            "pg_dump",
            &["--format=custom", &snapshot, "--file", &file, &url],
        );
        done.map_err(|failure| Problem::new(Kind::Internal, "backup.dump", failure.to_string()))
    });
    Ok(digest.await?)
}

pub async fn restore(source: &Path, args: &DataArgs) -> Result<ExitCode, Failure> {
    must_be_empty(&args.data)?;
    let manifest = Manifest::read(source)?;
    whole(
        "备份里的文件与备份时不一样，没有恢复",
        manifest.faults_of_files(source)?,
    )?;
    std::fs::create_dir_all(&args.data)?;
    copy_files(source, &args.data)?;
    copy(&objects_folder(source), &objects_folder(&args.data))?;
    copy(&keys_folder(source), &keys_folder(&args.data))?;
    if let Some(url) = &args.database {
        run(
            "pg_restore",
            &["--no-owner", "--dbname", url, &text(&source.join(DUMP))?],
        )?;
    } else {
        std::fs::copy(database_file(source), database_file(&args.data))?;
    }
    make_durable(&args.data)?;
    make_entry_durable(&args.data)?;
    let data = Data::open(args).await?;
    let digest = state_digest(&data.db).await?;
    whole(
        "恢复出来的数据与备份时不一样，请不要使用",
        manifest.faults_of_tables(&digest),
    )?;
    go_on(&data).await?;
    tell("恢复完成", &digest);
    Ok(ExitCode::SUCCESS)
}

/// What was true when the backup was made and is not any more: nobody is logged in, and the audit log goes back.
async fn go_on(data: &Data) -> Result<(), Failure> {
    tongban_identity::end_all_sessions(&data.db).await?;
    let key = AuditKey::of(&data.ring)?;
    let anchor = Arc::new(Anchor::open(&data.folder, key.clone(), Vec::new())?);
    let ctx = Ctx::system(Clock::machine().now());
    Ok(anchor_restored(&data.db, &ctx, &key, &anchor).await?)
}

/// The small files of the data folder: what house it is, and the anchor of the audit log.
fn copy_files(from: &Path, to: &Path) -> Result<(), Failure> {
    for name in [INSTALLATION_FILE, ANCHOR_FILE] {
        let file = from.join(name);
        if file.is_file() {
            std::fs::copy(file, to.join(name))?;
        }
    }
    Ok(())
}

/// Refuses when something is missing or changed, and names it.
fn whole(words: &str, faults: Vec<String>) -> Result<(), Failure> {
    if faults.is_empty() {
        return Ok(());
    }
    let more = faults.len().saturating_sub(MOST_TOLD);
    let mut told = vec![format!("{words}：")];
    told.extend(faults.into_iter().take(MOST_TOLD));
    if more > 0 {
        told.push(format!("还有 {more} 处"));
    }
    Err(Failure::new(told.join("\n")))
}

fn must_be_empty(folder: &Path) -> Result<(), Failure> {
    let used = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if used {
        return Err(Failure::new(format!(
            "{} 不是空文件夹，没有动它",
            folder.display()
        )));
    }
    Ok(())
}

fn tell(words: &str, digest: &[TableDigest]) {
    println!("{words}");
    for table in digest {
        println!("{}\t{}\t{}", table.table, table.rows, table.digest);
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("路径里有无法识别的字符"))
}

fn run(program: &str, arguments: &[&str]) -> Result<(), Failure> {
    let status = Command::new(program)
        .args(arguments)
        .status()
        .map_err(|cause| Failure::new(format!("{program} 运行不了：{cause}")))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("{program} 没有成功")))
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            // What is still being written is no part of a backup.
            if entry.file_name() != "incoming" {
                copy(&entry.path(), &target)?;
            }
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Every file, and every folder after what is in it: "done" must be true after a power cut too.
fn make_durable(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            make_durable(&entry?.path())?;
        }
    }
    match File::open(path) {
        // What a database keeps beside its file goes when it is closed.
        Err(gone) if gone.kind() == ErrorKind::NotFound => Ok(()),
        file => Ok(file?.sync_all()?),
    }
}

/// The folder itself may be new in the one above.
fn make_entry_durable(folder: &Path) -> Result<(), Failure> {
    if let Some(above) = folder.canonicalize()?.parent() {
        File::open(above)?.sync_all()?;
    }
    Ok(())
}
