//! What is judged of a file before it is kept: its size, what it is, whether it opens, what its seals say; and, in the
//! transaction that keeps it, whether there is room.

use tongban_base::{Budget, Ctx, FieldError, Kind, Problem, Result, Spender, Timestamp};
use tongban_documents::{Bounds, FileKind, Refusal, inspect, kept_name, upright_photo, verify};
use tongban_procedures::{Catalog, Material, MaterialUse};
use tongban_store::Tx;

use crate::desk::Desk;
use crate::model::{FileVerdict, Ground, MaterialFile};
use crate::service::applying::Application;
use crate::store::materials;

/// Enough for any material; more files than this are somebody's mistake.
const FILES_PER_MATERIAL: usize = 10;
const FILES_PER_APPLICATION: usize = 100;
const MEGABYTE: i64 = 1024 * 1024;
const DAY_MINUTES: i64 = 24 * 60;
/// What an account keeps whose name is not proven, where nothing else is set.
const UNPROVEN_MEGABYTES: i64 = 20;
/// Of one file, in the words for whoever decides.
const REASONS: usize = 3;

/// A file that may be kept.
pub(crate) struct Judged {
    pub(crate) kind: FileKind,
    /// Ends as its content says.
    pub(crate) name: String,
    pub(crate) content: Vec<u8>,
    pub(crate) verdict: Option<FileVerdict>,
}

/// Takes a file apart, off the threads that serve requests, and only some at once.
pub(crate) async fn judge(
    desk: &Desk,
    material: &Material,
    name: &str,
    content: Vec<u8>,
    now: Timestamp,
) -> Result<Judged> {
    within_size(desk, material, content.len())?;
    let turn = desk.inspections.enter().await.map_err(|_| busy())?;
    let (desk, wanted) = (desk.clone(), material.clone());
    let work = move || {
        let _turn = turn;
        taken_apart(&desk, &wanted, content, now)
    };
    let judged = tokio::task::spawn_blocking(work)
        .await
        .map_err(Problem::internal)?;
    let (kind, content, verdict) = judged.map_err(|no| refused(material, no.code, no.words))?;
    let name = kept_name(name, kind);
    let name = name.map_err(|words| refused(material, "upload.format", words))?;
    Ok(Judged {
        name,
        kind,
        content,
        verdict,
    })
}

type Parts = (FileKind, Vec<u8>, Option<FileVerdict>);

fn taken_apart(
    desk: &Desk,
    material: &Material,
    mut content: Vec<u8>,
    now: Timestamp,
) -> std::result::Result<Parts, Refusal> {
    let bounds = upload_bounds(&desk.catalog);
    let kind = inspect(&content, &material.formats, &bounds)?;
    if material.used_as == Some(MaterialUse::Photo)
        && let Some(upright) = upright_photo(&content, kind, &bounds)?
    {
        content = upright;
    }
    let verdict = match kind {
        FileKind::Ofd | FileKind::Pdf => verdict(desk, kind, &content, now),
        FileKind::Jpg | FileKind::Png => None,
    };
    Ok((kind, content, verdict))
}

/// Nothing for a PDF without seals: most have none. An OFD without one is worth a word.
fn verdict(desk: &Desk, kind: FileKind, content: &[u8], now: Timestamp) -> Option<FileVerdict> {
    let found = verify(content, desk.authority.trust(), now);
    if kind == FileKind::Pdf && found.ground == Ground::Unsealed {
        return None;
    }
    let reasons = found.reasons.iter().take(REASONS);
    let words: Vec<&str> = reasons.map(|reason| reason.message.as_str()).collect();
    Some(FileVerdict {
        verdict: found.verdict,
        ground: found.ground,
        words: words.join("；"),
    })
}

/// What one file may cost, as the settings say now.
pub fn upload_bounds(catalog: &Catalog) -> Bounds {
    let megapixels = catalog.setting_number("upload_max_megapixels", 50);
    let pages = catalog.setting_number("upload_max_pages", 500);
    Bounds {
        pixels: u64::try_from(megapixels).unwrap_or(50) * 1_000_000,
        pages: usize::try_from(pages).unwrap_or(500),
    }
}

fn within_size(desk: &Desk, material: &Material, length: usize) -> Result<()> {
    let site_limit = desk.catalog.setting_number("upload_max_mb", 20);
    let limit = material
        .max_mb
        .map_or(site_limit, i64::from)
        .min(site_limit);
    if length == 0 {
        let words = "这个文件是空的，请重新选择";
        return Err(refused(material, "upload.empty", words.into()));
    }
    if i64::try_from(length).unwrap_or(i64::MAX) > limit * MEGABYTE {
        let words = format!("文件不能超过 {limit} MB，请压缩后再上传");
        let field = FieldError::new(pointer(material), "upload.too_large", words.clone());
        return Err(Problem::new(Kind::TooLarge, "upload.too_large", words).with_field(field));
    }
    Ok(())
}

/// Whether one more file of `more` bytes has room: in the material, in the application, in what an account may send in a
/// day.
pub(crate) async fn room(
    tx: &mut Tx,
    desk: &Desk,
    application: &Application,
    (material, more): (&Material, i64),
    now: Timestamp,
) -> Result<()> {
    let limit = |code, otherwise| desk.catalog.setting_number(code, otherwise);
    let bytes = |files: &[&MaterialFile]| files.iter().map(|file| file.size).sum::<i64>();
    let all: Vec<&MaterialFile> = application.files.iter().collect();
    let held: Vec<&MaterialFile> = all
        .iter()
        .filter(|f| f.material == material.code)
        .copied()
        .collect();
    let most = limit("upload_material_max_mb", 60);
    if held.len() >= FILES_PER_MATERIAL || bytes(&held) + more > most * MEGABYTE {
        let words = format!(
            "同一份材料最多上传 {FILES_PER_MATERIAL} 个文件、共 {most} MB，这个文件没有保存；要换文件，请先删除一个"
        );
        return Err(refused(material, "upload.too_many", words));
    }
    let most = limit("upload_case_max_mb", 300);
    if all.len() >= FILES_PER_APPLICATION || bytes(&all) + more > most * MEGABYTE {
        let words = format!(
            "一份申请最多上传 {FILES_PER_APPLICATION} 个文件、共 {most} MB，这个文件没有保存；请删除不需要的文件，或者压缩后再上传"
        );
        return Err(refused(material, "upload.too_many", words));
    }
    keeps_little(tx, desk, application, (material, more)).await?;
    let since = now.plus_minutes(-DAY_MINUTES);
    let sent = materials::bytes_of_account(tx, application.draft.id, since).await?;
    let most = limit("upload_account_day_max_mb", 1000);
    if sent + more > most * MEGABYTE {
        let words = format!(
            "您的账号一天内上传的文件加起来超过了 {most} MB，这个文件没有保存；请明天再上传，或到窗口提交"
        );
        return Err(refused(material, "upload.account_full", words));
    }
    Ok(())
}

/// An account that anybody can make keeps only a little, until it is known whose it is.
async fn keeps_little(
    tx: &mut Tx,
    desk: &Desk,
    application: &Application,
    (material, more): (&Material, i64),
) -> Result<()> {
    if desk
        .identity
        .is_proven(tx, application.draft.account)
        .await?
    {
        return Ok(());
    }
    let most = unproven_limit(desk);
    let kept = materials::bytes_kept(tx, application.draft.account).await?;
    if kept + more <= most * MEGABYTE {
        return Ok(());
    }
    let words = format!(
        "没有实名的账号最多保存 {most} MB 文件，这个文件没有保存；请先到“我的账号”完成实名，或者删除不需要的文件"
    );
    Err(refused(material, "upload.unproven_full", words))
}

fn unproven_limit(desk: &Desk) -> i64 {
    (desk.catalog).setting_number("upload_unproven_max_mb", UNPROVEN_MEGABYTES)
}

/// What all accounts of one address without a proven name send together in a day: whoever makes one account after
/// another fills the disk no faster.
pub(crate) async fn fair_share(
    desk: &Desk,
    ctx: &Ctx,
    material: &Material,
    size: usize,
) -> Result<()> {
    let (Some(account), Ok(address)) = (ctx.actor.account, ctx.address.parse()) else {
        return Ok(());
    };
    let asked = (desk.clone(), account);
    let proven = desk.db.read(asked, |tx, (desk, account)| {
        Box::pin(desk.identity.is_proven(tx, *account))
    });
    if proven.await? {
        return Ok(());
    }
    let megabytes = i64::try_from(size).unwrap_or(i64::MAX).div_euclid(MEGABYTE) + 1;
    for _ in 0..megabytes {
        let spender = Spender::Address(address);
        let spent = (desk.identity).spend(Budget::UnprovenUpload, spender, ctx.now);
        if spent.is_err() {
            let words = "这里没有实名的账号今天上传的文件较多，这个文件没有保存；请先到“我的账号”完成实名，或者到窗口提交";
            return Err(refused(material, "upload.unproven_many", words.into()));
        }
    }
    Ok(())
}

fn busy() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "upload.busy",
        "现在上传的人太多，请过一会儿再试",
    )
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
