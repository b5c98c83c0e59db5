//! A small installation with the practitioners' and the holds' register.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value as Json, json};
use tongban_audit::{AuditKey, ReadLog};
use tongban_base::numbers::resident_id_check_character;
use tongban_base::{Ctx, Result};
use tongban_crypto::KeyRing;
use tongban_documents::Bounds;
use tongban_packs::{Findings, Folder, Pack, Packs};
use tongban_registers::{Keeping, ListQuery, RecordId, RegisterDefinitions, Registers};
use tongban_store::{Db, Migration, Objects, params};
use tongban_testkit::actors;

pub const REGISTER: &str = "practitioner";

pub fn migrations() -> Vec<Migration> {
    [tongban_audit::MIGRATIONS, tongban_registers::MIGRATIONS].concat()
}

pub fn folder() -> Folder {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../solution");
    let folders =
        ["base/pack", "transport/pack"].map(|pack| Folder::read(&root.join(pack)).unwrap());
    let packs = Packs::of(folders.into()).unwrap();
    packs.linked().unwrap()
}

pub fn pack() -> Pack {
    Pack::load(folder(), &mut Findings::default()).unwrap()
}

pub fn definitions() -> RegisterDefinitions {
    let (pack, mut findings) = (pack(), Findings::default());
    let read = RegisterDefinitions::read(
        &pack.folder,
        &tongban_packs::known_divisions(pack.divisions.values()),
        &mut findings,
    );
    assert!(findings.is_empty(), "{findings:?}");
    read
}

/// Files go into a folder that stays until the machine is cleaned.
pub fn keeping(ring: &KeyRing) -> Keeping {
    let folder = tempfile::tempdir().unwrap().keep();
    let objects = Objects::open(&folder, ring.file_cipher().unwrap()).unwrap();
    Keeping::new(objects, || Bounds {
        pixels: 50_000_000,
        pages: 100,
    })
}

pub struct House {
    pub db: Db,
    pub registers: Registers,
    /// Reads and manages for the whole of Shanghai.
    pub officer: Ctx,
}

impl House {
    pub fn new(db: Db) -> Self {
        let ring = KeyRing::ephemeral().unwrap();
        let reads = ReadLog::new(db.clone(), AuditKey::of(&ring).unwrap());
        Self {
            registers: Registers::new(db.clone(), definitions(), &ring, (reads, keeping(&ring)))
                .unwrap(),
            db,
            officer: actors::admin(&["register.read", "register.manage"]),
        }
    }

    pub async fn create(&self, data: &Json) -> Result<RecordId> {
        let registers = &self.registers;
        registers.create(&self.officer, REGISTER, data.into()).await
    }

    /// The first cells of what a query finds.
    pub async fn names(&self, ctx: &Ctx, filters: &[(&str, &str)]) -> Vec<String> {
        let query = query(filters);
        let found = self.registers.list(ctx, REGISTER, &query).await.unwrap();
        found
            .rows
            .into_iter()
            .map(|row| row.cells[0].clone())
            .collect()
    }

    pub async fn audited(&self) -> Vec<String> {
        self.column("SELECT event || ' ' || outcome FROM audit_entry ORDER BY id")
            .await
    }

    pub async fn column(&self, sql: &'static str) -> Vec<String> {
        self.db
            .read((), move |tx, ()| {
                Box::pin(async move {
                    let rows = tx.query(sql, params![]).await?;
                    rows.iter().map(|row| row.at(0)).collect()
                })
            })
            .await
            .unwrap()
    }
}

pub fn query(filters: &[(&str, &str)]) -> ListQuery {
    let filters = filters
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    ListQuery {
        filters: filters.collect::<BTreeMap<_, _>>(),
        ..ListQuery::default()
    }
}

/// A number that holds, of an area that has none.
pub fn id_number(sequence: u32) -> String {
    let front = format!("31000019900101{:03}", sequence * 2);
    format!("{front}{}", resident_id_check_character(&front).unwrap())
}

pub fn person(name: &str, sequence: u32) -> Json {
    json!({
        "name": name, "sex": "female", "id_number": id_number(sequence), "birth_date": "1990-01-01",
        "division": "310101000000", "categories": ["01001", "02001"], "status": "active",
        "mobile": "14200000001", "address": "上海市黄浦区示例路1号101室（虚构）",
    })
}
