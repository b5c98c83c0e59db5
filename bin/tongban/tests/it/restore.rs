//! A backup opens with its keys only, and a restore brings back all of it or nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tongban::data::{database_file, keys_folder, objects_folder};
use tongban::folders::Held;
use tongban::manifest::mark_of;
use tongban_crypto::{KeyRing, sm3_hex};
use tongban_store::{Db, ObjectId, holdings};
use tongban_testkit::covers;

use crate::backup::{client, digests_below, upload};
use crate::house::PDF;
use crate::server::{Server, new_database, path, program, refused, run};

const PASSPHRASE: &str = "一句只有管理员知道的长口令";

/// A house in which somebody handed in a file, and a backup of it.
struct Kept {
    folder: TempDir,
    data: PathBuf,
    kept: PathBuf,
    database: Option<String>,
}

impl Kept {
    async fn of(database: Option<String>, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [data, kept] = ["data", "kept"].map(|name| folder.path().join(name));
        let server = Server::start(&data, database.as_deref());
        upload(&mut client(&server).await).await;
        drop(server);
        let this = Self {
            folder,
            data,
            kept,
            database,
        };
        this.backup(&this.kept, options);
        this
    }

    fn backup(&self, target: &Path, options: &[&str]) -> String {
        let backup = [&["backup", path(target)], options].concat();
        run(&self.data, self.database.as_deref(), &backup)
    }

    fn keys(&self) -> PathBuf {
        keys_folder(&self.data)
    }

    fn back(&self) -> PathBuf {
        self.folder.path().join("back")
    }

    /// What a restore says that is refused; it has left no folder.
    fn refused(&self, other: Option<&str>, options: &[&str]) -> String {
        let restore = [&["restore", path(&self.kept)], options].concat();
        let said = refused(&self.back(), other, &restore);
        assert!(said.contains("没有恢复"), "{said}");
        assert!(!self.back().exists(), "{said}");
        said
    }

    fn refused_with_keys(&self, other: Option<&str>) -> String {
        self.refused(other, &["--keys", path(&self.keys())])
    }

    /// As if the backup had been made otherwise.
    fn with_manifest(&self, change: impl Fn(&mut Json)) {
        let file = self.kept.join("manifest.json");
        let mut manifest: Json = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        change(&mut manifest);
        let ring = KeyRing::open(&self.keys()).unwrap();
        manifest["mark"] = json!(mark_of(&manifest, &ring).unwrap());
        std::fs::write(&file, manifest.to_string()).unwrap();
    }

    fn dump(&self) -> PathBuf {
        match self.database {
            Some(_) => self.kept.join("tongban.dump"),
            None => database_file(&self.kept),
        }
    }
}

fn passphrase(folder: &Path, words: &str) -> PathBuf {
    let file = folder.join("passphrase");
    std::fs::write(&file, format!("{words}\n")).unwrap();
    file
}

async fn held(url: &str) -> Vec<String> {
    holdings(&Db::open_postgres(url).await.unwrap())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_of_a_changed_backup_names_what_is_missing_and_brings_nothing_back() {
    covers!("SH-001");
    let kept = Kept::of(None, &[]).await;
    let mut objects = BTreeMap::new();
    digests_below(&objects_folder(&kept.kept), &kept.kept, &mut objects);
    let (object, _) = objects.first_key_value().unwrap();
    for name in [
        object,
        Path::new("tongban.db"),
        Path::new("installation.json"),
        Path::new("audit.anchor"),
    ] {
        let file = kept.kept.join(name);
        let content = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let missing = format!("缺少文件 {}", name.display());
        assert!(kept.refused_with_keys(None).contains(&missing));
        std::fs::write(&file, [&content[..], b"x"].concat()).unwrap();
        let changed = format!("文件 {} 改动过", name.display());
        assert!(kept.refused_with_keys(None).contains(&changed));
        std::fs::write(&file, content).unwrap();
    }
    std::fs::remove_file(kept.kept.join("manifest.json")).unwrap();
    assert!(kept.refused_with_keys(None).contains("manifest.json"));
}

/// Whoever holds the backup changes a file and writes a list that fits it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_was_written_anew_without_the_keys_is_refused() {
    let kept = Kept::of(None, &[]).await;
    let file = kept.kept.join("manifest.json");
    let manifest: Json = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    for change in [
        ("tables", json!({})),
        ("incomplete", json!(3)),
        ("mark", json!("")),
    ] {
        let mut changed = manifest.clone();
        changed[change.0] = change.1;
        std::fs::write(&file, changed.to_string()).unwrap();
        let said = kept.refused_with_keys(None);
        assert!(said.contains("校验值不对"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_fails_leaves_nothing_half_filled_on_the_embedded_database() {
    leaves_nothing_half_filled(None, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_fails_leaves_nothing_half_filled_on_postgres() {
    let (database, other) = (new_database().await, new_database().await);
    leaves_nothing_half_filled(Some(database), Some(&other)).await;
    assert!(held(&other).await.is_empty());
}

async fn leaves_nothing_half_filled(database: Option<String>, other: Option<&str>) {
    let kept = Kept::of(database, &[]).await;
    let manifest = std::fs::read(kept.kept.join("manifest.json")).unwrap();
    // Found only when everything is back.
    kept.with_manifest(|manifest| manifest["tables"]["audit_entry"]["rows"] = json!(0));
    let said = kept.refused_with_keys(other);
    assert!(said.contains("数据表 audit_entry 备份时 0 行"), "{said}");
    // Found on the way.
    std::fs::write(kept.kept.join("manifest.json"), manifest).unwrap();
    let dump = std::fs::read(kept.dump()).unwrap();
    let half = &dump[..dump.len() / 2];
    std::fs::write(kept.dump(), half).unwrap();
    let name = kept.dump().file_name().unwrap().to_owned();
    kept.with_manifest(|manifest| {
        manifest["files"][name.to_str().unwrap()] = json!(sm3_hex(half));
    });
    kept.refused_with_keys(other);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_holds_anything_is_not_touched() {
    let kept = Kept::of(Some(new_database().await), &[]).await;
    let mine = kept.database.clone().unwrap();
    let tables = held(&mine).await;
    let said = kept.refused_with_keys(Some(&mine));
    assert!(
        said.contains("数据库不是空的") && said.contains("没有动它"),
        "{said}"
    );
    assert_eq!(held(&mine).await, tables);
    let other = new_database().await;
    let db = Db::open_postgres(&other).await.unwrap();
    for sql in ["CREATE TYPE colour AS ENUM ('red')", "CREATE SCHEMA theirs"] {
        db.execute_outside(sql).await.unwrap();
        assert!(kept.refused_with_keys(Some(&other)).contains("不是空的"));
        let sql = sql.replace(" AS ENUM ('red')", "");
        let drop = sql.replace("CREATE", "DROP");
        db.execute_outside(&drop).await.unwrap();
    }
    let keys = kept.keys();
    let restore = ["restore", path(&kept.kept), "--keys", path(&keys)];
    run(&kept.back(), Some(&other), &restore);
    assert_eq!(held(&other).await, tables);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_has_no_keys_and_opens_with_its_own_only() {
    let kept = Kept::of(None, &[]).await;
    let print = KeyRing::open(&kept.keys())
        .unwrap()
        .fingerprints()
        .remove(0);
    let mut files = BTreeMap::new();
    digests_below(&kept.kept, &kept.kept, &mut files);
    let names: Vec<String> = files
        .keys()
        .map(|name| name.display().to_string())
        .collect();
    assert!(
        !names
            .iter()
            .any(|name| name.contains("master") || name.contains("sealed"))
    );
    assert!(kept.refused(None, &[]).contains(&print));
    let words = passphrase(kept.folder.path(), PASSPHRASE);
    assert!(
        kept.refused(None, &["--with-keys", path(&words)])
            .contains(&print)
    );
    let foreign = kept.folder.path().join("foreign");
    KeyRing::open_or_create(&foreign).unwrap();
    let said = kept.refused(None, &["--keys", path(&foreign)]);
    assert!(
        said.contains("不是这份备份的密钥") && said.contains(&print),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_in_a_backup_open_with_its_passphrase_only() {
    let folder = tempfile::tempdir().unwrap();
    let words = passphrase(folder.path(), PASSPHRASE);
    let kept = Kept::of(None, &["--with-keys", path(&words)]).await;
    let with = ["--with-keys", path(&words)];
    let key = std::fs::read_to_string(kept.keys().join("master.key")).unwrap();
    let (_, key) = key.lines().last().unwrap().split_once(' ').unwrap();
    let sealed = std::fs::read(kept.kept.join("keys.sealed")).unwrap();
    assert!(
        !sealed
            .windows(key.len())
            .any(|found| found == key.as_bytes())
    );
    passphrase(folder.path(), "另一句只有管理员知道的口令");
    assert!(kept.refused(None, &with).contains("口令不对"));
    passphrase(folder.path(), "短口令");
    let target = kept.folder.path().join("short");
    let backup = ["backup", path(&target), with[0], with[1]];
    assert!(refused(&kept.data, None, &backup).contains("不足 12 个字符"));
    assert!(!target.exists());
    passphrase(folder.path(), PASSPHRASE);
    run(
        &kept.back(),
        None,
        &["restore", path(&kept.kept), with[0], with[1]],
    );
    let same = |folder: &Path| KeyRing::open(&keys_folder(folder)).unwrap().fingerprints();
    assert_eq!(same(&kept.back()), same(&kept.data));
    drop(Server::start(&kept.back(), None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_folder_that_lacks_a_part_is_refused_on_the_embedded_database() {
    lacks_a_part(Kept::of(None, &[]).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_folder_that_lacks_a_part_is_refused_on_postgres() {
    lacks_a_part(Kept::of(Some(new_database().await), &[]).await);
}

fn lacks_a_part(kept: Kept) {
    let [target, aside, nowhere] =
        ["target", "aside", "nowhere"].map(|name| kept.folder.path().join(name));
    let database = kept.database.as_deref();
    let backup = ["backup", path(&target)];
    for (part, told) in [
        (kept.keys(), "缺少密钥"),
        (objects_folder(&kept.data), "缺少文件"),
    ] {
        std::fs::rename(&part, &aside).unwrap();
        assert!(refused(&kept.data, database, &backup).contains(told));
        assert!(!part.exists() && !target.exists(), "{told}");
        std::fs::rename(&aside, &part).unwrap();
    }
    assert!(refused(&nowhere, database, &backup).contains("缺少密钥"));
    assert!(!nowhere.exists() && !target.exists());
}

#[test]
fn a_folder_with_an_unfinished_restore_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(data.join("restoring")).unwrap();
    let serve = ["serve", "--demo", "--listen", "127.0.0.1:0"];
    let said = program(&data, None, &serve).output().unwrap();
    assert!(String::from_utf8_lossy(&said.stderr).contains("没有完成的恢复"));
    assert!(!keys_folder(&data).exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_in_use_is_not_restored_into_and_one_restored_into_is_not_used() {
    let kept = Kept::of(None, &[]).await;
    let (back, keys) = (kept.back(), kept.keys());
    std::fs::create_dir(&back).unwrap();
    let restore = ["restore", path(&kept.kept), "--keys", path(&keys)];
    let serve = ["serve", "--demo", "--listen", "127.0.0.1:0"];
    // Somebody has begun on it and nothing of his is there yet.
    for hold in [Held::beside_others, Held::alone] {
        let _held = hold(&back).unwrap();
        let said = refused(&back, None, &restore);
        assert!(said.contains("正在使用"), "{said}");
        assert!(back.read_dir().unwrap().next().is_none());
    }
    let held = Held::alone(&back).unwrap();
    assert!(refused(&back, None, &serve).contains("正在使用"));
    drop(held);
    run(&back, None, &restore);
    let server = Server::start(&back, None);
    for command in [&restore[..], &["clock", "accept"]] {
        let said = refused(&back, None, command);
        assert!(said.contains("正在使用"), "{said}");
    }
    drop(server);
    run(&back, None, &["clock", "accept"]);
    assert!(database_file(&back).is_file() && keys_folder(&back).is_dir());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_lacks_what_the_data_names_says_so_and_is_kept() {
    let kept = Kept::of(None, &[]).await;
    let object = objects_folder(&kept.data).join(named(&ObjectId::of(PDF)));
    std::fs::write(&object, "damaged").unwrap();
    let target = kept.folder.path().join("target");
    let said = refused(&kept.data, None, &["backup", path(&target)]);
    assert!(
        said.contains("备份不完整") && said.contains("1 处"),
        "{said}"
    );
    let manifest = std::fs::read(target.join("manifest.json")).unwrap();
    let manifest: Json = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["incomplete"], json!(1));
    let keys = kept.keys();
    let restore = ["restore", path(&target), "--keys", path(&keys)];
    run(&kept.back(), None, &restore);
}

fn named(id: &ObjectId) -> String {
    let (front, rest) = id.as_str().split_at(2);
    format!("{front}/{rest}")
}
