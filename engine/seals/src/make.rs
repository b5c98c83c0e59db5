//! Makes the demonstration authority's keys, certificates and seals. Knows no database.

use chrono::Months;
use tongban_base::{Result, Timestamp};
use tongban_crypto::{
    IssueRequest, KeyUse, Name, NewSeal, Picture, Signer, SigningKey, random_bytes,
};
use tongban_documents::{Typesetter, demonstration_seal};

use super::{Issuer, OrganisationSeal};

pub(super) const ROOT: &str = "root";
pub(super) const MAKER: &str = "seal-maker";

const AUTHORITY: &str = "通办演示签发机构（仅供演示）";
/// Officials' seals measure 42 mm.
const DIAMETER: u8 = 42;
/// Identifies the maker inside of seals; ASCII by the standard.
const VENDOR: &str = "TONGBAN-DEMO";
/// The kind of seal that bodies use: official.
const OFFICIAL: u32 = 1;

const ROOT_YEARS: u32 = 30;
const MAKER_YEARS: u32 = 20;
const SEAL_YEARS: u32 = 10;

pub(super) fn root(now: Timestamp) -> Result<Signer> {
    let name = name(AUTHORITY, "通办演示根证书（仅供演示）");
    let (from, to) = term(now, ROOT_YEARS);
    Ok(Signer::self_signed_root(
        name,
        SigningKey::generate()?,
        from,
        to,
    )?)
}

pub(super) fn maker(root: &Signer, now: Timestamp) -> Result<Signer> {
    certified(
        root,
        name(AUTHORITY, "通办演示制章系统（仅供演示）"),
        now,
        MAKER_YEARS,
    )
}

pub(super) fn seal(
    root: &Signer,
    maker: &Signer,
    typesetter: &Typesetter,
    organisation: &Issuer,
    now: Timestamp,
) -> Result<OrganisationSeal> {
    let seal_name = format!("{}示例专用章", organisation.name);
    let signer = certified(root, name(&organisation.name, &seal_name), now, SEAL_YEARS)?;
    let (valid_from, valid_until) = term(now, SEAL_YEARS);
    let data = demonstration_seal(typesetter, &organisation.name, "演示专用", DIAMETER)?;
    let number: String = random_bytes::<8>()?
        .iter()
        .map(|b| format!("{b:02X}"))
        .collect();
    let seal = NewSeal {
        vendor: VENDOR.to_owned(),
        id: format!("DEMO{number}"),
        kind: OFFICIAL,
        name: seal_name,
        users: vec![signer.certificate().clone()],
        created: valid_from,
        valid_from,
        valid_until,
        picture: Picture {
            format: "PNG".to_owned(),
            data,
            width_mm: DIAMETER.into(),
            height_mm: DIAMETER.into(),
        },
        extensions: Vec::new(),
    };
    Ok(OrganisationSeal {
        seal: seal.make(maker)?,
        signer,
    })
}

fn certified(root: &Signer, subject: Name, now: Timestamp, years: u32) -> Result<Signer> {
    let key = SigningKey::generate()?;
    let (not_before, not_after) = term(now, years);
    let certificate = root.issue(&IssueRequest {
        subject,
        public_key: key.verifying_key(),
        not_before,
        not_after,
        key_use: KeyUse::Signing,
    })?;
    Ok(Signer::new(certificate, key)?)
}

fn name(organisation: &str, common: &str) -> Name {
    Name::new([("C", "CN"), ("O", organisation), ("CN", common)])
}

/// From the start of today, so that whatever is sealed in the same second is inside, and to the end of the term.
fn term(now: Timestamp, years: u32) -> (Timestamp, Timestamp) {
    let today = now.date();
    let last = today
        .checked_add_months(Months::new(years * 12))
        .unwrap_or(today);
    (Timestamp::start_of(today), Timestamp::start_of(last))
}
