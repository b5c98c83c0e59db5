//! Handing in a file: its size, its ending and what is really inside must agree.

use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Kind, Problem, Result, Timestamp, typed};
use tongban_items::{Material, MaterialSource};
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::model::{CaseId, DraftId, MaterialFile, MaterialFileId};
use crate::service::applying::{Application, editing};
use crate::service::correct::mending;
use crate::store::materials;

/// Enough for any material; more files than this are somebody's mistake.
const FILES_PER_MATERIAL: usize = 10;
/// What one application may hold in all, in files and in bytes.
const FILES_PER_APPLICATION: usize = 100;
const BYTES_PER_APPLICATION: i64 = 300 * 1024 * 1024;

/// What a file really is, told from its first bytes.
const SIGNATURES: [(&[u8], &str, &str); 4] = [
    (b"%PDF-", "pdf", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xFF\xD8\xFF", "jpg", "image/jpeg"),
    (b"PK\x03\x04", "ofd", "application/ofd"),
];

/// The formats that a pack may ask for: those of which the program can tell whether a file is one.
pub(crate) fn formats() -> Vec<&'static str> {
    SIGNATURES.iter().map(|(_, format, _)| *format).collect()
}

pub(crate) fn takes(format: &str) -> bool {
    format == "jpeg" || formats().contains(&format)
}

/// To what a file belongs: an application that is being filled in, or a case whose applicant has to mend something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Draft(DraftId),
    Correction(CaseId),
}

impl Place {
    /// As the transaction finds it, and the earliest moment at which something happens there; refused when nothing may
    /// be handed in any more. Of a case only the material that was asked for is open.
    async fn open(
        self,
        tx: &mut Tx,
        desk: &Desk,
        ctx: &Ctx,
        material: Option<&str>,
    ) -> Result<(Application, Timestamp)> {
        match self {
            Self::Draft(draft) => Ok((editing(tx, desk, ctx, draft).await?, ctx.now)),
            Self::Correction(case) => {
                let mending = mending(tx, desk, ctx, case).await?;
                // Clocks of two nodes may differ.
                let at = ctx.now.max(mending.asked_at);
                let application = match material {
                    Some(material) => mending.asked_for(material)?,
                    None => mending.application,
                };
                Ok((application, at))
            }
        }
    }

    /// The material, when one more file of `size` bytes may come for it.
    async fn room(
        self,
        tx: &mut Tx,
        desk: &Desk,
        ctx: &Ctx,
        (material, size): (&str, i64),
    ) -> Result<(Application, Material, Timestamp)> {
        let (application, at) = self.open(tx, desk, ctx, Some(material)).await?;
        let wanted = application.release.materials(&application.facts);
        let called_for = |m: &&Material| match self {
            Self::Draft(_) => wanted.iter().any(|wanted| wanted.code == m.code),
            // What an officer asks for is called for.
            Self::Correction(_) => true,
        };
        let material = application
            .release
            .item()
            .material
            .iter()
            .filter(called_for)
            .find(|m| m.code == material && m.source != MaterialSource::Form)
            .ok_or_else(Problem::not_found)?
            .clone();
        has_room(&application, &material, size)?;
        Ok((application, material, at))
    }
}

fn has_room(application: &Application, material: &Material, size: i64) -> Result<()> {
    let files = &application.files;
    let held = files.iter().filter(|f| f.material == material.code);
    if held.count() >= FILES_PER_MATERIAL {
        let words = format!(
            "同一份材料最多上传 {FILES_PER_MATERIAL} 个文件，这个文件没有保存；要换文件，请先删除一个"
        );
        return Err(refused(material, "upload.too_many", words));
    }
    let bytes: i64 = files.iter().map(|f| f.size).sum();
    if files.len() >= FILES_PER_APPLICATION || bytes + size > BYTES_PER_APPLICATION {
        let words = format!(
            "一份申请最多上传 {FILES_PER_APPLICATION} 个文件、共 {} MB，这个文件没有保存；请删除不需要的文件，或者压缩后再上传",
            BYTES_PER_APPLICATION / 1024 / 1024
        );
        return Err(refused(material, "upload.too_many", words));
    }
    Ok(())
}

/// Stores a file for a material of an application.
pub async fn upload_file(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    material: &str,
    name: &str,
    content: Vec<u8>,
) -> Result<MaterialFile> {
    store_file(desk, ctx, Place::Draft(draft), material, name, content).await
}

/// Looked at before it is stored, so that what has no room is not; asked again in the transaction that writes.
pub(crate) async fn store_file(
    desk: &Desk,
    ctx: &Ctx,
    place: Place,
    material: &str,
    name: &str,
    content: Vec<u8>,
) -> Result<MaterialFile> {
    let asked = (place, material.to_owned(), size(content.len()));
    let looked = (desk.clone(), ctx.clone(), asked.clone());
    let material = desk
        .db
        .read(looked, |tx, (desk, ctx, (place, material, size))| {
            Box::pin(async move { Ok(place.room(tx, desk, ctx, (material, *size)).await?.1) })
        })
        .await?;
    let media_type = inspect(desk, &material, name, &content)?;
    let kept = desk.objects.keep(content, media_type).await?;
    let input = (asked, shown_name(name), kept.object.clone());
    let written = desk
        .write(ctx, input, |tx, desk, ctx, (asked, name, object)| {
            Box::pin(async move {
                let (place, material, size) = asked;
                let (application, material, at) =
                    place.room(tx, desk, ctx, (material, *size)).await?;
                object.record(tx, ctx.now);
                let file = MaterialFile {
                    id: MaterialFileId::new(),
                    material: material.code,
                    object: object.id.clone(),
                    name: name.clone(),
                    media_type: object.media_type.clone(),
                    size: *size,
                    uploaded_at: at,
                };
                let draft = application.draft.id;
                materials::insert(tx, draft, &file);
                let entry = Entry::done(audit::FILE_UPLOADED, "draft", draft);
                tongban_audit::record(tx, ctx, &desk.audit_key, entry).await?;
                Ok(file)
            })
        })
        .await;
    if written.is_err() {
        desk.objects.forget(&desk.db, kept).await?;
    }
    written
}

fn size(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Takes a file back before submission; that it was there stays on record.
pub async fn remove_file(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    file: MaterialFileId,
) -> Result<()> {
    take_back(desk, ctx, Place::Draft(draft), file).await
}

pub(crate) async fn take_back(
    desk: &Desk,
    ctx: &Ctx,
    place: Place,
    file: MaterialFileId,
) -> Result<()> {
    desk.write(ctx, (place, file), |tx, desk, ctx, (place, file)| {
        Box::pin(async move {
            let (application, at) = place.open(tx, desk, ctx, None).await?;
            let held = application.files.iter().find(|held| held.id == *file);
            // Taken away a moment before.
            let Some(held) = held else {
                return Ok(());
            };
            if let Place::Correction(_) = place {
                place.open(tx, desk, ctx, Some(&held.material)).await?;
            }
            let draft = application.draft.id;
            materials::remove(tx, draft, *file, at).await?;
            let entry = Entry::done(audit::FILE_REMOVED, "draft", draft);
            tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
        })
    })
    .await
}

fn inspect(desk: &Desk, material: &Material, name: &str, content: &[u8]) -> Result<&'static str> {
    let site_limit = desk.catalog.setting_number("upload_max_mb", 20);
    let limit = material
        .max_mb
        .map_or(site_limit, i64::from)
        .min(site_limit);
    let bytes = usize::try_from(limit).unwrap_or(20) * 1024 * 1024;
    if content.len() > bytes {
        let words = format!("文件不能超过 {limit} MB，请压缩后再上传");
        let field = FieldError::new(pointer(material), "upload.too_large", words.clone());
        return Err(Problem::new(Kind::TooLarge, "upload.too_large", words).with_field(field));
    }
    if content.is_empty() {
        return Err(refused(
            material,
            "upload.empty",
            "这个文件是空的，请重新选择".into(),
        ));
    }
    let ending = name
        .rsplit_once('.')
        .map_or("", |(_, e)| e)
        .to_ascii_lowercase();
    let ending = if ending == "jpeg" { "jpg" } else { &ending };
    let as_jpg = |format: &str| format == "jpeg" && ending == "jpg";
    if !material.formats.iter().any(|f| f == ending || as_jpg(f)) {
        let words = format!("只能上传 {} 格式的文件", material.formats.join("、"));
        return Err(refused(material, "upload.format", words));
    }
    let found = SIGNATURES
        .iter()
        .find(|(start, _, _)| content.starts_with(start));
    match found {
        Some((_, kind, media_type)) if *kind == ending => Ok(media_type),
        _ => Err(refused(
            material,
            "upload.content",
            format!("这个文件的内容不是 {ending} 格式，可能改过扩展名或已损坏，请重新选择"),
        )),
    }
}

fn pointer(material: &Material) -> String {
    format!("/materials/{}", material.code)
}

fn refused(material: &Material, code: &'static str, words: String) -> Problem {
    Problem::invalid(code, words.clone()).with_field(FieldError::new(
        pointer(material),
        code,
        words,
    ))
}

/// The last part of the name, without characters that could steer a terminal or a header, and not too long.
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let clean: String = typed::visible(last)
        .chars()
        .filter(|c| !c.is_control() && *c != '"')
        .collect();
    let length = clean.chars().count();
    clean.chars().skip(length.saturating_sub(120)).collect()
}

#[cfg(test)]
mod tests {
    use super::shown_name;

    #[test]
    fn the_name_of_a_file_shows_its_ending_and_nothing_unseen() {
        for (sent, shown) in [
            ("原证\u{202e}gpj.exe", "原证gpj.exe"),
            ("\u{202d}原证\u{202c}.pdf", "原证.pdf"),
            ("C:\\a\\原\u{200b}证\u{feff}.pdf", "原证.pdf"),
            ("原\"证\n.pdf", "原证.pdf"),
        ] {
            assert_eq!(shown_name(sent), shown, "{sent:?}");
        }
    }
}
