//! Trying letters before anything is published: each of a pack is set with made-up facts, with all that it may say and
//! with as little as possible.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use tongban_base::calendar::LastDay;
use tongban_base::{Timestamp, Uuid};
use tongban_documents::{DocumentError, Place, Template, Typesetter};
use tongban_flows::Kind;
use tongban_forms::Sample;
use tongban_messages::MessageTemplates;
use tongban_packs::{Findings, Folder, Pack};
use tongban_procedures::ProcedureRelease;
use tongban_store::ObjectId;

use crate::letters::{self, Letter, Site};
use crate::model::{Case, CaseId, Correction, DraftId, MaterialFile, MaterialFileId, Mend, Status};
use crate::reach::sent;
use crate::service::pause::ClockChange;
use crate::service::produce;
use crate::work::Work;

/// Any moment will do.
const NOON: Timestamp = Timestamp(1_795_752_000_000);
/// No letter of an office is longer.
const MOST_PAGES: usize = 30;

/// Sets every letter of a pack that is otherwise without a fault.
pub fn try_letters(
    typesetter: &Typesetter,
    pack: &Pack,
    releases: &[ProcedureRelease],
    findings: &mut Findings,
) {
    for file in pack.folder.list("documents/", ".toml") {
        let letter = findings.take(pack.folder.toml::<Letter>(file));
        let release = letter
            .as_ref()
            .and_then(|l| releases.iter().find(|r| makes(r, &l.code)));
        if let (Some(letter), Some(release)) = (letter, release.or(releases.first())) {
            try_letter(typesetter, pack, (&letter, release), findings);
        }
    }
}

/// Whether what messages of a pack name stands in the form and the record of every case that sends them.
pub fn try_messages(pack: &Pack, releases: &[ProcedureRelease], findings: &mut Findings) {
    let messages = MessageTemplates::read(&pack.folder, &mut Findings::default());
    let mut told = BTreeSet::new();
    for release in releases {
        let procedure = release.procedure();
        let form = release
            .form()
            .words(&release.form().sample(Sample::Ordinary));
        let record = letters::sample_record(&pack.folder, procedure.about.as_deref());
        for event in sent(Some(release.flow())) {
            for message in messages.for_event(event) {
                let Err(fault) = message.fits(&form, &record) else {
                    continue;
                };
                let words = format!("事项 {} 用到它，{fault}", procedure.code);
                if told.insert((message.code.clone(), fault)) {
                    findings.add(
                        &format!("messages/{}.toml", message.code),
                        Some("text"),
                        words,
                    );
                }
            }
        }
    }
}

/// Whether an item names a letter, or its flow makes it.
fn makes(release: &ProcedureRelease, code: &str) -> bool {
    let calls = |kind: &Kind| match kind {
        Kind::Service(call) => call.arguments["template"] == code,
        _ => false,
    };
    let named = release.procedure().documents.codes().any(|own| own == code);
    named || release.flow().nodes().any(|(_, node)| calls(&node.kind))
}

fn try_letter(
    typesetter: &Typesetter,
    pack: &Pack,
    (letter, release): (&Letter, &ProcedureRelease),
    findings: &mut Findings,
) {
    let file = format!("documents/{}.toml", letter.code);
    let Ok(template) = produce::template(&pack.folder, &letter.template) else {
        return;
    };
    let site = Site {
        office: (pack.organisations.get(&release.procedure().organisation))
            .map(|office| Arc::new(office.clone())),
        due: Some(LastDay {
            on: NOON.date(),
            unknown_year: None,
        }),
        public_url: "https://tongban.example.cn",
        correction_lapses: true,
        demo: true,
    };
    let number = letter.number_rule.as_ref();
    let number = number.map_or_else(|| "示例0001".to_owned(), |rule| rule.number(2026, 1));
    let record = letters::sample_record(&pack.folder, release.procedure().about.as_deref());
    for (work, files) in [full(release), bare(release)] {
        let data = letters::data(
            &site,
            &work,
            letter,
            (&number, "0123456789AB"),
            (&files, &record, NOON),
        );
        if let Err(fault) = set(typesetter, (&template, letter), &data) {
            tell_document_fault(&pack.folder, (&file, "template"), &fault, findings);
            return;
        }
    }
}

fn set(
    typesetter: &Typesetter,
    (template, letter): (&Template, &Letter),
    data: &Json,
) -> Result<(), DocumentError> {
    let lacks = |words: &str| Err(DocumentError::incomplete(words));
    let pages = typesetter.typeset(template, data)?;
    match (letter.sealed, pages.seal_place()?) {
        (true, None) => return Err(DocumentError::no_seal_place()),
        (false, Some(_)) => {
            return lacks("模板给印章留了位置（<seal>），文书却没有写 sealed = true");
        }
        (true, Some(_)) | (false, None) => {}
    }
    if pages.count() > MOST_PAGES {
        return lacks(&format!(
            "排出来有 {} 页，最多 {MOST_PAGES} 页",
            pages.count()
        ));
    }
    let number = data["document"]["number"].as_str().unwrap_or_default();
    let number: String = number.chars().filter(|c| !c.is_whitespace()).collect();
    if letter.number_rule.is_some() && !pages.words().contains(&number) {
        return lacks("文书上没有印出文号（document.number）");
    }
    if letter.sealed && !pages.has_qr(data["qr"].as_str().unwrap_or_default()) {
        return lacks("文书上没有印出核验用的二维码（/qr.png）");
    }
    pages.can_be_written()
}

/// A fault with a place is told of the file where it stands.
pub fn tell_document_fault(
    folder: &Folder,
    (file, element): (&str, &str),
    fault: &DocumentError,
    findings: &mut Findings,
) {
    match &fault.place {
        Some(Place { file, line, .. }) => {
            let mut paths = ["licences/", "documents/"]
                .map(|kind| format!("{kind}{file}"))
                .into_iter();
            let path = paths.find(|path| folder.bytes(path).is_some());
            let path = path.unwrap_or_else(|| file.clone());
            findings.at(&path, Some(*line), None, &*fault.message);
        }
        None => findings.add(file, Some(element), &*fault.message),
    }
}

/// A case of which everything is said that a letter may say.
fn full(release: &ProcedureRelease) -> (Work, Vec<MaterialFile>) {
    let (mut work, _) = bare(release);
    let mend = |place: &str, title: &str| Mend {
        place: place.to_owned(),
        title: title.to_owned(),
        problem: "示例问题".to_owned(),
    };
    let materials = &release.procedure().material;
    work.case.form = release.form().sample(Sample::Ordinary);
    work.case.accepted_at = Some(NOON);
    "示例意见".clone_into(&mut work.opinion);
    work.correction = Some(Correction {
        fields: release
            .form()
            .fields()
            .iter()
            .take(1)
            .map(|f| mend(&f.name, &f.title))
            .collect(),
        materials: materials
            .iter()
            .take(1)
            .map(|m| mend(&m.code, &m.name))
            .collect(),
        last_day: Some(NOON.date()),
        ..Correction::default()
    });
    work.clock_change = Some(ClockChange::Extend {
        days: 10,
        reason: "示例理由".to_owned(),
    });
    let files = materials.iter().map(|material| MaterialFile {
        id: MaterialFileId::new(),
        material: material.code.clone(),
        object: ObjectId::of(b""),
        name: "示例.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        size: 1,
        uploaded_at: NOON,
        verdict: None,
        origin: None,
    });
    (work, files.collect())
}

/// A case of which as little is said as can be.
fn bare(release: &ProcedureRelease) -> (Work, Vec<MaterialFile>) {
    let item = release.procedure();
    let case = Case {
        id: CaseId::new(),
        number: "0000000000000".to_owned(),
        code: "0".repeat(12),
        item_code: item.code.clone(),
        item_name: item.name.clone(),
        release: release.hash().clone(),
        account: Uuid::nil(),
        agent: None,
        unit: None,
        about: None,
        parent: None,
        applicant: "示例申请人".to_owned(),
        organisation: item.organisation.clone(),
        division: String::new(),
        status: Status::Submitted,
        answers: json!({}),
        form: json!({}),
        correction: None,
        submitted_at: NOON,
        accepted_at: None,
        due_on: None,
        closed_at: None,
        late: false,
        result: None,
        paused: None,
        waits: false,
        draft: DraftId::new(),
        event_seq: 0,
        event_hash: String::new(),
    };
    (Work::new(case, release.clone()), Vec::new())
}
