//! A data folder knows what it is: the other kind refuses it, a missing or foreign part is told, and nothing new begins
//! beside what remains of the old.

use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;
use std::process::Output;

use tongban::data::{database_file, keys_folder, objects_folder};
use tongban::folders::{Held, move_up, take_away};
use tongban_store::{Db, params};

use crate::backup::{client, upload};
use crate::house::write_pack;
use crate::server::{self, Server, new_database, program, run};

/// What a start says that is refused.
fn refused(data: &Path, demo: bool) -> String {
    let mut arguments = vec!["serve", "--listen", "127.0.0.1:0"];
    arguments.extend(demo.then_some("--demo"));
    let Output { status, stderr, .. } = program(data, None, &arguments).output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

fn verified(data: &Path) -> (bool, String) {
    let said = program(data, None, &["audit", "verify"]).output().unwrap();
    (
        said.status.success(),
        String::from_utf8(said.stdout).unwrap(),
    )
}

/// Whether a command did what it should, and all that it said.
fn ended(data: &Path, arguments: &[&str]) -> (bool, String) {
    let said = program(data, None, arguments).output().unwrap();
    let words = [said.stdout, said.stderr].concat();
    (said.status.success(), String::from_utf8(words).unwrap())
}

async fn meddle(data: &Path, sql: &'static str) {
    let db = Db::open_sqlite(&database_file(data)).unwrap();
    let done = db.write((), move |tx, ()| {
        Box::pin(async move { tx.execute(sql, params![]).await })
    });
    assert!(done.await.unwrap() > 0);
}

#[test]
fn a_demonstration_is_never_served_as_real_and_everything_is_for_its_own_user_only() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    drop(Server::start(&data, None));
    assert!(refused(&data, false).contains("这是演示数据"));
    for path in [
        &data,
        &database_file(&data),
        &objects_folder(&data),
        &data.join("audit.anchor"),
    ] {
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
    drop(Server::start(&data, None));
}

#[test]
fn a_missing_or_foreign_part_is_told_and_no_new_house_begins() {
    let folder = tempfile::tempdir().unwrap();
    let [data, other, aside] = ["data", "other", "aside"].map(|name| folder.path().join(name));
    drop(Server::start(&data, None));
    drop(Server::start(&other, None));
    for (part, told) in [
        (database_file(&data), "缺少数据库"),
        (keys_folder(&data), "缺少密钥"),
        (objects_folder(&data), "缺少文件"),
        (data.join("audit.anchor"), "缺少审计日志的锚点文件"),
    ] {
        std::fs::rename(&part, &aside).unwrap();
        assert!(refused(&data, true).contains(told), "{told}");
        assert!(!part.exists(), "{told}");
        std::fs::rename(&aside, &part).unwrap();
    }
    let file = |folder: &Path| folder.join("installation.json");
    for part in [file, keys_folder] {
        std::fs::rename(part(&data), &aside).unwrap();
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .args([part(&other), part(&data)])
            .status();
        assert!(copied.unwrap().success());
        assert!(refused(&data, true).contains("不是同一套"));
        let _ = std::fs::remove_dir_all(part(&data));
        let _ = std::fs::remove_file(part(&data));
        std::fs::rename(&aside, part(&data)).unwrap();
    }
    drop(Server::start(&data, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_through_everything_names_what_was_changed_removed_or_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    drop(Server::start(&data, None));
    let said = run(&data, None, &["audit", "verify"]);
    assert!(said.contains("核验通过") && said.contains("链值"), "{said}");
    let first =
        "UPDATE licence SET valid_to = '2099-12-31' WHERE id = (SELECT MIN(id) FROM licence)";
    meddle(&data, first).await;
    let (sound, said) = verified(&data);
    assert!(!sound && said.contains("数据表 licence 的记录"), "{said}");
    meddle(
        &data,
        "DELETE FROM licence_event WHERE licence_id = (SELECT MAX(id) FROM licence)",
    )
    .await;
    let (sound, said) = verified(&data);
    assert!(
        !sound && said.contains("数据表 licence_event 的记录"),
        "{said}"
    );
    meddle(&data, "DELETE FROM audit_entry").await;
    meddle(&data, "DELETE FROM audit_head").await;
    let (sound, said) = verified(&data);
    assert!(!sound && said.contains("与库外锚点不一致"), "{said}");
    std::fs::remove_file(data.join("audit.anchor")).unwrap();
    let (sound, said) = verified(&data);
    assert!(!sound && said.contains("锚点文件"), "{said}");
}

#[test]
fn an_anchor_that_is_lost_for_good_is_begun_anew_by_whoever_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (data, anchor) = (
        folder.path().join("data"),
        folder.path().join("data/audit.anchor"),
    );
    drop(Server::start(&data, None));
    let (done, said) = ended(&data, &["audit", "begin-anchor"]);
    assert!(!done && said.contains("还在，没有改动"), "{said}");
    std::fs::remove_file(&anchor).unwrap();
    assert!(refused(&data, true).contains("tongban audit begin-anchor"));
    let said = run(&data, None, &["audit", "begin-anchor"]);
    assert!(said.contains("重新开始锚点文件"), "{said}");
    drop(Server::start(&data, None));
    assert!(anchor.is_file());
    assert!(run(&data, None, &["audit", "verify"]).contains("核验通过"));
    std::fs::remove_file(&anchor).unwrap();
    assert!(refused(&data, true).contains("缺少审计日志的锚点文件"));
}

/// Where the page of an index stands in the database file.
async fn index_page(data: &Path, index: &'static str) -> (u64, usize) {
    let db = Db::open_sqlite(&database_file(data)).unwrap();
    let numbers = db.read(index, |tx, index| {
        Box::pin(async move {
            let sql = "SELECT rootpage FROM sqlite_schema WHERE name = $1";
            let root: i64 = tx.query_one(sql, params![*index]).await?.at(0)?;
            let size: i64 = tx.query_one("PRAGMA page_size", params![]).await?.at(0)?;
            Ok((root, size))
        })
    });
    let (root, size) = numbers.await.unwrap();
    db.close().await.unwrap();
    (
        u64::try_from((root - 1) * size).unwrap(),
        usize::try_from(size).unwrap(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_page_that_no_query_of_a_backup_reads_makes_no_backup_and_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let [data, kept] = ["data", "kept"].map(|name| folder.path().join(name));
    drop(Server::start(&data, None));
    let (at, size) = index_page(&data, "session_account").await;
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(database_file(&data))
        .unwrap();
    file.write_all_at(&vec![0xa5; size], at).unwrap();
    let (done, said) = ended(&data, &["backup", kept.to_str().unwrap()]);
    assert!(
        !done && said.contains("数据库文件有损坏") && said.contains("备份没有做成"),
        "{said}"
    );
    assert!(!kept.join("manifest.json").exists());
    let (done, said) = ended(&data, &["check-data"]);
    assert!(!done && said.contains("数据库文件："), "{said}");
}

fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .args([from, to])
        .status();
    assert!(copied.unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_another_house_or_none_are_told_where_the_database_names_some() {
    let folder = tempfile::tempdir().unwrap();
    let [data, aside] = ["data", "aside"].map(|name| folder.path().join(name));
    let server = Server::start(&data, None);
    upload(&mut client(&server).await).await;
    drop(server);
    let (objects, mark) = (objects_folder(&data), objects_folder(&data).join("house"));
    let house = std::fs::read(&mark).unwrap();
    std::fs::remove_file(&mark).unwrap();
    assert!(refused(&data, true).contains("没有这套系统的标识"));
    std::fs::write(&mark, "another").unwrap();
    assert!(refused(&data, true).contains("另一套系统的文件"));
    std::fs::rename(&objects, &aside).unwrap();
    std::fs::create_dir(&objects).unwrap();
    for mark_is_there in [false, true] {
        if mark_is_there {
            std::fs::write(&mark, &house).unwrap();
        }
        assert!(refused(&data, true).contains("没有数据库用到的文件"));
        assert_eq!(mark.exists(), mark_is_there);
    }
    std::fs::remove_dir_all(&objects).unwrap();
    std::fs::rename(&aside, &objects).unwrap();
    std::fs::write(&mark, &house).unwrap();
    drop(Server::start(&data, None));
    // As a version before would have left it.
    std::fs::remove_file(&mark).unwrap();
    let record = data.join("installation.json");
    let older = std::fs::read_to_string(&record).unwrap();
    std::fs::write(
        &record,
        older.replace("\"files_marked\": true", "\"files_marked\": false"),
    )
    .unwrap();
    drop(Server::start(&data, None));
    assert_eq!(std::fs::read(&mark).unwrap(), house);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_node_with_files_of_its_own_is_refused_and_nothing_new_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let [data, other] = ["data", "other"].map(|name| folder.path().join(name));
    let database = new_database().await;
    let server = Server::start(&data, Some(&database));
    upload(&mut client(&server).await).await;
    let serve = ["serve", "--demo", "--listen", "127.0.0.1:0"];
    let said = server::refused(&other, Some(&database), &serve);
    assert!(said.contains("缺少密钥") && !other.exists(), "{said}");
    std::fs::create_dir(&other).unwrap();
    copy(&keys_folder(&data), &other);
    let said = server::refused(&other, Some(&database), &serve);
    assert!(said.contains("没有数据库用到的文件"), "{said}");
    assert!(!objects_folder(&other).exists());
    std::os::unix::fs::symlink(objects_folder(&data), objects_folder(&other)).unwrap();
    drop(Server::start(&other, Some(&database)));
}

#[test]
fn what_appeared_meanwhile_is_neither_overwritten_nor_taken_away() {
    let above = tempfile::tempdir().unwrap();
    let below = above.path().join("restoring");
    std::fs::create_dir(&below).unwrap();
    std::fs::write(below.join("theirs"), "ours").unwrap();
    std::fs::write(above.path().join("theirs"), "theirs").unwrap();
    let mut made = vec![below.clone()];
    assert!(move_up(&below, above.path(), &mut made).is_err());
    take_away(&made).unwrap();
    assert!(!below.exists());
    let kept = std::fs::read_to_string(above.path().join("theirs"));
    assert_eq!(kept.unwrap(), "theirs");
}

#[test]
fn a_folder_is_used_by_many_or_by_one_alone_and_goes_if_nothing_came_into_it() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("data");
    let one = Held::beside_others(&folder).unwrap();
    let other = Held::beside_others(&folder).unwrap();
    assert!(Held::alone(&folder).is_err());
    drop((other, one));
    assert!(!folder.exists());
    let alone = Held::alone(&folder).unwrap();
    assert!(Held::alone(&folder).is_err() && Held::beside_others(&folder).is_err());
    std::fs::write(folder.join("kept"), "").unwrap();
    drop(alone);
    assert!(folder.join("kept").exists());
}

#[test]
fn a_pack_with_a_fault_is_told_and_what_is_in_force_opens_the_house() {
    let folder = tempfile::tempdir().unwrap();
    let (data, pack) = (folder.path().join("data"), folder.path().join("pack"));
    write_pack(&tongban_transport::pack(), &pack);
    let serve = || {
        let arguments = [
            "serve",
            "--demo",
            "--listen",
            "127.0.0.1:0",
            "--pack",
            server::path(&pack),
        ];
        program(&data, None, &arguments)
    };
    drop(Server::of(serve()));
    for (file, fault) in [
        ("registers/exam-branch.toml", "surprise = 1\n"),
        ("registers/exam-branch.toml", "= not toml\n"),
        ("pack.toml", "= not toml\n"),
    ] {
        let file = pack.join(file);
        let sound = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{fault}{sound}")).unwrap();
        drop(Server::of(serve()));
        std::fs::write(&file, sound).unwrap();
    }
    // Where nothing is in force the fault is the answer.
    std::fs::write(pack.join("pack.toml"), "= not toml").unwrap();
    let arguments = [
        "serve",
        "--demo",
        "--listen",
        "127.0.0.1:0",
        "--pack",
        server::path(&pack),
    ];
    let said = server::refused(&folder.path().join("other"), None, &arguments);
    assert!(said.contains("pack.toml"), "{said}");
}

#[tokio::test]
async fn a_start_that_cannot_listen_publishes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = server::refused(&data, None, &["serve", "--demo", "--listen", &address]);
    assert!(said.contains("用不了"), "{said}");
    let db = Db::open_sqlite(&database_file(&data)).unwrap();
    let there = db.read((), |tx, ()| {
        let sql = "SELECT name FROM sqlite_master WHERE name = 'publication'";
        Box::pin(tx.query(sql, params![]))
    });
    assert!(there.await.unwrap().is_empty());
}
