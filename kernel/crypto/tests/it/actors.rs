//! A small authority with a seal maker and an officer, for the tests of seals and signatures.

use tongban_base::Timestamp;
use tongban_crypto::{
    IssueRequest, KeyUse, Name, NewSeal, Picture, Seal, Signer, SigningKey, Trust,
};

/// 2026-01-01T00:00:00Z
pub const NEW_YEAR: Timestamp = Timestamp(1_767_225_600_000);
/// 2026-11-22T00:00:00Z
pub const NOW: Timestamp = Timestamp(1_795_305_600_000);
pub const YEAR_MS: i64 = 365 * 24 * 3600 * 1000;

pub struct Actors {
    pub root: Signer,
    pub maker: Signer,
    pub officer: Signer,
    pub trust: Trust,
}

impl Actors {
    pub fn new() -> Self {
        let name = Name::new([("C", "CN"), ("O", "示例市"), ("CN", "示例根证书")]);
        let key = SigningKey::generate().unwrap();
        let until = NEW_YEAR.plus_millis(10 * YEAR_MS);
        let root = Signer::self_signed_root(name, key, NEW_YEAR, until).unwrap();
        Self {
            maker: issue(&root, "示例制章机构", KeyUse::Signing),
            officer: issue(&root, "示例市交通运输局", KeyUse::Signing),
            trust: Trust::new([root.certificate().clone()]),
            root,
        }
    }

    pub fn new_seal(&self) -> NewSeal {
        NewSeal {
            vendor: "TONGBAN".into(),
            id: "33010000000001".into(),
            kind: 1,
            name: "示例市交通运输局行政审批专用章".into(),
            users: vec![self.officer.certificate().clone()],
            created: NEW_YEAR,
            valid_from: NEW_YEAR,
            valid_until: NEW_YEAR.plus_millis(YEAR_MS),
            picture: Picture {
                format: "PNG".into(),
                data: b"\x89PNG\r\n\x1a\n".to_vec(),
                width_mm: 42,
                height_mm: 42,
            },
            extensions: Vec::new(),
        }
    }

    pub fn seal(&self) -> Seal {
        self.new_seal().make(&self.maker).unwrap()
    }
}

pub fn issue(authority: &Signer, common_name: &str, key_use: KeyUse) -> Signer {
    let key = SigningKey::generate().unwrap();
    let request = IssueRequest {
        subject: Name::new([("C", "CN"), ("O", "示例市"), ("CN", common_name)]),
        public_key: key.verifying_key(),
        not_before: NEW_YEAR,
        not_after: NEW_YEAR.plus_millis(2 * YEAR_MS),
        key_use,
    };
    Signer::new(authority.issue(&request).unwrap(), key).unwrap()
}
