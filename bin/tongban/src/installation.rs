//! What a data folder is: of which house and which kind. Written at the first start, compared at every later one, so
//! that a missing or foreign part is told and no new house begins beside the old one's remains.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use tongban_audit::ANCHOR_FILE;
use tongban_base::{Timestamp, Uuid};
use tongban_store::{
    Db, INCOMING, Installation, begin_installation, has_begun, installation, knows_files,
};

use crate::cli::DataArgs;
use crate::data::{Data, database_file, keys_folder, objects_folder, restoring_folder};
use crate::failure::Failure;

pub const INSTALLATION_FILE: &str = "installation.json";
/// In `objects/`: of which house these files are.
const FILES_OF: &str = "house";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Fictional people whose passwords everybody knows.
    Demonstration,
    Real,
}

impl Kind {
    pub fn of(demo: bool) -> Self {
        match demo {
            true => Kind::Demonstration,
            false => Kind::Real,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Kind::Demonstration => "demonstration",
            Kind::Real => "real",
        }
    }

    fn refusal(self) -> &'static str {
        match self {
            Kind::Demonstration => {
                "这是演示数据（含公开密码的演示账号），不能当作正式系统启动。演示请加 --demo；正式使用请换一个空的数据文件夹"
            }
            Kind::Real => {
                "这是正式数据，不能以演示方式启动（演示账号的密码是公开的）。请去掉 --demo；演示请换一个空的数据文件夹"
            }
        }
    }
}

/// The file in the data folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub id: Uuid,
    pub kind: Kind,
    pub begun_at: i64,
    /// Tables whose rows have their marks: witnesses beside the database that none is to be trusted anew.
    #[serde(default)]
    pub marked: BTreeSet<String>,
    /// Whether `objects/` says of which house it is; it does not where it was made by a version before.
    #[serde(default)]
    pub files_marked: bool,
    /// Whether the end of the audit log is kept beside it: a file that was there is missed.
    #[serde(default)]
    pub anchored: bool,
}

impl Record {
    pub fn read(folder: &Path) -> Result<Option<Self>, Failure> {
        let path = folder.join(INSTALLATION_FILE);
        let text = match std::fs::read(&path) {
            Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let read = serde_json::from_slice(&text);
        let told = |cause| Failure::new(format!("{} 有误，没有启动：{cause}", path.display()));
        read.map(Some).map_err(told)
    }

    fn write(&self, folder: &Path) -> Result<(), Failure> {
        replace(folder, INSTALLATION_FILE, &serde_json::to_vec_pretty(self)?)
    }
}

/// The old content or the new, also after a power cut.
fn replace(folder: &Path, name: &str, content: &[u8]) -> Result<(), Failure> {
    let (path, new) = (folder.join(name), folder.join(format!("{name}.new")));
    let mut file = File::create(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&new, &path)?;
    Ok(File::open(folder)?.sync_all()?)
}

/// Before anything is made: whether the parts of a folder that was used are all there. `begun`: it must have been.
pub fn parts(args: &DataArgs, begun: bool) -> Result<(), Failure> {
    let folder = &args.data;
    if restoring_folder(folder).exists() {
        return Err(Failure::new(format!(
            "数据文件夹 {} 里有没有完成的恢复，不能使用；请清空它，重新恢复",
            folder.display()
        )));
    }
    let keys = keys_folder(folder).join("master.key").is_file();
    let database = args.database.is_some() || database_file(folder).is_file();
    let objects = objects_folder(folder);
    let known = begun || Record::read(folder)?.is_some();
    let missing = |part: &str| Err(lacks(folder, part));
    let used = std::fs::read_dir(&objects).is_ok_and(|mut inside| {
        inside.any(|entry| entry.is_ok_and(|entry| entry.file_name() != INCOMING))
    });
    if (known || used || (args.database.is_none() && database)) && !keys {
        return missing("密钥（keys/master.key）");
    }
    if (known || used) && !database {
        return missing("数据库（tongban.db）");
    }
    if known && !objects.is_dir() {
        return missing("文件（objects）");
    }
    Ok(())
}

fn lacks(folder: &Path, part: &str) -> Failure {
    Failure::new(format!(
        "数据文件夹 {} 里缺少{part}，没有继续，也没有新建；请从备份恢复，或核对 --data 与 --database",
        folder.display()
    ))
}

/// Before keys are made: whether the database is already that of a house, which has its own.
pub async fn keys_may_be_made(args: &DataArgs) -> Result<(), Failure> {
    let Some(url) = &args.database else {
        return Ok(());
    };
    if keys_folder(&args.data).join("master.key").is_file() {
        return Ok(());
    }
    match has_begun(&Db::open_postgres(url).await?).await? {
        true => Err(lacks(&args.data, "密钥（keys/master.key）")),
        false => Ok(()),
    }
}

/// Before a folder for files is made: whether the one that is there has the files that the database names.
pub async fn files_belong(folder: &Path, db: &Db) -> Result<(), Failure> {
    let objects = objects_folder(folder);
    let told = |words: &str| {
        Err(Failure::new(format!(
            "文件夹 {} {words}，没有启动，也没有新建；多个节点请使用同一个 objects 文件夹，丢失的文件请从备份取回",
            objects.display()
        )))
    };
    let mark = match std::fs::read_to_string(objects.join(FILES_OF)) {
        Err(fault) if fault.kind() == ErrorKind::NotFound => None,
        mark => Some(mark?),
    };
    let Some(house) = stored(folder, db).await? else {
        return match mark {
            Some(_) => told("里是另一套系统的文件"),
            None => Ok(()),
        };
    };
    if mark
        .as_ref()
        .is_some_and(|mark| mark.trim() != house.id.to_string())
    {
        return told("里是另一套系统的文件");
    }
    let is_older = Record::read(folder)?.is_some_and(|record| !record.files_marked);
    match knows_files(db, &objects).await? {
        Some(false) => told("里没有数据库用到的文件"),
        Some(true) if mark.is_none() && !is_older => told("没有这套系统的标识（文件 house）"),
        _ => Ok(()),
    }
}

/// Before the database is touched: whether folder and database are of one house, and of this kind.
pub async fn admit(data: &Data, kind: Kind) -> Result<(), Failure> {
    match one_house(data).await? {
        Some(code) if code != kind.code() => Err(Failure::new(match kind {
            Kind::Demonstration => Kind::Real.refusal(),
            Kind::Real => Kind::Demonstration.refusal(),
        })),
        _ => Ok(()),
    }
}

/// Refuses a folder and a database of different houses; the code of their kind, if they have one.
pub async fn one_house(data: &Data) -> Result<Option<String>, Failure> {
    let record = Record::read(&data.folder)?;
    let stored = stored(&data.folder, &data.db).await?;
    match (&record, &stored) {
        (Some(record), Some(stored)) if record.id != stored.id => Err(foreign(&data.folder)),
        (Some(_), None) => Err(Failure::new(format!(
            "数据库是空的，但数据文件夹 {} 已经使用过，没有继续；请核对 --database，或从备份恢复",
            data.folder.display()
        ))),
        _ => {
            let known = record.map(|record| record.kind.code().to_owned());
            Ok(known.or(stored.map(|stored| stored.kind)))
        }
    }
}

async fn stored(folder: &Path, db: &Db) -> Result<Option<Installation>, Failure> {
    let stored = installation(db).await;
    stored.map_err(|problem| match problem.code() {
        "store.row_changed" => foreign(folder),
        _ => problem.into(),
    })
}

fn foreign(folder: &Path) -> Failure {
    Failure::new(format!(
        "数据文件夹 {} 的密钥或标识与数据库不是同一套系统的，没有继续；请核对 --data 与 --database。多个节点请使用同一份 keys 文件夹",
        folder.display()
    ))
}

/// After the tables are there: the first start notes what house this is, a later one which tables have their marks.
pub async fn settle(
    data: &Data,
    kind: Kind,
    marked: BTreeSet<String>,
    now: Timestamp,
) -> Result<(), Failure> {
    let new = Installation {
        id: Uuid::now_v7(),
        kind: kind.code().to_owned(),
        begun_at: now,
    };
    let stored = begin_installation(&data.db, new).await?;
    let (objects, id) = (objects_folder(&data.folder), stored.id.to_string());
    if !objects.join(FILES_OF).exists() {
        replace(&objects, FILES_OF, id.as_bytes())?;
    }
    let before = Record::read(&data.folder)?;
    let record = Record {
        id: stored.id,
        kind,
        begun_at: stored.begun_at.0,
        marked,
        files_marked: true,
        anchored: before.as_ref().is_some_and(|record| record.anchored),
    };
    if before.as_ref() != Some(&record) {
        record.write(&data.folder)?;
    }
    Ok(())
}

/// Before the database is used. Without what was kept outside of it nothing tells whether it was put back.
pub fn anchor_is_there(folder: &Path) -> Result<(), Failure> {
    let was_there = Record::read(folder)?.is_some_and(|record| record.anchored);
    if !was_there || folder.join(ANCHOR_FILE).is_file() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "数据文件夹 {} 里缺少审计日志的锚点文件 {ANCHOR_FILE}，没有启动：没有它，数据库被整个退回也发现不了。请放回原来的文件；\
         确实找不回来的，先用另存的锚点核验（tongban audit verify --anchor），再运行 tongban audit begin-anchor 重新开始",
        folder.display()
    )))
}

/// From now on the file is missed, or no longer.
pub fn note_anchored(folder: &Path, anchored: bool) -> Result<(), Failure> {
    match Record::read(folder)? {
        Some(record) if record.anchored != anchored => Record { anchored, ..record }.write(folder),
        _ => Ok(()),
    }
}
