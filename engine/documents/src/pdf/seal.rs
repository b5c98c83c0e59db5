//! Seals a PDF: a signature field whose stamp shows the seal, and a detached signature (SM2 in CMS) over the whole file.

use tongban_crypto::{SignedDataProfile, sign_detached_digest, sm3};

use super::objects::Objects;
use super::stamp::{add_form, add_picture, points};
use super::tokens::{Dictionary, items};
use super::update::Update;
use crate::{DocumentError, SealJob, StampPosition};

/// Names the form of the signature: what carries it must be canonical to the byte.
pub(crate) const MARK: &str = "/Prop_Build<</App<</Name/Tongban>>>>";

/// Ten digits hold every offset that cross-reference tables can tell.
const RANGE: &str = "/ByteRange[0 0000000000 0000000000 0000000000]";

/// Signatures of the same key differ by at most a few bytes in length.
const SLACK: usize = 16;

/// Annotation flags: print, locked.
const FLAGS: u32 = 132;

/// Puts a seal on a PDF as an incremental update; what was there before stays as it is.
///
/// # Errors
/// When the file cannot be read, a page is missing, or the seal's picture is no PNG.
pub fn seal_pdf(pdf: &[u8], job: &SealJob) -> Result<Vec<u8>, DocumentError> {
    let objects = Objects::read(pdf)?;
    let (root_id, mut root) = objects.root()?;
    let pages = objects.pages(&root)?;
    let mut update = Update::new(objects.size()?);

    let room = sign(job, &[0; 32])?.len() + SLACK;
    let signature = update.add(signature_dictionary(job, room));
    let field = update.reserve();
    let stamps = stamps(&mut update, job, &pages)?;
    let first = stamps
        .first()
        .cloned()
        .unwrap_or_else(|| Stamp::hidden(&pages));
    let name = text_string(&format!("签章{field}"));
    let body = format!(
        "/FT/Sig/T{name}/V {signature} 0 R/Subtype/Widget{}",
        first.entries()
    );
    update.put(field, annotation(&body));
    attach(&objects, &mut update, first.page, field)?;
    for stamp in stamps.iter().skip(1) {
        let id = update.add(annotation(&format!("/Subtype/Stamp{}", stamp.entries())));
        attach(&objects, &mut update, stamp.page, id)?;
    }
    add_to_form(&objects, &mut update, &mut root, field)?;
    update.put(root_id, root.write());
    let id = identifier(&objects, pdf);
    finish(update.write(pdf, &objects, &id)?, pdf.len(), room, job)
}

fn sign(job: &SealJob, digest: &[u8; 32]) -> Result<Vec<u8>, DocumentError> {
    sign_detached_digest(digest, job.signer, job.at, SignedDataProfile::Cms)
        .map_err(|e| DocumentError::new("seal", format!("无法盖章：{e}")))
}

fn signature_dictionary(job: &SealJob, room: usize) -> Vec<u8> {
    let name = text_string(&job.seal.name);
    let time = job.at.local().format("D:%Y%m%d%H%M%S+08'00'");
    let zeros = "0".repeat(room * 2);
    format!(
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached{MARK}/Name{name}/M({time}){RANGE}\
         /Contents<{zeros}>>>"
    )
    .into_bytes()
}

fn annotation(body: &str) -> Vec<u8> {
    format!("<</Type/Annot/F {FLAGS}{body}>>").into_bytes()
}

/// A stamp in page coordinates.
#[derive(Clone)]
struct Stamp {
    page: u32,
    rectangle: [f64; 4],
    form: Option<u32>,
}

impl Stamp {
    fn hidden(pages: &[(u32, f64)]) -> Self {
        Self {
            page: pages.first().map_or(0, |(id, _)| *id),
            rectangle: [0.0; 4],
            form: None,
        }
    }

    fn entries(&self) -> String {
        let [left, bottom, right, top] = self.rectangle;
        let form = self
            .form
            .map_or(String::new(), |form| format!("/AP<</N {form} 0 R>>"));
        format!(
            "/Rect[{left:.3} {bottom:.3} {right:.3} {top:.3}]/P {} 0 R{form}",
            self.page
        )
    }
}

fn stamps(
    update: &mut Update,
    job: &SealJob,
    pages: &[(u32, f64)],
) -> Result<Vec<Stamp>, DocumentError> {
    if job.positions.is_empty() {
        return Ok(Vec::new());
    }
    let image = add_picture(update, &job.seal.picture.data)?;
    job.positions
        .iter()
        .map(|position| stamp(update, image, position, pages))
        .collect()
}

fn stamp(
    update: &mut Update,
    image: u32,
    at: &StampPosition,
    pages: &[(u32, f64)],
) -> Result<Stamp, DocumentError> {
    let (page, page_height) = pages.get(at.page).ok_or_else(|| {
        DocumentError::new("seal", format!("文件没有第 {} 页，无法盖章", at.page + 1))
    })?;
    let (width, height) = (points(at.width_mm), points(at.height_mm));
    let (left, top) = (points(at.x_mm), page_height - points(at.y_mm));
    Ok(Stamp {
        page: *page,
        rectangle: [left, top - height, left + width, top],
        form: Some(add_form(update, image, width, height)),
    })
}

/// Enters an annotation on its page.
fn attach(
    objects: &Objects,
    update: &mut Update,
    page: u32,
    annotation: u32,
) -> Result<(), DocumentError> {
    let mut dictionary = match update.get(page).and_then(|body| Dictionary::read(body, 0)) {
        Some((changed, _)) => changed,
        None => objects.dictionary(page)?,
    };
    let known = dictionary.get("Annots").map(<[u8]>::to_vec);
    dictionary.set("Annots", with_reference(known.as_deref(), annotation)?);
    update.put(page, dictionary.write());
    Ok(())
}

fn add_to_form(
    objects: &Objects,
    update: &mut Update,
    root: &mut Dictionary,
    field: u32,
) -> Result<(), DocumentError> {
    let known = root.reference("AcroForm");
    let mut form = match known {
        Some(id) => objects.dictionary(id)?,
        None => root
            .get("AcroForm")
            .and_then(|v| Dictionary::read(v, 0))
            .map(|(d, _)| d)
            .unwrap_or_default(),
    };
    let fields = form.get("Fields").map(<[u8]>::to_vec);
    form.set("Fields", with_reference(fields.as_deref(), field)?);
    // Signatures exist, and only appending may change the file.
    form.set("SigFlags", b"3".to_vec());
    match known {
        Some(id) => update.put(id, form.write()),
        None => {
            let id = update.add(form.write());
            root.set("AcroForm", format!("{id} 0 R").into_bytes());
        }
    }
    Ok(())
}

fn with_reference(array: Option<&[u8]>, id: u32) -> Result<Vec<u8>, DocumentError> {
    let unknown = || DocumentError::new("unreadable", "PDF 的批注表写法不受支持，无法盖章");
    let known = array.map_or(Some(Vec::new()), items).ok_or_else(unknown)?;
    let mut out = b"[".to_vec();
    for item in known {
        out.extend_from_slice(item);
        out.push(b' ');
    }
    out.extend_from_slice(format!("{id} 0 R]").as_bytes());
    Ok(out)
}

/// The first half names the document for ever, the second this state of it.
fn identifier(objects: &Objects, pdf: &[u8]) -> Vec<u8> {
    let digest = sm3(pdf);
    let state: String = digest.iter().take(16).map(|b| format!("{b:02x}")).collect();
    let known = objects.trailer.get("ID").and_then(items);
    let first = known
        .and_then(|ids| ids.first().map(|id| id.to_vec()))
        .unwrap_or_else(|| format!("<{state}>").into_bytes());
    [b"[".as_slice(), &first, format!("<{state}>]").as_bytes()].concat()
}

/// Fills in the ranges and the signature.
fn finish(
    mut pdf: Vec<u8>,
    from: usize,
    room: usize,
    job: &SealJob,
) -> Result<Vec<u8>, DocumentError> {
    let failed = || DocumentError::new("seal", "签名未能写入 PDF");
    let added = pdf.get(from..).ok_or_else(failed)?;
    let find = |what: &[u8]| {
        added
            .windows(what.len())
            .position(|w| w == what)
            .map(|at| at + from)
    };
    let range = find(RANGE.as_bytes()).ok_or_else(failed)?;
    let open = range + RANGE.len() + "/Contents".len();
    let close = open + room * 2 + 2;
    let words = format!(
        "/ByteRange[0 {open:010} {close:010} {:010}]",
        pdf.len() - close
    );
    pdf.splice(range..range + RANGE.len(), words.into_bytes());
    let content = [
        pdf.get(..open).ok_or_else(failed)?,
        pdf.get(close..).ok_or_else(failed)?,
    ]
    .concat();
    let signature = sign(job, &sm3(&content))?;
    let mut hex: String = signature.iter().map(|b| format!("{b:02x}")).collect();
    if hex.len() > room * 2 {
        return Err(failed());
    }
    hex.push_str(&"0".repeat(room * 2 - hex.len()));
    pdf.splice(open + 1..close - 1, hex.into_bytes());
    Ok(pdf)
}

/// A text string as UTF-16 with its mark, in hexadecimal.
fn text_string(text: &str) -> String {
    let units: String = text.encode_utf16().map(|u| format!("{u:04x}")).collect();
    format!("<feff{units}>")
}
