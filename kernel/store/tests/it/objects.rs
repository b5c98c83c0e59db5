//! Files: encrypted where they lie, and never opened as something else than was stored.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use tongban_base::{Problem, Timestamp};
use tongban_crypto::KeyRing;
use tongban_store::{Db, Files, Marked, ObjectId, Objects, migrate, params};

static THINGS: Marked = Marked::new("thing", &["id", "file"], &[]).with_files(Files {
    columns: &["file"],
    of: "",
});

struct Vault {
    folder: TempDir,
    ring: KeyRing,
    db: Db,
}

impl Vault {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open_sqlite(&folder.path().join("t.db")).unwrap();
        migrate(&db, &[], Timestamp(0)).await.unwrap();
        let ring = KeyRing::ephemeral().unwrap();
        Self { folder, ring, db }
    }

    fn objects_of(&self, ring: &KeyRing) -> Objects {
        Objects::open(self.folder.path(), ring.file_cipher().unwrap()).unwrap()
    }

    async fn put(&self, content: &[u8]) -> ObjectId {
        let objects = self.objects_of(&self.ring);
        let put = objects.put(&self.db, content.to_vec(), "text/plain", Timestamp(0));
        put.await.unwrap().id
    }

    async fn get(&self, id: &ObjectId) -> Result<Vec<u8>, Problem> {
        self.objects_of(&self.ring).get(id).await
    }

    fn path(&self, id: &ObjectId) -> PathBuf {
        let (front, rest) = id.as_str().split_at(2);
        self.folder.path().join(front).join(rest)
    }
}

fn holds(file: &Path, plain: &[u8]) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes.windows(plain.len()).any(|window| window == plain)
}

#[tokio::test]
async fn a_file_lies_encrypted_and_comes_back_as_it_was() {
    let vault = Vault::new().await;
    let content = "身份证复印件".repeat(20_000).into_bytes();
    let id = vault.put(&content).await;
    assert!(!holds(&vault.path(&id), &content[..16]));
    assert_eq!(vault.get(&id).await.unwrap(), content);
    assert_eq!(vault.put(&content).await, id);
    let incoming = vault.folder.path().join("incoming");
    assert_eq!(std::fs::read_dir(incoming).unwrap().count(), 0);
}

#[tokio::test]
async fn a_changed_byte_another_key_or_another_file_in_its_place_is_told_and_gives_nothing() {
    let vault = Vault::new().await;
    let (id, other) = (vault.put(b"one").await, vault.put(b"two").await);
    let stranger = vault.objects_of(&KeyRing::ephemeral().unwrap());
    let refused = stranger.get(&id).await.unwrap_err();
    assert_eq!(refused.code(), "store.object_damaged");
    assert!(refused.message().contains("损坏或缺失"));

    let stored = std::fs::read(vault.path(&id)).unwrap();
    for position in 0..stored.len() {
        let mut changed = stored.clone();
        changed[position] ^= 1;
        std::fs::write(vault.path(&id), changed).unwrap();
        let refused = vault.get(&id).await.unwrap_err();
        assert_eq!(refused.code(), "store.object_damaged", "byte {position}");
    }
    for instead in [&b""[..], b"two", &stored[..stored.len() - 1]] {
        std::fs::write(vault.path(&id), instead).unwrap();
        assert_eq!(
            vault.get(&id).await.unwrap_err().code(),
            "store.object_damaged"
        );
    }
    std::fs::copy(vault.path(&other), vault.path(&id)).unwrap();
    assert_eq!(
        vault.get(&id).await.unwrap_err().code(),
        "store.object_damaged"
    );
}

#[tokio::test]
async fn a_file_from_before_opens_and_is_encrypted_when_it_comes_again() {
    let vault = Vault::new().await;
    let content = b"%PDF-1.7 of an older data folder";
    let id = ObjectId::of(content);
    std::fs::create_dir(vault.path(&id).parent().unwrap()).unwrap();
    std::fs::write(vault.path(&id), content).unwrap();
    assert_eq!(vault.get(&id).await.unwrap(), content);
    assert_eq!(vault.put(content).await, id);
    assert!(!holds(&vault.path(&id), b"PDF"));
    assert_eq!(vault.get(&id).await.unwrap(), content);
}

#[tokio::test]
async fn a_damaged_or_missing_file_is_told_and_mended_by_the_same_content() {
    let vault = Vault::new().await;
    let (id, other) = (vault.put(b"one").await, vault.put(b"two").await);
    let objects = vault.objects_of(&vault.ring);
    let stored = std::fs::read(vault.path(&id)).unwrap();
    let mut changed = stored.clone();
    *changed.last_mut().unwrap() ^= 1;
    let foreign = std::fs::read(vault.path(&other)).unwrap();
    for instead in [&changed[..], &stored[..20], &foreign] {
        std::fs::write(vault.path(&id), instead).unwrap();
        assert!(objects.get(&id).await.is_err());
        assert_eq!(objects.lost(), 1);
        assert_eq!(vault.put(b"one").await, id);
        assert_eq!(objects.get(&id).await.unwrap(), b"one");
        assert_eq!(objects.lost(), 0);
    }
    std::fs::remove_file(vault.path(&id)).unwrap();
    let told = objects.get(&id).await.unwrap_err();
    assert_eq!(told.code(), "store.object_missing");
    assert!(told.message().contains("损坏或缺失"));
    assert_eq!(objects.lost(), 1);
    let put = objects.put(&vault.db, b"one".to_vec(), "text/plain", Timestamp(0));
    put.await.unwrap();
    assert_eq!(objects.lost(), 0);
}

#[tokio::test]
async fn what_a_killed_writer_left_is_swept_and_what_somebody_writes_is_not() {
    let vault = Vault::new().await;
    let objects = vault.objects_of(&vault.ring);
    let incoming = vault.folder.path().join("incoming");
    let long_ago = SystemTime::now() - Duration::from_secs(3_600);
    let left = |name: &str, at: SystemTime| {
        let file = File::create(incoming.join(name)).unwrap();
        file.set_modified(at).unwrap();
        file
    };
    drop(left("killed", long_ago));
    drop(left("young", SystemTime::now()));
    let writing = left("writing", long_ago);
    writing.lock().unwrap();
    assert_eq!(objects.sweep().await.unwrap(), 1);
    assert!(!incoming.join("killed").exists());
    assert!(incoming.join("young").exists() && incoming.join("writing").exists());
}

/// A row may come late, be in doubt, or the same content be handed in again by another server; the record of a file may
/// go while another row names it.
#[tokio::test]
async fn a_file_goes_only_when_no_row_names_it_for_two_looks_and_nobody_handed_it_in() {
    let vault = Vault::new().await;
    let [one, other] = [(); 2].map(|()| vault.objects_of(&vault.ring));
    let recorded = vault.put(b"recorded").await;
    let [late, again, never, named] =
        [b"late", b"anew", b"neve", b"name"].map(|text| text.to_vec());
    for content in [&late, &again, &never, &named] {
        one.keep(content.clone(), "text/plain").await.unwrap();
    }
    let row = ObjectId::of(&named);
    let made = vault.db.write(row, |tx, row| {
        Box::pin(async move {
            let sql = "CREATE TABLE thing (id TEXT PRIMARY KEY, file TEXT NOT NULL)";
            tx.execute(sql, params![]).await?;
            tx.execute("INSERT INTO thing VALUES ('a', $1)", params![row])
                .await
        })
    });
    made.await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let look = async || one.remove_unnamed(&vault.db, &[&THINGS]).await.unwrap();
    assert_eq!(look().await, 0);
    vault.put(&late).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    other.keep(again.clone(), "text/plain").await.unwrap();
    assert_eq!(look().await, 1);
    let kept = [&late, &again, &named].map(|content| ObjectId::of(content));
    for kept in kept.iter().chain([&recorded]) {
        one.get(kept).await.unwrap();
    }
    let gone = one.get(&ObjectId::of(&never)).await.unwrap_err();
    assert_eq!(gone.code(), "store.object_missing");
}
