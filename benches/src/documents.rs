//! Sealed one-page licences and verifications a second, and where the time goes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tongban_base::{Problem, Result, Timestamp};
use tongban_crypto::{
    IssueRequest, KeyUse, Name, NewSeal, Picture, Seal, Signer, SigningKey, Trust,
};
use tongban_documents::{
    Fonts, OfdOptions, PdfOptions, SealJob, Typesetter, Verdict, demonstration_seal, seal_ofd,
    seal_pdf, verify,
};
use tongban_licences::{LicenceType, SetFace, check_types};
use tongban_packs::{Findings, Folder};

use crate::{Figure, Report};

const KIND: &str = "practitioner";
const OFFICE: &str = "示例市交通运输局";
const TIME: Duration = Duration::from_secs(6);
const YEAR: i64 = 365 * 24 * 3_600_000;
/// The lines of the requirements.
const MADE: f64 = 3.0;
const VERIFIED: f64 = 4.0;

/// Everything that making a licence needs.
struct Shop {
    typesetter: Typesetter,
    kind: Arc<LicenceType>,
    signer: Signer,
    seal: Seal,
    trust: Trust,
}

/// How long each part of one licence took.
#[derive(Clone, Copy, Default)]
struct Parts {
    typesetting: Duration,
    writing: Duration,
    signing: Duration,
}

struct Made {
    ofd: Vec<u8>,
    pdf: Vec<u8>,
    parts: Parts,
}

pub async fn documents(pack: Folder) -> Result<Report> {
    tokio::task::spawn_blocking(move || measure(&pack))
        .await
        .map_err(Problem::internal)?
}

fn measure(pack: &Folder) -> Result<Report> {
    let mut report = Report::new("documents");
    let shop = shop(pack)?;
    let sample = shop.make(0)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (made, elapsed) = together(threads, |number| shop.make(number))?;
    let rate = made.len() as f64 / elapsed.as_secs_f64();
    report.add(Figure::new("sealed licences, OFD and PDF of each", rate, "1/s").at_least(MADE));
    report.add(Figure::new("pages typeset", rate, "1/s"));
    let total = sum(&made);
    let whole = (total.typesetting + total.writing + total.signing).as_secs_f64();
    for (name, part) in [
        ("typesetting", total.typesetting),
        ("writing OFD and PDF", total.writing),
        ("signing both", total.signing),
    ] {
        let share = 100.0 * part.as_secs_f64() / whole;
        report.add(Figure::new(format!("share of time: {name}"), share, "%"));
    }
    let now = Timestamp::now();
    for (name, file) in [("OFD", &sample.ofd), ("PDF", &sample.pdf)] {
        report.add(Figure::new(
            format!("{name}: size"),
            file.len() as f64,
            "bytes",
        ));
        let (verified, elapsed) =
            together(threads, |_| match verify(file, &shop.trust, now).verdict {
                Verdict::Valid => Ok(()),
                _ => Err(Problem::internal("a sealed licence does not verify")),
            })?;
        let rate = verified.len() as f64 / elapsed.as_secs_f64();
        report.add(Figure::new(format!("{name}: verifications"), rate, "1/s").at_least(VERIFIED));
    }
    Ok(report)
}

/// The same work on every core for some seconds; numbers tell one piece from another.
fn together<T: Send>(
    threads: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<(Vec<T>, Duration)> {
    let begun = Instant::now();
    let one = |thread: usize| {
        let mut done = Vec::new();
        while begun.elapsed() < TIME {
            done.push(work(1 + thread + threads * done.len())?);
        }
        Ok::<_, Problem>(done)
    };
    let all: Result<Vec<Vec<T>>> = std::thread::scope(|scope| {
        let one = &one;
        let running: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || one(thread)))
            .collect();
        let ended = running.into_iter().map(|thread| {
            let outcome = thread.join();
            outcome.map_err(|_| Problem::internal("a measuring thread stopped"))?
        });
        ended.collect()
    });
    Ok((all?.into_iter().flatten().collect(), begun.elapsed()))
}

fn sum(made: &[Made]) -> Parts {
    let mut total = Parts::default();
    for one in made {
        total.typesetting += one.parts.typesetting;
        total.writing += one.parts.writing;
        total.signing += one.parts.signing;
    }
    total
}

impl Shop {
    /// A licence whose number differs from all others, so that nothing of its page is remembered.
    fn make(&self, number: usize) -> Result<Made> {
        let now = Timestamp::now();
        let begun = Instant::now();
        let SetFace { pages, seal } =
            self.kind
                .set(&self.typesetter, &self.kind.template, &face(number))?;
        let set = begun.elapsed();
        let id = format!("{number:032x}");
        let pdf = pages.to_pdf(&PdfOptions {
            id: id.clone(),
            created: now,
        })?;
        let ofd = pages.to_ofd(&OfdOptions {
            id,
            title: self.kind.title.clone(),
            author: OFFICE.to_owned(),
            created: now,
            metadata: vec![("ZZMC".to_owned(), self.kind.title.clone())],
        })?;
        let written = begun.elapsed();
        let job = SealJob {
            seal: &self.seal,
            signer: &self.signer,
            at: now,
            positions: vec![seal],
            leave_open: false,
        };
        let (ofd, pdf) = (seal_ofd(&ofd, &job)?, seal_pdf(&pdf, &job)?);
        let parts = Parts {
            typesetting: set,
            writing: written.saturating_sub(set),
            signing: begun.elapsed().saturating_sub(written),
        };
        Ok(Made { ofd, pdf, parts })
    }
}

fn face(number: usize) -> Value {
    let url = format!("http://127.0.0.1:8080/verify/{number:012}");
    json!({
        "licence": {
            "name": "测试一", "sex": "male", "birth_date": "1980-01-01", "nationality": "中国",
            "address": "示例市示例区示例路1号", "certificate_number": "31000019800101001X",
            "number": format!("示例2026{number:06}"), "driving_class": "B2", "categories": ["02001"],
            "first_issued_on": "2020-01-06", "valid_from": "2026-01-06", "valid_to": "2032-01-05",
            "issued_on": "2026-01-06", "issuer_name": OFFICE, "photo": "",
        },
        "verify_url": url, "qr": url, "demo": true,
    })
}

fn shop(pack: &Folder) -> Result<Shop> {
    let typesetter = Typesetter::new(Fonts::find(None)?);
    let kind = check_types(pack, &mut Findings::default())
        .get(KIND)
        .cloned();
    let kind = kind.ok_or_else(|| Problem::internal(format!("no licence type {KIND}")))?;
    let now = Timestamp::now();
    let (from, until) = (now.plus_millis(-YEAR), now.plus_millis(10 * YEAR));
    let root = Signer::self_signed_root(name("示例根证书"), SigningKey::generate()?, from, until)?;
    let issue = |holder: &str| -> Result<Signer> {
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
        vendor: "TONGBAN-BENCH".to_owned(),
        id: "00000000000001".to_owned(),
        kind: 1,
        name: format!("{OFFICE}示例专用章"),
        users: vec![signer.certificate().clone()],
        created: from,
        valid_from: from,
        valid_until: until,
        picture: Picture {
            format: "PNG".to_owned(),
            data: demonstration_seal(&typesetter, OFFICE, "演示专用", 42)?,
            width_mm: 42,
            height_mm: 42,
        },
        extensions: Vec::new(),
    };
    Ok(Shop {
        seal: seal.make(&maker)?,
        trust: Trust::new([root.certificate().clone()]),
        typesetter,
        kind,
        signer,
    })
}

fn name(holder: &str) -> Name {
    Name::new([("C", "CN"), ("O", "示例"), ("CN", holder)])
}
