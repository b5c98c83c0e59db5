//! Making a letter: typeset, sealed, stored. Runs as a job after the decision was committed; repeating it
//! gives the same letter. What cannot be made is on record with its cause.

use serde::{Deserialize, Serialize};
use tongban_base::{Ctx, Date, Problem, Result};
use tongban_documents::{
    DocumentError, Failure, OfdOptions, PdfOptions, Template, seal_ofd, seal_pdf,
};
use tongban_packs::Folder;
use tongban_procedures::{ProcedureRelease, Standing};
use tongban_store::{Job, Lane};

use crate::desk::Desk;
use crate::letters;
use crate::model::{Case, CaseDocument, CaseDocumentId, CaseId};
use crate::service::papers;
use crate::store::{cases, documents};

#[derive(Debug, Serialize, Deserialize)]
pub struct ProduceLetter {
    pub case: CaseId,
    pub document: CaseDocumentId,
}

impl Job for ProduceLetter {
    const NAME: &'static str = "cases.produce_letter";
    const TITLE: &'static str = "制作文书";
    const LANE: Lane = Lane::Papers;
    fn ordering_key(&self) -> Option<String> {
        Some(format!("letter:{}", self.document))
    }
}

/// Errors: what passes by itself, so that it is tried again. What lasts is on record, and the job is done.
pub async fn produce_letter(desk: &Desk, ctx: &Ctx, job: ProduceLetter) -> Result<()> {
    let (case, document) = desk
        .db
        .read(
            (desk.clone(), job.case, job.document),
            |tx, (desk, case, document)| {
                Box::pin(async move {
                    let case = cases::load(tx, &desk.cipher, *case).await?;
                    let document = documents::load(tx, &desk.cipher, *document).await?;
                    Ok((case, document))
                })
            },
        )
        .await?;
    if document.pdf.is_some() {
        return Ok(());
    }
    let done = match make(desk, &case, &document, ctx.now.date()).await {
        Ok(files) => record(desk, ctx, &document, files).await,
        Err(problem) => Err(problem),
    };
    let Err(problem) = done else {
        return Ok(());
    };
    let failure = Failure::of(&problem, document.failure.as_ref(), ctx.now);
    let is_final = failure.is_final;
    if document.failure.as_ref() != Some(&failure) {
        let input = (desk.clone(), ctx.clone(), document, failure);
        let written = desk.db.write(input, |tx, (desk, ctx, document, failure)| {
            Box::pin(papers::letter_failed(tx, desk, ctx, document, failure))
        });
        written.await?;
    }
    if is_final {
        tracing::error!(letter = %job.document, %problem, "a letter cannot be made");
        return Ok(());
    }
    Err(problem)
}

/// PDF and OFD of a letter. What it says is fixed with the decision; where the template of the case's release is broken,
/// the one in force sets it.
async fn make(desk: &Desk, case: &Case, document: &CaseDocument, today: Date) -> Result<Sealed> {
    let release = desk.catalog.released(&desk.db, &case.release).await?;
    let made = make_by(desk, case, document, &release).await;
    let standing = desk.catalog.standing(&case.item_code, today);
    match (made, standing.as_ref().and_then(Standing::in_force)) {
        (Err(problem), Some(newer))
            if problem.code() == "document.template" && newer.hash != *release.hash() =>
        {
            let newer = desk.catalog.released(&desk.db, &newer.hash).await?;
            make_by(desk, case, document, &newer).await
        }
        (made, _) => made,
    }
}

type Sealed = (Vec<u8>, Vec<u8>);

async fn make_by(
    desk: &Desk,
    case: &Case,
    document: &CaseDocument,
    release: &ProcedureRelease,
) -> Result<Sealed> {
    let letter = letters::letter(release.folder(), &document.template)?;
    let template = template(release.folder(), &letter.template)?;
    let made = made(desk, &case.organisation, template, document, letter.sealed).await;
    // No picture on a letter is somebody's.
    made.map_err(|problem| match problem.code() {
        "document.picture" => letters::broken(problem),
        _ => problem,
    })
}

/// Files first, then one transaction: the row that names them, and what waited for them.
async fn record(
    desk: &Desk,
    ctx: &Ctx,
    document: &CaseDocument,
    (pdf, ofd): (Vec<u8>, Vec<u8>),
) -> Result<()> {
    // Each waits for the disk, so they wait together.
    let (pdf, ofd) = tokio::try_join!(
        desk.objects.keep(pdf, "application/pdf"),
        desk.objects.keep(ofd, "application/ofd"),
    )?;
    let of = (document.case_id, document.id);
    let input = (desk.clone(), ctx.clone(), of, (pdf, ofd));
    desk.db
        .write(input, |tx, (desk, ctx, (case, id), (pdf, ofd))| {
            Box::pin(async move {
                pdf.record(tx, ctx.now);
                ofd.record(tx, ctx.now);
                documents::made(tx, *id, &pdf.id, &ofd.id).await?;
                papers::go_on(tx, desk, ctx, *case).await
            })
        })
        .await
}

/// The template with every other template of the pack beside it, as letters share their layout.
pub(crate) fn template(folder: &Folder, name: &str) -> Result<Template> {
    let source = folder
        .text(&format!("documents/{name}"))
        .map_err(|fault| letters::broken(fault.to_string()))?;
    let mut template = Template::new(name, source);
    for file in folder.list("documents/", ".typ") {
        if let (Some(short), Some(bytes)) = (file.strip_prefix("documents/"), folder.bytes(file)) {
            template = template.with_file(format!("/{short}"), bytes);
        }
    }
    Ok(template)
}

async fn made(
    desk: &Desk,
    organisation: &str,
    template: Template,
    document: &CaseDocument,
    is_sealed: bool,
) -> Result<(Vec<u8>, Vec<u8>)> {
    let desk = desk.clone();
    let (document, organisation) = (document.clone(), organisation.to_owned());
    let typesetter = desk.typesetter.clone();
    typesetter
        .at_a_seat(move || set(&desk, &organisation, &template, &document, is_sealed))
        .await
        .map_err(Problem::internal)?
}

/// Typeset once; both files are written and sealed from the same pages.
fn set(
    desk: &Desk,
    organisation: &str,
    template: &Template,
    document: &CaseDocument,
    is_sealed: bool,
) -> Result<(Vec<u8>, Vec<u8>)> {
    let pages = desk.typesetter.typeset(template, &document.data)?;
    let pdf = pages.to_pdf(&PdfOptions {
        id: document.id.to_string(),
        created: document.made_at,
    })?;
    let ofd = pages.to_ofd(&OfdOptions {
        id: document.id.0.simple().to_string(),
        title: document.title.clone(),
        author: organisation.to_owned(),
        created: document.made_at,
        metadata: Vec::new(),
    })?;
    if !is_sealed {
        return Ok((pdf, ofd));
    }
    let positions = vec![
        pages
            .seal_place()?
            .ok_or_else(DocumentError::no_seal_place)?,
    ];
    let job = desk
        .authority
        .seal_job(organisation, document.made_at, positions)?;
    Ok((seal_pdf(&pdf, &job)?, seal_ofd(&ofd, &job)?))
}
