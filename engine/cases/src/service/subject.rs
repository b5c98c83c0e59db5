//! A case as operations of modules see it.

use serde_json::Value as Json;
use tongban_base::Result;
use tongban_operations::{DoneBefore, Subject, SubjectFile};
use tongban_procedures::ProcedureRelease;
use tongban_store::Tx;

use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{Case, MaterialFile};
use crate::store::events;
use crate::work::Work;

/// With its files and what was said with the decision.
pub(crate) async fn of(tx: &mut Tx, desk: &Desk, work: &Work) -> Result<Subject> {
    let files = work.files(tx).await?;
    let person = desk.person_in(tx, work.case.account).await?;
    Ok(Subject {
        files: files
            .iter()
            .map(|file| subject_file(file, &work.release))
            .collect(),
        opinion: work.opinion.clone(),
        done: done(tx, work).await?,
        ..without_files(work, person)
    })
}

/// What operations of modules gave for the case, as its journal says.
async fn done(tx: &mut Tx, work: &Work) -> Result<Vec<DoneBefore>> {
    let mut journal = events::of_case(tx, work.case.id).await?;
    journal.extend(work.added().iter().cloned());
    let mut done: Vec<DoneBefore> = Vec::new();
    for event in journal {
        match event.what {
            Some(CaseEvent::OperationDone(what)) => done.push(DoneBefore {
                operation: what.operation,
                result: what.result,
            }),
            Some(CaseEvent::OperationUndone(what)) => {
                let undone = |done: &DoneBefore| {
                    done.operation == what.operation && done.result == what.result
                };
                if let Some(at) = done.iter().rposition(undone) {
                    done.remove(at);
                }
            }
            _ => {}
        }
    }
    Ok(done)
}

/// Without files, and without what was done.
pub(crate) fn without_files(work: &Work, person: Json) -> Subject {
    let filed = to_be_filed(&work.case, &work.release, person);
    Subject {
        filed_at: (!work.is_new()).then_some(work.case.submitted_at),
        ..filed
    }
}

/// Of a case that is to be filed.
pub(crate) fn to_be_filed(case: &Case, release: &ProcedureRelease, person: Json) -> Subject {
    Subject {
        id: case.id.0,
        number: case.number.clone(),
        procedure: case.item_code.clone(),
        title: case.item_name.clone(),
        release: case.release.clone(),
        parts: release.parts().clone(),
        account: case.account,
        person,
        organisation: case.organisation.clone(),
        division: case.division.clone(),
        about: case.about.clone(),
        form: case.form.clone(),
        answers: case.answers.clone(),
        files: Vec::new(),
        filed_at: None,
        opinion: String::new(),
        done: Vec::new(),
    }
}

fn subject_file(file: &MaterialFile, release: &ProcedureRelease) -> SubjectFile {
    let mut materials = release.procedure().material.iter();
    let material = materials.find(|material| material.code == file.material);
    SubjectFile {
        material: file.material.clone(),
        name: file.name.clone(),
        object: file.object.clone(),
        media_type: file.media_type.clone(),
        used_as: material.and_then(|material| material.used_as),
    }
}
