//! Trying faces before anything is published: each of a pack is set with made-up facts, also with the longest answers that
//! the forms take.

use serde_json::json;
use tongban_base::typed;
use tongban_cases::tell_document_fault;
use tongban_documents::Typesetter;
use tongban_forms::Sample;
use tongban_packs::{Findings, Pack};
use tongban_procedures::ProcedureRelease;

use crate::definition::{FaceFault, LicenceType, LicenceTypes, TrialFacts};
use crate::part::{LicencePart, PART};

/// As long as an address on an identity card or in a register gets.
const LONGEST_ADDRESS: usize = 100;

/// Sets every face of a pack that is otherwise without a fault.
pub fn try_faces(
    typesetter: &Typesetter,
    pack: &Pack,
    (releases, licences): (&[ProcedureRelease], &LicenceTypes),
    findings: &mut Findings,
) {
    for kind in licences.iter() {
        try_face(typesetter, pack, (kind, releases), findings);
    }
}

fn try_face(
    typesetter: &Typesetter,
    pack: &Pack,
    (kind, releases): (&LicenceType, &[ProcedureRelease]),
    findings: &mut Findings,
) {
    let file = format!("licences/{}.toml", kind.code);
    let of_kind = |release: &&ProcedureRelease| {
        let effect: Option<LicencePart> = release.part(PART);
        effect.is_some_and(|effect| effect.kind == kind.code)
    };
    for sample in [Sample::Ordinary, Sample::Longest] {
        let facts = releases.iter().filter(of_kind);
        let facts: Vec<TrialFacts> = facts.map(|release| facts_of(release, sample)).collect();
        match kind.try_face(typesetter, &facts) {
            Ok(()) => {}
            Err(FaceFault::Field { code, message }) => {
                findings.add(&file, Some(&format!("fields.{code}")), message);
            }
            Err(FaceFault::Face(fault)) => {
                return tell_document_fault(&pack.folder, (&file, "face"), &fault, findings);
            }
        }
    }
}

fn facts_of(release: &ProcedureRelease, sample: Sample) -> TrialFacts {
    let (name, address) = match sample {
        Sample::Ordinary => (4, 12),
        Sample::Longest => (typed::LONGEST_NAME, LONGEST_ADDRESS),
    };
    let text = |length: usize| "示例".chars().cycle().take(length).collect::<String>();
    TrialFacts {
        person: json!({
            "name": text(name), "id_number": "11010120000101001X", "sex": "male",
            "birth_date": "2000-01-01", "mobile": "13800000000", "address": text(address),
        }),
        form: release.form().sample(sample),
        case: json!({ "number": "0000000000000", "item_name": release.procedure().name, "item": release.procedure().code }),
    }
}
