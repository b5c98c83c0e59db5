//! Making the files of an edition: laid out once, written as PDF/A and OFD, sealed, recorded in one statement, so that
//! no half licence is ever shown as ready.

use serde_json::{Map, Value as Json, json};
use tongban_base::numbers::ResidentId;
use tongban_base::{Ctx, Problem, Result, Timestamp};
use tongban_crypto::sm3_hex;
use tongban_documents::{OfdOptions, PdfOptions, StampPosition, Template, seal_ofd, seal_pdf};

use crate::definition::SetFace;
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
    /// Makes the files of a version unless they are there; gives them.
    /// Errors: the licence was taken back, or the face cannot be set.
    pub async fn produce(&self, ctx: &Ctx, id: LicenceId, version: i64) -> Result<Option<Files>> {
        let material = self.material(id, version).await?;
        if material.edition.files.is_some() || material.licence.status == Status::Void {
            return Ok(material.edition.files);
        }
        let (this, now) = (self.clone(), ctx.now);
        let made = tokio::task::spawn_blocking(move || this.make(&material, now))
            .await
            .map_err(Problem::internal)??;
        let files = Files {
            made_at: now,
            ofd: self.objects.put(&self.db, made.ofd, OFD, now).await?.id,
            pdf: self.objects.put(&self.db, made.pdf, PDF, now).await?.id,
            png: self.objects.put(&self.db, made.png, PNG, now).await?.id,
        };
        self.db
            .write((id, version, files), |tx, (id, version, files)| {
                Box::pin(async move {
                    // Whoever was faster counts: each edition has one set of files for good.
                    editions::record_files(tx, *id, *version, files).await?;
                    Ok(editions::one(tx, *id, *version).await?.files)
                })
            })
            .await
    }

    async fn material(&self, id: LicenceId, version: i64) -> Result<Material> {
        let input = (self.clone(), id, version);
        let mut material = self
            .db
            .read(input, |tx, (licences, id, version)| {
                Box::pin(async move {
                    let licence = store::by_id(tx, *id)
                        .await?
                        .ok_or_else(Problem::not_found)?;
                    let holder = store::holder(tx, *id).await?;
                    let face = editions::face(tx, *id, *version).await?;
                    Ok(Material {
                        edition: editions::one(tx, *id, *version).await?,
                        face: licences.open_face(*id, &face)?,
                        holder_name: licences.open_field(*id, "holder_name", &holder.name)?,
                        holder_number: licences.open_field(*id, "holder_number", &holder.number)?,
                        licence,
                        photo: None,
                    })
                })
            })
            .await?;
        if let (Some(photo), None) = (&material.edition.photo, &material.edition.files) {
            material.photo = Some(self.objects.get(&photo.object).await?);
        }
        Ok(material)
    }

    /// Sets, writes and seals. Takes a fraction of a second of one core.
    fn make(&self, material: &Material, now: Timestamp) -> Result<Made> {
        let licence = &material.licence;
        let kind = self.kind(&licence.kind, material.edition.release.as_ref())?;
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
            .ok_or_else(|| error::no_seal(&licence.organisation))?;
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
