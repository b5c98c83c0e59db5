//! Writes samples of everything this crate makes into a folder, for readers that others wrote:
//! `cargo run -p tongban-documents --example samples -- FOLDER`. The keys are made for the occasion and thrown away.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;
use std::{env, fs};

use tongban_base::Timestamp;
use tongban_crypto::{IssueRequest, KeyUse, Name, NewSeal, Picture, Signer, SigningKey, Trust};
use tongban_documents::{
    Fonts, OfdOptions, PdfOptions, SealJob, StampPosition, Template, Typesetter,
    demonstration_seal, seal_ofd, seal_pdf, verify,
};

const NOW: Timestamp = Timestamp(1_795_312_800_000);
const YEAR: i64 = 365 * 24 * 3600 * 1000;
const OFFICE: &str = "示例市交通运输局";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "samples".to_owned()));
    fs::create_dir_all(&folder)?;
    let typesetter = Typesetter::new(Fonts::find(None)?);
    let template = Template::new(
        "acceptance-notice.typ",
        include_str!("acceptance-notice.typ"),
    );
    let data = serde_json::from_str(include_str!("acceptance-notice.json"))?;
    let started = Instant::now();
    let pages = typesetter.typeset(&template, &data)?;
    println!("typeset: {:?}", started.elapsed());
    let started = Instant::now();
    let pdf = pages.to_pdf(&PdfOptions {
        id: "示例0001".to_owned(),
        created: NOW,
    })?;
    let ofd = pages.to_ofd(&ofd_options())?;
    println!("written: {:?}", started.elapsed());

    let picture = demonstration_seal(&typesetter, OFFICE, "演示专用", 42)?;
    let (signer, seal, root) = office(&picture)?;
    let position = StampPosition {
        page: 0,
        x_mm: 132.0,
        y_mm: 196.0,
        width_mm: 42.0,
        height_mm: 42.0,
    };
    let job = SealJob {
        seal: &seal,
        signer: &signer,
        at: NOW,
        positions: vec![position],
        leave_open: false,
    };
    let started = Instant::now();
    let files = [
        ("sealed.ofd", seal_ofd(&ofd, &job)?),
        ("sealed.pdf", seal_pdf(&pdf, &job)?),
    ];
    println!("sealed: {:?}", started.elapsed());
    let trust = Trust::new([root.certificate().clone()]);
    for (name, bytes) in files {
        println!(
            "{name}: {} bytes, {:?}",
            bytes.len(),
            verify(&bytes, &trust, NOW).verdict
        );
        fs::write(folder.join(name), bytes)?;
    }
    fs::write(folder.join("letter.png"), pages.to_png(0, 1.6)?)?;
    fs::write(folder.join("letter.pdf"), pdf)?;
    fs::write(folder.join("letter.ofd"), ofd)?;
    fs::write(folder.join("seal.png"), picture)?;
    fs::write(folder.join("root.pem"), root.certificate().to_pem())?;
    Ok(())
}

fn ofd_options() -> OfdOptions {
    OfdOptions {
        id: "00000000000000000000000000000001".to_owned(),
        title: "受理通知书".to_owned(),
        author: OFFICE.to_owned(),
        created: NOW,
        metadata: vec![("ZZMC".to_owned(), "受理通知书".to_owned())],
    }
}

/// A signer with a seal, and the root that vouches for both.
fn office(picture: &[u8]) -> Outcome<(Signer, tongban_crypto::Seal, Signer)> {
    let (from, until) = (NOW.plus_millis(-YEAR), NOW.plus_millis(10 * YEAR));
    let root = Signer::self_signed_root(name("示例根证书"), SigningKey::generate()?, from, until)?;
    let issue = |holder: &str| -> Outcome<Signer> {
        let key = SigningKey::generate()?;
        let request = IssueRequest {
            subject: name(holder),
            public_key: key.verifying_key(),
            not_before: from,
            not_after: until,
            key_use: KeyUse::Signing,
        };
        Ok(Signer::new(root.issue(&request)?, key)?)
    };
    let (maker, signer) = (issue("示例制章中心")?, issue(OFFICE)?);
    let seal = NewSeal {
        vendor: "Tongban".to_owned(),
        id: "00000000000001".to_owned(),
        kind: 1,
        name: format!("{OFFICE}演示印章"),
        users: vec![signer.certificate().clone()],
        created: from,
        valid_from: from,
        valid_until: until,
        picture: Picture {
            format: "PNG".to_owned(),
            data: picture.to_vec(),
            width_mm: 42,
            height_mm: 42,
        },
        extensions: Vec::new(),
    };
    Ok((signer, seal.make(&maker)?, root))
}

fn name(holder: &str) -> Name {
    Name::new([("C", "CN"), ("O", "示例"), ("CN", holder)])
}
