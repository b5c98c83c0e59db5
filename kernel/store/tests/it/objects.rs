//! Files: encrypted where they lie, and never opened as something else than was stored.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tongban_base::{Problem, Timestamp};
use tongban_crypto::KeyRing;
use tongban_store::{Db, ObjectId, Objects, migrate};

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
    assert!(refused.message().contains("损坏或被改动"));

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
