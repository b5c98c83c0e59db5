//! `tongban backup` while serving, `tongban restore` into an empty folder; both print the digest of the state.

use std::path::Path;
use std::process::{Command, ExitCode};

use tongban_store::{Db, TableDigest, state_digest};

use crate::cli::DataArgs;
use crate::data::{Data, database_file, keys_folder, objects_folder};
use crate::failure::Failure;

const DUMP: &str = "tongban.dump";

pub async fn backup(target: &Path, args: &DataArgs) -> Result<ExitCode, Failure> {
    must_be_empty(target)?;
    std::fs::create_dir_all(target)?;
    let data = Data::open(args).await?;
    // The database first: every object it names is already there, because objects are stored before their rows.
    if !data.db.backup_sqlite(&database_file(target)).await? {
        let url = args.database.as_deref().unwrap_or_default();
        run(
            "pg_dump",
            &["--format=custom", "--file", &text(&target.join(DUMP))?, url],
        )?;
    }
    copy(&objects_folder(&args.data), &objects_folder(target))?;
    copy(&keys_folder(&args.data), &keys_folder(target))?;
    let digest = match &args.database {
        Some(_) => state_digest(&data.db).await?,
        None => state_digest(&Db::open_sqlite(&database_file(target))?).await?,
    };
    tell("备份完成", &digest);
    Ok(ExitCode::SUCCESS)
}

pub async fn restore(source: &Path, args: &DataArgs) -> Result<ExitCode, Failure> {
    must_be_empty(&args.data)?;
    std::fs::create_dir_all(&args.data)?;
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
    let data = Data::open(args).await?;
    tell("恢复完成", &state_digest(&data.db).await?);
    Ok(ExitCode::SUCCESS)
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
