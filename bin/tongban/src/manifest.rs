//! What a backup holds: every file and every table with its digest, and which keys open it, so that a restore can tell
//! what is missing, changed or does not fit. Knows no table.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tongban_base::Problem;
use tongban_crypto::{KeyRing, Purpose, Sm3};
use tongban_store::TableDigest;

use crate::failure::Failure;

const FILE: &str = "manifest.json";
const MARK: &str = "mark";
/// Of the list itself, so that nobody without the keys makes another one for other files.
const KEY: Purpose = Purpose::new("backup");

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    tables: BTreeMap<String, Table>,
    /// SM3 of each file, by its path from the folder of the backup.
    files: BTreeMap<String, String>,
    /// Fingerprints of the keys that the data was written with.
    keys: Vec<String>,
    /// How many files that the data names were missing or damaged already when the backup was made.
    #[serde(default)]
    incomplete: usize,
    /// The keyed digest of all of this.
    #[serde(default)]
    mark: String,
}

#[derive(Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Table {
    rows: u64,
    digest: String,
}

impl Manifest {
    pub fn of(
        backup: &Path,
        tables: &[TableDigest],
        (ring, incomplete): (&KeyRing, usize),
    ) -> Result<Self, Failure> {
        let mut manifest = Self {
            tables: by_name(tables),
            files: files(backup)?,
            keys: ring.fingerprints(),
            incomplete,
            mark: String::new(),
        };
        manifest.mark = mark_of(&serde_json::to_value(&manifest)?, ring)?;
        Ok(manifest)
    }

    /// Whether the house that these keys belong to wrote it.
    pub fn must_be_of(&self, ring: &KeyRing) -> Result<(), Failure> {
        if self.mark == mark_of(&serde_json::to_value(self)?, ring)? {
            return Ok(());
        }
        Err(Failure::new(format!(
            "{FILE} 的校验值不对：这份清单不是用这把密钥的系统写的，或者写好以后改动过，没有恢复"
        )))
    }

    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    pub fn write(&self, backup: &Path) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(self)?;
        Ok(std::fs::write(backup.join(FILE), text)?)
    }

    /// A folder without one is no backup of this program, or not the whole of it.
    pub fn read(backup: &Path) -> Result<Self, Failure> {
        let path = backup.join(FILE);
        let text = std::fs::read(&path).map_err(|cause| {
            Failure::new(format!("{} 读不了，没有恢复：{cause}", path.display()))
        })?;
        serde_json::from_slice(&text)
            .map_err(|cause| Failure::new(format!("{} 有误，没有恢复：{cause}", path.display())))
    }

    /// Files of the backup that are missing, changed or new since it was made.
    pub fn faults_of_files(&self, backup: &Path) -> Result<Vec<String>, Failure> {
        let found = files(backup)?;
        let mut faults = Vec::new();
        for (name, digest) in &self.files {
            match found.get(name) {
                None => faults.push(format!("缺少文件 {name}")),
                Some(other) if other != digest => faults.push(format!("文件 {name} 改动过")),
                Some(_) => {}
            }
        }
        let added = found.keys().filter(|name| !self.files.contains_key(*name));
        faults.extend(added.map(|name| format!("多出文件 {name}")));
        Ok(faults)
    }

    /// Tables that are not what they were.
    pub fn faults_of_tables(&self, restored: &[TableDigest]) -> Vec<String> {
        let found = by_name(restored);
        let names = self.tables.keys().chain(found.keys());
        let mut names: Vec<&String> = names.collect();
        names.sort();
        names.dedup();
        let told =
            names
                .into_iter()
                .filter_map(|name| match (self.tables.get(name), found.get(name)) {
                    (Some(before), Some(now)) if before == now => None,
                    (Some(before), Some(now)) if before.rows == now.rows => {
                        Some(format!("数据表 {name} 的 {} 行里有改动", now.rows))
                    }
                    (before, now) => {
                        let rows = |table: Option<&Table>| table.map_or(0, |table| table.rows);
                        let (before, now) = (rows(before), rows(now));
                        Some(format!("数据表 {name} 备份时 {before} 行，现在 {now} 行"))
                    }
                });
        told.collect()
    }
}

/// The keyed digest of a manifest without the mark in it.
pub fn mark_of(manifest: &Json, ring: &KeyRing) -> Result<String, Failure> {
    let mut unmarked = manifest.clone();
    if let Some(members) = unmarked.as_object_mut() {
        members.remove(MARK);
    }
    let key = ring.mac_key(KEY).map_err(Problem::internal)?;
    let mac = key.mac(&[tongban_packs::canonical(&unmarked).as_bytes()]);
    Ok(mac.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn by_name(tables: &[TableDigest]) -> BTreeMap<String, Table> {
    let tables = tables.iter().map(|table| {
        let (rows, digest) = (table.rows, table.digest.clone());
        (table.table.clone(), Table { rows, digest })
    });
    tables.collect()
}

fn files(backup: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut found = BTreeMap::new();
    collect(backup, backup, &mut found)?;
    found.remove(FILE);
    Ok(found)
}

fn collect(
    folder: &Path,
    backup: &Path,
    found: &mut BTreeMap<String, String>,
) -> Result<(), Failure> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, backup, found)?;
        } else {
            let name = path.strip_prefix(backup).unwrap_or(&path);
            found.insert(name.display().to_string(), digest(&path)?);
        }
    }
    Ok(())
}

fn digest(path: &Path) -> Result<String, Failure> {
    let mut sm3 = Sm3::new();
    std::io::copy(&mut File::open(path)?, &mut sm3)?;
    Ok(sm3.finish_hex())
}
