//! Which typefaces are at hand: those compiled in, those of a folder given by configuration, those of Debian; and which
//! characters they have. Must not know templates or formats.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

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

/// Where the faces with the rare characters of names lie (GB 18030-2022, level 3: Debian's fonts-hanazono). They are
/// large, so they are read when a document first needs one.
const RARE: [&str; 1] = ["/usr/share/fonts/truetype/hanazono"];
/// Of each of the blocks that level 3 adds: extensions B to F.
const RARE_SAMPLES: [char; 5] = [
    '\u{20BB7}',
    '\u{2A700}',
    '\u{2B740}',
    '\u{2B820}',
    '\u{2CEB0}',
];

/// No folder of typefaces nests deeper than a package does.
const DEPTH: usize = 6;

/// The typefaces that documents are set in. Loaded once, shared by all threads.
pub struct Fonts {
    usual: Faces,
    /// The same with those that have rare characters, read when first needed.
    all: OnceLock<Faces>,
    rare: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Usual,
    All,
}

/// Typefaces in the order in which they are asked.
pub(crate) struct Faces {
    pub(crate) book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

impl Faces {
    fn new(fonts: Vec<Font>) -> Self {
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        Self { book, fonts }
    }

    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn has(&self, character: char) -> bool {
        let code = u32::from(character);
        character.is_control()
            || is_unseen(character)
            || self
                .fonts
                .iter()
                .any(|font| font.info().coverage.contains(code))
    }
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
        let rare = RARE.iter().map(PathBuf::from);
        Self::checked(fonts, rare.filter(|place| place.is_dir()).collect())
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
        Self::checked(fonts, Vec::new())
    }

    fn checked(fonts: Vec<Font>, rare: Vec<PathBuf>) -> Result<Self, DocumentError> {
        if !fonts.iter().any(is_chinese) {
            return Err(DocumentError::new(
                "fonts",
                "没有找到含汉字的字体：请在 engine/documents/fonts 中运行 npm ci 后重新编译，\
                 或安装 Debian 软件包 fonts-noto-cjk，\
                 或用环境变量 TONGBAN_FONTS 指定字体文件夹",
            ));
        }
        Ok(Self {
            usual: Faces::new(fonts),
            all: OnceLock::new(),
            rare,
        })
    }

    /// The face for text that brings none.
    pub(crate) fn fallback(&self) -> Option<Font> {
        self.usual
            .fonts
            .iter()
            .find(|font| is_chinese(font))
            .cloned()
    }

    /// The faces that a text needs.
    pub(crate) fn for_text(&self, text: &str) -> Which {
        match self.rare.is_empty() || text.chars().all(|c| self.usual.has(c)) {
            true => Which::Usual,
            false => Which::All,
        }
    }

    pub(crate) fn faces(&self, which: Which) -> &Faces {
        match which {
            Which::Usual => &self.usual,
            Which::All => self.all.get_or_init(|| {
                let mut fonts = self.usual.fonts.clone();
                for place in &self.rare {
                    collect(place, DEPTH, &mut fonts);
                }
                Faces::new(fonts)
            }),
        }
    }

    /// The characters of a text that no face has, each once, in their order.
    pub fn lacking(&self, text: &str) -> Vec<char> {
        let faces = self.faces(self.for_text(text));
        let mut seen = BTreeSet::new();
        text.chars()
            .filter(|c| !faces.has(*c) && seen.insert(*c))
            .collect()
    }

    /// Whether the faces for rare characters of names are at hand. Reads none of them.
    pub fn has_rare_characters(&self) -> bool {
        !self.rare.is_empty() || RARE_SAMPLES.iter().all(|c| self.usual.has(*c))
    }

    /// Names of the families at hand, for the start-up log.
    pub fn families(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .usual
            .fonts
            .iter()
            .map(|f| f.info().family.clone())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Marks without a picture of their own (Unicode, default ignorable code points) that names are copied with.
fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}'
    )
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
