//! A case as operations of modules see it.

use serde_json::Value as Json;
use tongban_base::Result;
use tongban_operations::{Subject, SubjectFile};
use tongban_procedures::ProcedureRelease;
use tongban_store::Tx;

use crate::desk::Desk;
use crate::model::{Case, MaterialFile};
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
        ..plain(&work.case, &work.release, person)
    })
}

/// Without files.
pub(crate) fn plain(case: &Case, release: &ProcedureRelease, person: Json) -> Subject {
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
        filed_at: case.submitted_at,
        opinion: String::new(),
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
