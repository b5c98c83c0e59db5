//! `tongban backup` while serving. What opens the data is no part of it, or is encrypted under a passphrase.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use tongban_audit::ANCHOR_FILE;
use tongban_base::{Kind, Problem};
use tongban_crypto::KeyRing;
use tongban_seals::ROOT_FILE;
use tongban_store::{
    Db, INCOMING, TableDigest, check_objects, digest_of_copy, libpq_address, state_digest,
};

use crate::cli::DataArgs;
use crate::data::{Data, database_file, keys_folder, objects_folder};
use crate::failure::Failure;
use crate::folders::{copy, make_durable, make_entry_durable, must_be_empty};
use crate::installation::{INSTALLATION_FILE, one_house};
use crate::log::say;
use crate::manifest::Manifest;
use crate::modules;

pub const DUMP: &str = "tongban.dump";
/// The keys under a passphrase.
pub const SEALED_KEYS: &str = "keys.sealed";
/// Whoever has a copy of the backup may try as often as he likes.
const SHORTEST_PASSPHRASE: usize = 12;

pub async fn backup(
    target: &Path,
    args: &DataArgs,
    with_keys: Option<&Path>,
) -> Result<ExitCode, Failure> {
    must_be_empty(target)?;
    let passphrase = with_keys.map(passphrase).transpose()?;
    let data = Data::existing(args).await?;
    one_house(&data).await?;
    std::fs::create_dir_all(target)?;
    // The anchor before the database: it must not be ahead of what is brought back.
    copy_files(&args.data, target)?;
    let digest = database(&data, args, target).await?;
    // The files then: each that the database names is there, and stays for hours after nothing names it any more. What is
    // still being written is no part of it.
    let (objects, kept) = (objects_folder(&args.data), objects_folder(target));
    copy(&objects, &kept, INCOMING)?;
    let ring = KeyRing::open(&keys_folder(&args.data)).map_err(Problem::internal)?;
    if let Some(passphrase) = &passphrase {
        let sealed = ring.seal(passphrase).map_err(Problem::internal)?;
        std::fs::write(target.join(SEALED_KEYS), sealed)?;
    }
    let tables = modules::marked(&modules::all());
    let report = check_objects(&data.db, &data.objects, &tables).await?;
    let lost = report.faults.len();
    Manifest::of(target, &digest, (&ring, lost))?.write(target)?;
    make_durable(target)?;
    make_entry_durable(target)?;
    tell("备份完成", &digest);
    say_keys(&ring.fingerprints(), passphrase.is_some());
    Ok(match lost {
        0 => ExitCode::SUCCESS,
        lost => say_incomplete(lost),
    })
}

fn say_incomplete(lost: usize) -> ExitCode {
    let words = format!(
        "备份不完整：数据里用到的文件有 {lost} 处缺失或损坏，备份里也没有。备份已保留；请运行 tongban check-data 查明是哪些，从以前的备份取回"
    );
    let _ = writeln!(std::io::stderr(), "{words}");
    ExitCode::FAILURE
}

/// On the error stream, so that what is printed stays the tables alone.
fn say_keys(fingerprints: &[String], sealed: bool) {
    let prints = fingerprints.join("、");
    let words = match sealed {
        true => format!(
            "密钥（指纹 {prints}）已用口令加密，放在备份里。没有口令就无法恢复，请把口令与备份分开保管"
        ),
        false => format!(
            "备份里没有密钥。恢复时需要指纹为 {prints} 的密钥，没有它备份就无法使用：请把 keys 文件夹另外保管一份，不要与备份放在一起"
        ),
    };
    let _ = writeln!(std::io::stderr(), "{words}");
}

/// The first line of a file.
pub fn passphrase(file: &Path) -> Result<String, Failure> {
    let told = |words: String| Failure::new(format!("口令文件 {} {words}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|cause| told(format!("读不了：{cause}")))?;
    let passphrase = text.lines().next().unwrap_or_default().trim();
    if passphrase.chars().count() < SHORTEST_PASSPHRASE {
        return Err(told(format!("里的口令不足 {SHORTEST_PASSPHRASE} 个字符")));
    }
    Ok(passphrase.to_owned())
}

/// Every object that it names is already there, because objects are stored before their rows.
async fn database(
    data: &Data,
    args: &DataArgs,
    target: &Path,
) -> Result<Vec<TableDigest>, Failure> {
    if let Some(url) = &args.database {
        return dump(&data.db, url, &text(&target.join(DUMP))?).await;
    }
    let copied = database_file(target);
    data.db.backup_sqlite(&copied).await?;
    let copy = Db::open_sqlite(&copied)?;
    let proved = sound(&copy).await;
    // Nothing of it comes and goes beside what is kept.
    copy.close().await?;
    proved
}

/// A copy of damaged pages is no backup: it would take the place of a sound one.
async fn sound(copy: &Db) -> Result<Vec<TableDigest>, Failure> {
    let faults = copy.file_faults().await?;
    let Some(first) = faults.first() else {
        return Ok(state_digest(copy).await?);
    };
    Err(Failure::new(format!(
        "数据库文件有损坏（{} 处：{first}），备份没有做成，以前的备份请保留。请立即停机，从以前的备份恢复；\
         只是索引损坏的，停机后用 sqlite3 对 tongban.db 执行 REINDEX 也能修好",
        faults.len()
    )))
}

/// Dump and digest of one moment, though people go on working.
async fn dump(db: &Db, url: &str, file: &str) -> Result<Vec<TableDigest>, Failure> {
    let (url, file) = (libpq_address(url), file.to_owned());
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

/// The small files of the data folder: what house it is, the anchor of the audit log, the certificate of its authority.
pub fn copy_files(from: &Path, to: &Path) -> Result<(), Failure> {
    let root = PathBuf::from("keys").join(ROOT_FILE);
    for name in [Path::new(INSTALLATION_FILE), Path::new(ANCHOR_FILE), &root] {
        let (file, target) = (from.join(name), to.join(name));
        if file.is_file() {
            std::fs::create_dir_all(target.parent().unwrap_or(to))?;
            std::fs::copy(file, target)?;
        }
    }
    Ok(())
}

pub fn tell(words: &str, digest: &[TableDigest]) {
    say(words);
    for table in digest {
        let line = format!("{}\t{}\t{}", table.table, table.rows, table.digest);
        say(&line);
    }
}

pub fn text(path: &Path) -> Result<String, Failure> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("路径里有无法识别的字符"))
}

pub fn run(program: &str, arguments: &[&str]) -> Result<(), Failure> {
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
