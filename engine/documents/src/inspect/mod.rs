//! Takes apart a file that somebody hands in, before it is kept: what it is, whether it opens whole, and whether
//! anything in it is active. Work and memory are bounded whatever the file says of itself.
//! Knows no case and no account; how large a file may be is asked elsewhere.

mod kind;
mod name;
mod ofd;
mod pdf;
mod photo;
mod picture;
mod sniff;

pub use kind::FileKind;
pub use name::kept_name;
pub use photo::upright_photo;

use sniff::Content;

/// What a file may cost.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Of one picture.
    pub pixels: u64,
    /// Of one PDF.
    pub pages: usize,
}

/// Why a file is not taken: a stable code and what the person who sent it can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub words: String,
}

impl Refusal {
    fn new(code: &'static str, words: impl Into<String>) -> Self {
        Self {
            code,
            words: words.into(),
        }
    }
}

/// What a file is, told from its content, if it is one of `allowed` and opens whole.
///
/// # Errors
/// With words that say what the file is and what to do.
pub fn inspect(bytes: &[u8], allowed: &[FileKind], bounds: &Bounds) -> Result<FileKind, Refusal> {
    let kind = match sniff::content(bytes) {
        Content::Known(kind) if allowed.contains(&kind) => kind,
        other => return Err(not_taken(&other, allowed)),
    };
    match kind {
        FileKind::Pdf => pdf::check(bytes, bounds.pages)?,
        FileKind::Jpg => picture::check_jpg(bytes, bounds.pixels)?,
        FileKind::Png => picture::check_png(bytes, bounds.pixels)?,
        FileKind::Ofd => ofd::check(bytes)?,
    }
    Ok(kind)
}

fn not_taken(content: &Content, allowed: &[FileKind]) -> Refusal {
    let formats: Vec<&str> = allowed.iter().map(|kind| kind.title()).collect();
    let formats = formats.join("、");
    let target = ["PDF", "JPG", "PNG"]
        .into_iter()
        .find(|title| formats.contains(title))
        .unwrap_or(&formats);
    let picture = ["JPG", "PNG"]
        .into_iter()
        .find(|title| formats.contains(title))
        .unwrap_or(target);
    let words = match content {
        Content::Known(kind) => format!(
            "这是 {} 文件，这份材料只能上传 {formats} 格式，请转换后再上传",
            kind.title()
        ),
        Content::Heic => format!(
            "这是 HEIC 照片（苹果手机的默认格式），这里打不开。请把照片截图后上传，\
             或在手机“设置”“相机”“格式”中选“兼容性最佳”后重新拍摄；也可以另存为 {picture} 后上传"
        ),
        Content::Picture(name) => {
            format!("这是 {name} 图片，这里打不开，请截图或另存为 {picture} 后上传")
        }
        Content::Office(name) => format!("这是 {name}，请打开后另存为或打印为 {target} 再上传"),
        Content::Packed(name) => format!("这是 {name}，请解压后上传里面的 {formats} 文件"),
        Content::Page => format!("这是网页文件，请在浏览器中打印为 {target} 后上传"),
        Content::Program => {
            format!("这是程序或脚本，不能上传；请上传 {formats} 格式的材料")
        }
        Content::Video => format!("这是视频，请上传 {formats} 格式的材料"),
        Content::Other => format!(
            "认不出这个文件是什么格式，可能已损坏；这份材料只能上传 {formats} 格式，请重新选择"
        ),
    };
    Refusal::new("upload.format", words)
}
