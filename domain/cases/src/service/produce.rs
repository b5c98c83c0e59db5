//! Making a letter: typeset, sealed, stored. Runs as a job after the decision was committed; repeating it
//! gives the same letter.

use serde::{Deserialize, Serialize};
use tongban_base::{Ctx, Problem, Result};
use tongban_documents::{DocumentError, OfdOptions, PdfOptions, Template, seal_ofd, seal_pdf};
use tongban_packs::Folder;
use tongban_store::Job;

use crate::desk::Desk;
use crate::letters;
use crate::model::{CaseDocument, CaseDocumentId, CaseId};
use crate::store::{cases, documents};

#[derive(Debug, Serialize, Deserialize)]
pub struct ProduceLetter {
    pub case: CaseId,
    pub document: CaseDocumentId,
}

impl Job for ProduceLetter {
    const NAME: &'static str = "cases.produce_letter";
    fn ordering_key(&self) -> Option<String> {
        Some(format!("letter:{}", self.document))
    }
}

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
    let release = desk.catalog.release(&case.release)?;
    let letter = letters::letter(release.folder(), &document.template)?;
    let template = template(release.folder(), &letter.template)?;
    let (pdf, ofd) = made(desk, &case.organisation, template, &document, letter.sealed).await?;
    let pdf = desk
        .objects
        .put(&desk.db, pdf, "application/pdf", ctx.now)
        .await?;
    let ofd = desk
        .objects
        .put(&desk.db, ofd, "application/ofd", ctx.now)
        .await?;
    desk.db
        .write((document.id, pdf.id, ofd.id), |tx, (id, pdf, ofd)| {
            Box::pin(documents::made(tx, *id, pdf, ofd))
        })
        .await
}

/// The template with every other template of the pack beside it, as letters share their layout.
pub(crate) fn template(folder: &Folder, name: &str) -> Result<Template> {
    let source = folder
        .text(&format!("documents/{name}"))
        .map_err(|fault| Problem::internal(fault.to_string()))?;
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
    tokio::task::spawn_blocking(move || set(&desk, &organisation, &template, &document, is_sealed))
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
        .licences
        .authority()
        .seal_job(organisation, document.made_at, positions)?;
    Ok((seal_pdf(&pdf, &job)?, seal_ofd(&ofd, &job)?))
}
