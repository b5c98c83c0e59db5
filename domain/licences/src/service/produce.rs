//! Making the files of an edition: laid out once, written as PDF/A and OFD, sealed, recorded in one statement, so that
//! no half licence is ever shown as ready. What cannot be made is on record with its cause.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use tongban_base::numbers::ResidentId;
use tongban_base::{Ctx, Problem, Result, Timestamp};
use tongban_cases::Desk;
use tongban_crypto::sm3_hex;
use tongban_documents::{
    Failure, OfdOptions, PdfOptions, StampPosition, Template, seal_ofd, seal_pdf,
};
use tongban_seals::no_seal;
use tongban_store::{StoredObject, Tx};

use crate::definition::{LicenceType, SetFace};
use crate::error;
use crate::licences::Licences;
use crate::model::{Edition, Files, Licence, LicenceId, Status};
use crate::store::{editions, licences as store};

const OFD: &str = "application/ofd";
const PDF: &str = "application/pdf";
const PNG: &str = "image/png";

/// 144 dots an inch: sharp on a phone, half a megabyte at most.
const PIXELS_PER_POINT: f32 = 2.0;

/// What the files are made of.
struct Material {
    licence: Licence,
    edition: Edition,
    kind: Arc<LicenceType>,
    face: Map<String, Json>,
    holder_name: String,
    holder_number: String,
    photo: Option<Vec<u8>>,
}

struct Made {
    ofd: Vec<u8>,
    pdf: Vec<u8>,
    png: Vec<u8>,
}

impl Licences {
    /// Makes the files of a version unless they are there; gives them. None when nobody wants them any more, and when
    /// they cannot be made: that is on record then.
    /// Errors: what passes by itself, so that it is tried again.
    pub async fn produce(&self, ctx: &Ctx, id: LicenceId, version: i64) -> Result<Option<Files>> {
        self.produce_for(ctx, (id, version), None).await
    }

    /// The same; the case that waits for the files is told in the transaction that records them.
    pub(crate) async fn produce_for(
        &self,
        ctx: &Ctx,
        (id, version): (LicenceId, i64),
        cases: Option<Arc<Desk>>,
    ) -> Result<Option<Files>> {
        let material = self.material(id, version).await?;
        let (licence, edition) = (&material.licence, &material.edition);
        let is_void = licence.status == Status::Void && !licence.making;
        if edition.files.is_some() || edition.is_void || is_void {
            return Ok(material.edition.files);
        }
        let before = edition.failure.clone();
        let done = match self.made(ctx, material).await {
            Ok(made) => self.record(ctx, (id, version), made, cases.clone()).await,
            Err(problem) => Err(problem),
        };
        match done {
            Ok(files) => Ok(files),
            Err(problem) => {
                let failure = Failure::of(&problem, before.as_ref(), ctx.now);
                let is_final = failure.is_final;
                let changed = before.as_ref() != Some(&failure);
                if changed {
                    self.record_failure(ctx, (id, version), failure, cases)
                        .await?;
                }
                match is_final {
                    true => {
                        tracing::error!(licence = %id, version, %problem, "a licence cannot be made");
                        Ok(None)
                    }
                    false => Err(problem),
                }
            }
        }
    }

    async fn made(&self, ctx: &Ctx, mut material: Material) -> Result<Made> {
        if let Some(photo) = &material.edition.photo {
            let content = self.objects.get(&photo.object).await;
            material.photo = Some(content.map_err(|problem| match problem.code() {
                "store.unavailable" => problem,
                _ => error::unreadable_picture(problem),
            })?);
        }
        let (this, now) = (self.clone(), ctx.now);
        let in_force = self.types().get(&material.licence.kind).cloned();
        let has_photo = material.photo.is_some();
        let made = self.typesetter.at_a_seat(move || {
            let made = this.make(&material, now);
            match made {
                // A release never changes: where its face is broken, the one in force is set.
                Err(problem)
                    if problem.code() == "document.template"
                        && material.edition.release.take().is_some() =>
                {
                    let kind = in_force.ok_or_else(|| error::unknown_type(&material.licence.kind));
                    material.kind = kind?;
                    this.make(&material, now)
                }
                made => made,
            }
        });
        let made = made.await.map_err(Problem::internal)?;
        // Without a picture of somebody's it is one of the template.
        made.map_err(|problem| match problem.code() {
            "document.picture" if !has_photo => {
                Problem::new(problem.kind(), "document.template", "").with_cause(problem)
            }
            _ => problem,
        })
    }

    /// Files first, then one transaction: the rows that name them, the licence in force, the case told.
    async fn record(
        &self,
        ctx: &Ctx,
        (id, version): (LicenceId, i64),
        made: Made,
        cases: Option<Arc<Desk>>,
    ) -> Result<Option<Files>> {
        // Each waits for the disk, so they wait together.
        let (ofd, pdf, png) = tokio::try_join!(
            self.objects.keep(made.ofd, OFD),
            self.objects.keep(made.pdf, PDF),
            self.objects.keep(made.png, PNG),
        )?;
        let objects = vec![ofd, pdf, png];
        let input = (self.clone(), ctx.clone(), (id, version), objects, cases);
        self.db
            .write(input, |tx, (licences, ctx, edition, objects, cases)| {
                Box::pin(licences.settle(tx, ctx, *edition, objects, cases.as_deref()))
            })
            .await
    }

    async fn settle(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        (id, version): (LicenceId, i64),
        objects: &[StoredObject],
        cases: Option<&Desk>,
    ) -> Result<Option<Files>> {
        let [ofd, pdf, png] = objects else {
            return Ok(None);
        };
        let files = Files {
            made_at: ctx.now,
            ofd: ofd.id.clone(),
            pdf: pdf.id.clone(),
            png: png.id.clone(),
        };
        // Whoever was faster counts: each edition has one set of files for good.
        if !editions::record_files(tx, id, version, &files).await? {
            return Ok(editions::one(tx, id, version).await?.files);
        }
        objects.iter().for_each(|object| object.record(tx, ctx.now));
        self.come_into_force(tx, ctx, id, version).await?;
        self.tell_case(tx, ctx, (id, version), cases).await?;
        Ok(Some(files))
    }

    async fn material(&self, id: LicenceId, version: i64) -> Result<Material> {
        let input = (self.clone(), id, version);
        self.db
            .read(input, |tx, (licences, id, version)| {
                Box::pin(async move {
                    let licence = store::by_id(tx, *id)
                        .await?
                        .ok_or_else(Problem::not_found)?;
                    let holder = store::holder(tx, *id).await?;
                    let face = editions::face(tx, *id, *version).await?;
                    let edition = editions::one(tx, *id, *version).await?;
                    let release = edition.release.as_ref();
                    Ok(Material {
                        kind: licences.kind(tx, &licence.kind, release).await?,
                        edition,
                        face: licences.open_face(*id, &face)?,
                        holder_name: licences.open_field(*id, "holder_name", &holder.name)?,
                        holder_number: licences.open_field(*id, "holder_number", &holder.number)?,
                        licence,
                        photo: None,
                    })
                })
            })
            .await
    }

    /// Sets, writes and seals. Takes a fraction of a second of one core.
    fn make(&self, material: &Material, now: Timestamp) -> Result<Made> {
        let licence = &material.licence;
        let kind = &material.kind;
        let data = self.face_data(material);
        let template = self.template(material, &kind.template);
        let SetFace { pages, seal } = kind.set(&self.typesetter, &template, &data)?;
        let pdf = pages.to_pdf(&PdfOptions {
            id: material.edition.identifier.clone(),
            created: now,
        })?;
        let ofd = pages.to_ofd(&OfdOptions {
            id: document_id(&material.edition.identifier),
            title: licence.title.clone(),
            author: licence.issuer_name.clone(),
            created: now,
            metadata: self.metadata(material, now)?,
        })?;
        let job = self
            .authority
            .seal_job(&licence.organisation, now, vec![seal])?;
        Ok(Made {
            ofd: seal_ofd(&ofd, &job)?,
            pdf: seal_pdf(&pdf, &job)?,
            png: self.picture(licence, &template, &data, seal)?,
        })
    }

    /// What a face template reads as `/data.json`.
    fn face_data(&self, material: &Material) -> Json {
        let url = self.verify_url(&material.licence.verify_code);
        json!({
            "licence": material.face,
            "verify_url": url,
            "qr": url,
            "demo": self.authority.is_demonstration(),
        })
    }

    /// The face with the picture, carrying its identifier where programs find it.
    fn template(&self, material: &Material, face: &Template) -> Template {
        let mut template = face.clone();
        let identifier = &material.edition.identifier;
        // On the first line, so that faults keep their line numbers.
        template.source = format!(
            "#set document(keywords: (\"{identifier}\",));{}",
            face.source
        );
        if let (Some(photo), Some(content)) = (&material.edition.photo, &material.photo) {
            template = template.with_file(&photo.path, content.clone());
        }
        template
    }

    /// The first page as people see it, with the seal on it. It proves nothing: it is for looking at.
    fn picture(
        &self,
        licence: &Licence,
        template: &Template,
        data: &Json,
        place: StampPosition,
    ) -> Result<Vec<u8>> {
        let seal = self
            .authority
            .seal_of(&licence.organisation)
            .ok_or_else(|| no_seal(&licence.organisation))?;
        let mut shown = template
            .clone()
            .with_file("/seal-picture.png", seal.seal.picture.data.clone());
        if place.page == 0 {
            shown.source = format!(
                "#set page(foreground: place(top + left, dx: {}mm, dy: {}mm, \
                 image(\"/seal-picture.png\", width: {}mm)));{}",
                place.x_mm, place.y_mm, place.width_mm, shown.source
            );
        }
        let pages = self.typesetter.typeset(&shown, data)?;
        Ok(pages.to_png(0, PIXELS_PER_POINT)?)
    }

    /// Names by the initials of pinyin, as electronic licences of the field carry them.
    fn metadata(&self, material: &Material, now: Timestamp) -> Result<Vec<(String, String)>> {
        let licence = &material.licence;
        let seal = self.authority.seal_of(&licence.organisation);
        let last = licence.valid_to.map(|d| d.to_string()).unwrap_or_default();
        // GB/T 36903, kinds of holders' numbers.
        let holder_kind = match ResidentId::parse(&material.holder_number, now.date()) {
            Ok(_) => ("111", "公民身份号码"),
            Err(_) => ("999", "其他自然人有效证件代码"),
        };
        let pairs = [
            ("ZZMC", licence.title.clone()),
            ("ZZLXDM", licence.type_code.clone()),
            ("ZZBH", licence.number.clone()),
            ("ZZBS", material.edition.identifier.clone()),
            ("ZZBFJG", licence.issuer_name.clone()),
            (
                "ZZBFJGDM",
                self.issuer(&licence.organisation)?.credit_code.clone(),
            ),
            ("ZZBFRQ", licence.issued_on.to_string()),
            ("CZZT", material.holder_name.clone()),
            ("CZZTDM", material.holder_number.clone()),
            ("CZZTDMLX", holder_kind.1.to_owned()),
            ("CZZTDMLXDM", holder_kind.0.to_owned()),
            ("ZZYXQQSRQ", licence.valid_from.to_string()),
            ("ZZYXQJZRQ", last),
            (
                "ZZQZMC",
                seal.map(|s| s.seal.name.clone()).unwrap_or_default(),
            ),
            ("ZZQZSJ", now.rfc3339()),
            ("CJSJ", now.rfc3339()),
        ];
        let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        Ok(filled
            .map(|(name, value)| (name.to_owned(), value))
            .collect())
    }
}

/// 32 hexadecimal digits that name an edition's OFD.
fn document_id(identifier: &str) -> String {
    sm3_hex(identifier.as_bytes()).chars().take(32).collect()
}
