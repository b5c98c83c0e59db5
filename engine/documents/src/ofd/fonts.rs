//! The typefaces of one OFD: which glyphs are used, and the subset that is embedded.

use std::collections::BTreeMap;

use subsetter::GlyphRemapper;
use typst::text::{FontFlags, FontInstance, FontStyle};

use super::sfnt;
use crate::DocumentError;

/// A typeface of the document with the glyphs used so far.
pub(super) struct UsedFont {
    pub(super) id: u32,
    face: FontInstance,
    glyphs: GlyphRemapper,
    map: BTreeMap<char, u16>,
}

impl UsedFont {
    pub(super) fn new(id: u32, face: FontInstance) -> Self {
        Self {
            id,
            face,
            glyphs: GlyphRemapper::new(),
            map: BTreeMap::new(),
        }
    }

    pub(super) fn is(&self, face: &FontInstance) -> bool {
        self.face == *face
    }

    /// The glyph's number in the subset, and whether the character alone leads a reader to it.
    pub(super) fn use_glyph(&mut self, glyph: u16, character: Option<char>) -> (u16, bool) {
        let number = self.glyphs.remap(glyph);
        let plain = character.is_some_and(|c| *self.map.entry(c).or_insert(number) == number);
        (number, plain)
    }

    pub(super) fn file_name(&self) -> String {
        format!("font_{}.ttf", self.id)
    }

    pub(super) fn attributes(&self) -> Vec<(&'static str, String)> {
        let font = self.face.font();
        let info = font.info();
        let name = font
            .post_script_name()
            .unwrap_or_else(|| info.family.replace(' ', ""));
        let flag = |on: bool| if on { "true" } else { "false" }.to_owned();
        vec![
            ("ID", self.id.to_string()),
            ("FontName", name),
            ("FamilyName", info.family.clone()),
            ("Italic", flag(info.variant.style != FontStyle::Normal)),
            ("Bold", flag(info.variant.weight.to_number() >= 600)),
            ("Serif", flag(info.flags.contains(FontFlags::SERIF))),
            (
                "FixedWidth",
                flag(info.flags.contains(FontFlags::MONOSPACE)),
            ),
        ]
    }

    /// The font file with only the used glyphs and a map of the used characters.
    pub(super) fn embed(&self) -> Result<Vec<u8>, DocumentError> {
        let font = self.face.font();
        let failed = || {
            let family = &font.info().family;
            DocumentError::new("ofd", format!("字体 {family} 无法嵌入 OFD"))
        };
        let subset =
            subsetter::subset(font.data(), font.index(), &self.glyphs).map_err(|_| failed())?;
        let map: Vec<(char, u16)> = self.map.iter().map(|(c, g)| (*c, *g)).collect();
        sfnt::complete(&subset, font.data(), font.index(), &map).ok_or_else(failed)
    }
}
