//! A data folder knows what it is: the other kind refuses it, a missing or foreign part is told, and nothing new begins
//! beside what remains of the old.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use tongban::data::{database_file, keys_folder, objects_folder};
use tongban_store::{Db, params};

use crate::server::{Server, program, run};

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
