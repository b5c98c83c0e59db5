//! Handing in a file: its size, its ending and what is really inside must agree.

use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Kind, Problem, Result, typed};
use tongban_items::{Material, MaterialSource};

use crate::audit;
use crate::desk::Desk;
use crate::model::{MaterialFile, MaterialFileId};
use crate::service::applying::{Application, already_submitted};
use crate::store::materials;

/// Enough for any application; more files than this are somebody's mistake.
const FILES_PER_MATERIAL: usize = 10;

/// What a file really is, told from its first bytes.
const SIGNATURES: [(&[u8], &str, &str); 4] = [
    (b"%PDF-", "pdf", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xFF\xD8\xFF", "jpg", "image/jpeg"),
    (b"PK\x03\x04", "ofd", "application/ofd"),
];

/// Stores a file for a material of an application.
pub async fn upload_file(
    desk: &Desk,
    ctx: &Ctx,
    application: &Application,
    material: &str,
    name: &str,
    content: Vec<u8>,
) -> Result<MaterialFile> {
    if application.draft.case_id.is_some() {
        return Err(already_submitted());
    }
    store_file(desk, ctx, application, material, name, content).await
}

/// The same for an application that was submitted and is now being corrected.
pub(crate) async fn store_file(
    desk: &Desk,
    ctx: &Ctx,
    application: &Application,
    material: &str,
    name: &str,
    content: Vec<u8>,
) -> Result<MaterialFile> {
    let wanted = application.release.materials(&application.facts);
    let material = wanted
        .into_iter()
        .find(|m| m.code == material && m.source != MaterialSource::Form)
        .ok_or_else(Problem::not_found)?;
    let held = application
        .files
        .iter()
        .filter(|f| f.material == material.code);
    if held.count() >= FILES_PER_MATERIAL {
        return Err(refused(
            material,
            "upload.too_many",
            "同一份材料最多上传 10 个文件".into(),
        ));
    }
    let media_type = inspect(desk, material, name, &content)?;
    let object = desk
        .objects
        .put(&desk.db, content, media_type, ctx.now)
        .await?;
    let file = MaterialFile {
        id: MaterialFileId::new(),
        material: material.code.clone(),
        object: object.id,
        name: shown_name(name),
        media_type: media_type.to_owned(),
        size: i64::try_from(object.size).unwrap_or(i64::MAX),
        uploaded_at: ctx.now,
    };
    let input = (
        desk.clone(),
        ctx.clone(),
        application.draft.id,
        file.clone(),
    );
    desk.db
        .write(input, |tx, (desk, ctx, draft, file)| {
            Box::pin(async move {
                materials::insert(tx, *draft, file).await?;
                let entry = Entry::done(audit::FILE_UPLOADED, "draft", draft);
                tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
            })
        })
        .await?;
    Ok(file)
}

/// Takes a file back before submission; it stays on record.
pub async fn remove_file(
    desk: &Desk,
    ctx: &Ctx,
    application: &Application,
    file: MaterialFileId,
) -> Result<()> {
    if application.draft.case_id.is_some() {
        return Err(already_submitted());
    }
    let input = (desk.clone(), ctx.clone(), application.draft.id, file);
    desk.db
        .write(input, |tx, (desk, ctx, draft, file)| {
            Box::pin(async move {
                materials::remove(tx, *draft, *file, ctx.now).await?;
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
    if !material.formats.iter().any(|f| f == ending) {
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
