//! What tests share: a typesetter, a letter with its data, a demonstration authority with a seal.

use std::sync::LazyLock;

use serde_json::{Value, json};
use tongban_base::Timestamp;
use tongban_crypto::{
    IssueRequest, KeyUse, Name, NewSeal, Picture, Seal, Signer, SigningKey, Trust,
};
use tongban_documents::{
    Fonts, OfdOptions, Pages, PdfOptions, SealJob, StampPosition, Template, Typesetter,
    demonstration_seal, seal_ofd, seal_pdf,
};

pub const NOW: Timestamp = Timestamp(1_795_312_800_000);
const YEAR: i64 = 365 * 24 * 3600 * 1000;

pub static TYPESETTER: LazyLock<Typesetter> =
    LazyLock::new(|| Typesetter::new(Fonts::find(None).unwrap()));

pub struct Desk {
    pub trust: Trust,
    pub signer: Signer,
    pub seal: Seal,
}

pub static DESK: LazyLock<Desk> = LazyLock::new(|| Desk::open("示例市交通运输局"));

impl Desk {
    pub fn open(organisation: &str) -> Self {
        Self::of("示例根证书", organisation)
    }

    pub fn of(authority: &str, organisation: &str) -> Self {
        let (from, until) = (NOW.plus_millis(-YEAR), NOW.plus_millis(10 * YEAR));
        let name = |words| Name::new([("C", "CN"), ("O", "示例"), ("CN", words)]);
        let root = Signer::self_signed_root(
            name(authority),
            SigningKey::generate().unwrap(),
            from,
            until,
        )
        .unwrap();
        let issue = |words| {
            let key = SigningKey::generate().unwrap();
            let request = IssueRequest {
                subject: name(words),
                public_key: key.verifying_key(),
                not_before: from,
                not_after: until,
                key_use: KeyUse::Signing,
            };
            let signer = Signer::new(root.issue(&request).unwrap(), key).unwrap();
            signer.with_chain([root.certificate().clone()])
        };
        let (maker, signer) = (issue("示例制章中心"), issue(organisation));
        let picture = Picture {
            format: "PNG".into(),
            data: demonstration_seal(&TYPESETTER, organisation, "演示专用", 42).unwrap(),
            width_mm: 42,
            height_mm: 42,
        };
        let seal = NewSeal {
            vendor: "Tongban".into(),
            id: "00000000000001".into(),
            kind: 1,
            name: format!("{organisation}演示印章"),
            users: vec![signer.certificate().clone()],
            created: from,
            valid_from: from,
            valid_until: until,
            picture,
            extensions: Vec::new(),
        };
        Self {
            trust: Trust::new([root.certificate().clone()]),
            seal: seal.make(&maker).unwrap(),
            signer,
        }
    }

    pub fn job(&self) -> SealJob<'_> {
        SealJob {
            seal: &self.seal,
            signer: &self.signer,
            at: NOW,
            positions: vec![StampPosition {
                page: 0,
                x_mm: 132.0,
                y_mm: 196.0,
                width_mm: 42.0,
                height_mm: 42.0,
            }],
            leave_open: false,
        }
    }
}

pub fn letter() -> Pages {
    let template = Template::new(
        "acceptance-notice.typ",
        include_str!("../../examples/acceptance-notice.typ"),
    );
    TYPESETTER.typeset(&template, &letter_data()).unwrap()
}

pub fn letter_data() -> Value {
    let text = include_str!("../../examples/acceptance-notice.json");
    let data: Value = serde_json::from_str(text).unwrap();
    assert_ne!(data, json!(null));
    data
}

pub fn ofd_options() -> OfdOptions {
    OfdOptions {
        id: "00000000000000000000000000000001".into(),
        title: "受理通知书".into(),
        author: "示例市交通运输局".into(),
        created: NOW,
        metadata: vec![
            ("ZZMC".into(), "受理通知书".into()),
            ("ZZBH".into(), "示例0001".into()),
        ],
    }
}

pub fn pdf_options() -> PdfOptions {
    PdfOptions {
        id: "示例0001".into(),
        created: NOW,
    }
}

pub static SEALED_OFD: LazyLock<Vec<u8>> =
    LazyLock::new(|| seal_ofd(&letter().to_ofd(&ofd_options()).unwrap(), &DESK.job()).unwrap());

pub static SEALED_PDF: LazyLock<Vec<u8>> =
    LazyLock::new(|| seal_pdf(&letter().to_pdf(&pdf_options()).unwrap(), &DESK.job()).unwrap());
