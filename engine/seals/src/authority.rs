//! The demonstration authority: a root, a seal maker and one seal per organisation. Everything it signs says 演示 or
//! 示例 on its face, because nobody outside of this installation has reason to trust it.
//! Knows no licence; letters are sealed with it too.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tongban_base::{Kind, Problem, Result, Timestamp};
use tongban_crypto::{Certificate, KeyRing, Purpose, Seal, SealedBox, Signer, SigningKey, Trust};
use tongban_documents::{SealJob, StampPosition, Typesetter};
use tongban_store::Db;

use crate::{make, store, trust};

/// An organisation that gets a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    pub code: String,
    pub name: String,
    /// 18 characters; part of every licence identifier.
    pub credit_code: String,
    pub division: String,
}

impl From<&tongban_packs::Organisation> for Issuer {
    fn from(organisation: &tongban_packs::Organisation) -> Self {
        Self {
            code: organisation.code.clone(),
            name: organisation.name.clone(),
            credit_code: organisation.credit_code.clone(),
            division: organisation.division.clone(),
        }
    }
}

/// A seal with the one who may use it.
pub struct OrganisationSeal {
    pub seal: Seal,
    pub signer: Signer,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Authority(Arc<Inner>);

struct Inner {
    root: Signer,
    trust: Trust,
    seals: BTreeMap<String, OrganisationSeal>,
}

impl Authority {
    /// Opens the authority, making on the first start what is missing. Several nodes may start at once: the first
    /// to write a key wins, the others read it.
    pub async fn open(
        db: &Db,
        ring: &KeyRing,
        typesetter: &Typesetter,
        organisations: &[Issuer],
        now: Timestamp,
    ) -> Result<Self> {
        let keys = ring.sealed_box(Purpose::SIGNING_KEYS)?;
        let root = match store::key(db, make::ROOT).await? {
            Some(row) => open_signer(&keys, &row)?,
            None => keep(db, &keys, make::ROOT, &make::root(now)?, now).await?,
        };
        let maker = match store::key(db, make::MAKER).await? {
            Some(row) => open_signer(&keys, &row)?,
            None => keep(db, &keys, make::MAKER, &make::maker(&root, now)?, now).await?,
        };
        let mut seals = BTreeMap::new();
        for organisation in organisations {
            let row = match store::seal(db, &organisation.code).await? {
                Some(row) => row,
                None => {
                    let made = make::seal(&root, &maker, typesetter, organisation, now)?;
                    keep_seal(db, &keys, organisation, &made, now).await?
                }
            };
            seals.insert(organisation.code.clone(), open_seal(&keys, &row)?);
        }
        let trust = Trust::new([root.certificate().clone()]);
        Ok(Self(Arc::new(Inner { root, trust, seals })))
    }

    pub fn seal_of(&self, organisation: &str) -> Option<&OrganisationSeal> {
        self.0.seals.get(organisation)
    }

    /// One act of sealing in the name of an organisation.
    /// Errors: it has no seal.
    pub fn seal_job(
        &self,
        organisation: &str,
        at: Timestamp,
        positions: Vec<StampPosition>,
    ) -> Result<SealJob<'_>> {
        let own = self
            .seal_of(organisation)
            .ok_or_else(|| no_seal(organisation))?;
        Ok(SealJob {
            seal: &own.seal,
            signer: &own.signer,
            at,
            positions,
            leave_open: false,
        })
    }

    /// Whom files are verified against: this authority's root.
    pub fn trust(&self) -> &Trust {
        &self.0.trust
    }

    /// Always true: a real authority's seals come from outside, with keys that never lie here.
    pub fn is_demonstration(&self) -> bool {
        true
    }

    pub fn root_pem(&self) -> String {
        self.0.root.certificate().to_pem()
    }

    /// Writes the root's certificate, so that files can be verified without the database.
    pub fn export_root(&self, key_folder: &Path) -> Result<()> {
        trust::write_root(key_folder, &self.root_pem()).map_err(Problem::internal)
    }
}

async fn keep(
    db: &Db,
    keys: &SealedBox,
    name: &str,
    made: &Signer,
    now: Timestamp,
) -> Result<Signer> {
    let row = store::KeyRow {
        name: name.to_owned(),
        certificate: made.certificate().to_pem(),
        sealed_key: keys.encrypt(made.key().to_bytes().as_slice(), name.as_bytes())?,
    };
    open_signer(keys, &store::keep_key(db, row, now).await?)
}

async fn keep_seal(
    db: &Db,
    keys: &SealedBox,
    organisation: &Issuer,
    made: &OrganisationSeal,
    now: Timestamp,
) -> Result<store::SealRow> {
    let context = seal_context(&organisation.code);
    let row = store::SealRow {
        organisation: organisation.code.clone(),
        name: made.seal.name.clone(),
        certificate: made.signer.certificate().to_pem(),
        sealed_key: keys.encrypt(made.signer.key().to_bytes().as_slice(), context.as_bytes())?,
        seal: made.seal.to_der().to_vec(),
    };
    store::keep_seal(db, row, now).await
}

fn seal_context(organisation: &str) -> String {
    format!("seal {organisation}")
}

fn open_signer(keys: &SealedBox, row: &store::KeyRow) -> Result<Signer> {
    let key = keys.decrypt(&row.sealed_key, row.name.as_bytes())?;
    let certificate = Certificate::from_pem(&row.certificate)?;
    Ok(Signer::new(certificate, SigningKey::from_bytes(&key)?)?)
}

fn open_seal(keys: &SealedBox, row: &store::SealRow) -> Result<OrganisationSeal> {
    let context = seal_context(&row.organisation);
    let key = keys.decrypt(&row.sealed_key, context.as_bytes())?;
    let certificate = Certificate::from_pem(&row.certificate)?;
    Ok(OrganisationSeal {
        seal: Seal::from_der(&row.seal)?,
        signer: Signer::new(certificate, SigningKey::from_bytes(&key)?)?,
    })
}

/// An organisation that is to seal has nothing to seal with.
pub fn no_seal(organisation: &str) -> Problem {
    let cause = format!("organisation {organisation} has no seal");
    Problem::new(Kind::Internal, "document.seal", "没有可用的印章").with_cause(cause)
}
