//! `tongban restore` into an empty data folder and an empty database: all of it, or nothing that stays.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use tongban_audit::{Anchor, AuditKey, anchor_restored};
use tongban_base::{Clock, Ctx, Problem};
use tongban_crypto::KeyRing;
use tongban_store::{
    Db, INCOMING, TableDigest, drop_tables, holdings, libpq_address, state_digest,
};

use crate::backup::{DUMP, SEALED_KEYS, copy_files, passphrase, run, tell, text};
use crate::cli::{DataArgs, KeysArgs};
use crate::data::{Data, database_file, keys_folder, objects_folder, restoring_folder};
use crate::failure::Failure;
use crate::folders::{
    Held, copy, make_durable, make_entry_durable, move_up, must_be_empty, take_away,
};
use crate::manifest::Manifest;

/// Faults beyond these are counted only.
const MOST_TOLD: usize = 20;

pub async fn restore(source: &Path, args: &DataArgs, keys: &KeysArgs) -> Result<ExitCode, Failure> {
    // Nobody else uses the folder from here to the end, so that what was judged is what is filled.
    let _held = Held::alone(&args.data)?;
    must_be_empty(&args.data)?;
    let manifest = Manifest::read(source)?;
    let ring = ring(source, keys, &manifest)?;
    manifest.must_be_of(&ring)?;
    whole(
        "备份里的文件与备份时不一样，没有恢复",
        manifest.faults_of_files(source)?,
    )?;
    if let Some(url) = &args.database {
        must_hold_nothing(url).await?;
    }
    let mut made = Vec::new();
    match fill(source, args, (&ring, &manifest), &mut made).await {
        Ok(digest) => {
            tell("恢复完成", &digest);
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => Err(match take_away(&made) {
            Ok(()) => Failure::new(format!("{failure}\n没有恢复，恢复到一半的内容已经清除")),
            Err(cause) => Failure::new(format!(
                "{failure}\n没有恢复，数据文件夹 {} 里还有恢复了一半的内容（{cause}），请清空",
                args.data.display()
            )),
        }),
    }
}

/// What opens the data: given beside the backup, or lying in it under a passphrase.
fn ring(source: &Path, keys: &KeysArgs, manifest: &Manifest) -> Result<KeyRing, Failure> {
    let needed = manifest.keys().join("、");
    let sealed = source.join(SEALED_KEYS);
    let ring = match (&keys.keys, &keys.with_keys) {
        (Some(folder), _) => KeyRing::open(folder).map_err(|cause| {
            let folder = folder.display();
            Failure::new(format!("{folder} 里的密钥打不开，没有恢复：{cause}"))
        })?,
        (None, Some(_)) if !sealed.is_file() => {
            return Err(Failure::new(format!(
                "备份里没有密钥，没有恢复；请用 --keys 给出指纹为 {needed} 的密钥所在的文件夹"
            )));
        }
        (None, Some(file)) => KeyRing::open_sealed(&std::fs::read(sealed)?, &passphrase(file)?)
            .map_err(|_| Failure::new("口令不对，或者备份里的密钥改动过，没有恢复"))?,
        (None, None) => {
            return Err(Failure::new(format!(
                "恢复需要指纹为 {needed} 的密钥，没有恢复；请用 --keys 给出它所在的文件夹{}",
                if sealed.is_file() {
                    "，或用 --with-keys 给出口令文件"
                } else {
                    ""
                }
            )));
        }
    };
    let given = ring.fingerprints();
    match manifest.keys().iter().all(|key| given.contains(key)) {
        true => Ok(ring),
        false => Err(Failure::new(format!(
            "给出的密钥（指纹 {}）不是这份备份的密钥（指纹 {needed}），没有恢复",
            given.join("、")
        ))),
    }
}

async fn must_hold_nothing(url: &str) -> Result<(), Failure> {
    let held = holdings(&Db::open_postgres(url).await?).await?;
    let Some(first) = held.first() else {
        return Ok(());
    };
    Err(Failure::new(format!(
        "数据库不是空的（有 {first} 等 {} 项），没有恢复，也没有动它；请新建一个空的数据库",
        held.len()
    )))
}

/// Beside what is to be used, which appears only when everything is there and proved. `made` is told what to take away
/// if it fails.
async fn fill(
    source: &Path,
    args: &DataArgs,
    (ring, manifest): (&KeyRing, &Manifest),
    made: &mut Vec<PathBuf>,
) -> Result<Vec<TableDigest>, Failure> {
    let staged = restoring_folder(&args.data);
    std::fs::create_dir(&staged)?;
    made.push(staged.clone());
    copy_files(source, &staged)?;
    copy(&objects_folder(source), &objects_folder(&staged), INCOMING)?;
    ring.write_to(&keys_folder(&staged))
        .map_err(Problem::internal)?;
    let Some(url) = &args.database else {
        std::fs::copy(database_file(source), database_file(&staged))?;
        return settle(&staged, args, manifest, made).await;
    };
    let dump = text(&source.join(DUMP))?;
    let whole = ["--no-owner", "--single-transaction", "--exit-on-error"];
    run(
        "pg_restore",
        &[&whole[..], &["--dbname", &libpq_address(url), &dump]].concat(),
    )?;
    let settled = settle(&staged, args, manifest, made).await;
    if settled.is_err() {
        // It was empty before.
        drop_tables(&Db::open_postgres(url).await?).await?;
    }
    settled
}

/// Compares, ends what is over, and puts everything in its place.
async fn settle(
    staged: &Path,
    args: &DataArgs,
    manifest: &Manifest,
    made: &mut Vec<PathBuf>,
) -> Result<Vec<TableDigest>, Failure> {
    let data = Data::existing(&DataArgs {
        data: staged.to_owned(),
        database: args.database.clone(),
    })
    .await?;
    let proved = prove(&data, manifest).await;
    data.db.close().await?;
    let digest = proved?;
    make_durable(staged)?;
    move_up(staged, &args.data, made)?;
    make_entry_durable(&args.data)?;
    Ok(digest)
}

async fn prove(data: &Data, manifest: &Manifest) -> Result<Vec<TableDigest>, Failure> {
    whole("恢复出来的数据库文件有损坏", data.db.file_faults().await?)?;
    let digest = state_digest(&data.db).await?;
    whole(
        "恢复出来的数据与备份时不一样",
        manifest.faults_of_tables(&digest),
    )?;
    go_on(data).await?;
    Ok(digest)
}

/// What was true when the backup was made and is not any more: nobody is logged in, and the audit log goes back.
async fn go_on(data: &Data) -> Result<(), Failure> {
    tongban_identity::end_all_sessions(&data.db).await?;
    let key = AuditKey::of(&data.ring)?;
    let anchor = Arc::new(Anchor::open(&data.folder, key.clone(), Vec::new())?);
    let ctx = Ctx::system(Clock::machine().now());
    Ok(anchor_restored(&data.db, &ctx, &key, &anchor).await?)
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
