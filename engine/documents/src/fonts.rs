//! Which typefaces are at hand: those compiled in, those of a folder given by configuration, those of Debian.
//! Must not know templates or formats.

use std::fs;
use std::path::{Path, PathBuf};

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

use crate::DocumentError;

include!(concat!(env!("OUT_DIR"), "/embedded_fonts.rs"));

/// Where Debian packages put typefaces with Chinese glyphs (fonts-noto-cjk, fonts-wqy-zenhei, fonts-lxgw-wenkai).
const DEBIAN: [&str; 4] = [
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/truetype/noto",
    "/usr/share/fonts/truetype/wqy",
    "/usr/share/fonts/truetype/lxgw-wenkai",
];

/// No folder of typefaces nests deeper than a package does.
const DEPTH: usize = 6;

/// The typefaces that documents are set in. Loaded once, shared by all threads.
pub struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

impl Fonts {
    /// The order of search: `folder` (variable `TONGBAN_FONTS`), the compiled-in faces,
    /// `engine/documents/fonts/node_modules`, `fonts/` beside the binary, Debian's folders.
    ///
    /// # Errors
    /// When no face found has Chinese glyphs; the message says what to install.
    pub fn find(folder: Option<&Path>) -> Result<Self, DocumentError> {
        let mut fonts = Vec::new();
        if let Some(folder) = folder {
            collect(folder, DEPTH, &mut fonts);
        }
        fonts.extend(
            EMBEDDED
                .iter()
                .filter_map(|data| Font::new(Bytes::new(*data), 0)),
        );
        for place in fallbacks() {
            if fonts.iter().any(is_chinese) {
                break;
            }
            collect(&place, DEPTH, &mut fonts);
        }
        Self::checked(fonts)
    }

    /// Only the faces under the given folders, nothing compiled in.
    ///
    /// # Errors
    /// As [`Fonts::find`].
    pub fn load(folders: &[PathBuf]) -> Result<Self, DocumentError> {
        let mut fonts = Vec::new();
        for folder in folders {
            collect(folder, DEPTH, &mut fonts);
        }
        Self::checked(fonts)
    }

    fn checked(fonts: Vec<Font>) -> Result<Self, DocumentError> {
        if !fonts.iter().any(is_chinese) {
            return Err(DocumentError::new(
                "fonts",
                "没有找到含汉字的字体：请在 engine/documents/fonts 中运行 npm ci 后重新编译，\
                 或安装 Debian 软件包 fonts-noto-cjk，\
                 或用环境变量 TONGBAN_FONTS 指定字体文件夹",
            ));
        }
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        Ok(Self { book, fonts })
    }

    /// Names of the families at hand, for the start-up log.
    pub fn families(&self) -> Vec<String> {
        let mut names: Vec<String> = self.fonts.iter().map(|f| f.info().family.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(crate) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }
}

fn fallbacks() -> Vec<PathBuf> {
    let mut places = vec![PathBuf::from("engine/documents/fonts/node_modules")];
    if let Some(folder) = std::env::current_exe()
        .ok()
        .and_then(|p| p.parent().map(Path::to_path_buf))
    {
        places.push(folder.join("fonts"));
    }
    places.extend(DEBIAN.iter().map(PathBuf::from));
    places
}

fn is_chinese(font: &Font) -> bool {
    "证照受理通知书"
        .chars()
        .all(|c| font.info().coverage.contains(u32::from(c)))
}

/// Unreadable files and folders are passed over: one broken face must not stop the office.
fn collect(folder: &Path, depth: usize, fonts: &mut Vec<Font>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort_unstable();
    for path in paths {
        if path.is_dir() {
            if depth > 0 {
                collect(&path, depth - 1, fonts);
            }
        } else if is_face(&path)
            && let Ok(data) = fs::read(&path)
        {
            fonts.extend(Font::iter(Bytes::new(data)));
        }
    }
}

fn is_face(path: &Path) -> bool {
    path.extension().and_then(|e| e.to_str()).is_some_and(|e| {
        matches!(
            e.to_ascii_lowercase().as_str(),
            "ttf" | "otf" | "ttc" | "otc"
        )
    })
}
