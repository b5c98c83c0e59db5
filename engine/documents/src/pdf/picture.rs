//! A page of somebody's PDF as a picture, drawn by the house: no browser needs a viewer of its own. Text without an embedded
//! typeface is set in ours. Knows nothing of what the page says.

use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::font::FontQuery;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings};
use typst::text::Font;

use crate::DocumentError;
use crate::fonts::Fonts;
use crate::raster::{Rgba, rgba_png};

/// A page is drawn so many dots wide, and at most so many high.
const WIDE: f32 = 1400.0;
const HIGHEST: f32 = 4200.0;

/// How many pages a PDF has; none when it cannot be read.
pub fn pdf_page_count(pdf: Vec<u8>) -> Option<usize> {
    Pdf::new(pdf).ok().map(|pdf| pdf.pages().len())
}

/// A page, counted from zero, as PNG, turned by so many quarters to the right.
///
/// # Errors
/// When the file cannot be read or has no such page.
pub(crate) fn draw(
    fonts: &Fonts,
    pdf: Vec<u8>,
    (page, turns): (usize, u8),
) -> Result<Vec<u8>, DocumentError> {
    let pdf = Pdf::new(pdf).map_err(|_| unreadable())?;
    let page = pdf.pages().get(page).ok_or_else(unreadable)?;
    let (width, height) = page.render_dimensions();
    if !(width >= 1.0 && height >= 1.0) {
        return Err(unreadable());
    }
    let scale = (WIDE / width).min(HIGHEST / height);
    let fallback = fonts.fallback();
    let settings = InterpreterSettings {
        font_resolver: Arc::new(move |_: &FontQuery| fallback.as_ref().map(data_of)),
        cmap_resolver: Arc::new(|_| None),
        warning_sink: Arc::new(|_| {}),
        render_annotations: true,
    };
    let render = RenderSettings {
        x_scale: scale,
        y_scale: scale,
        bg_color: WHITE,
        ..RenderSettings::default()
    };
    let drawn = hayro::render(page, &RenderCache::new(), &settings, &render);
    let picture = Rgba {
        width: u32::from(drawn.width()),
        height: u32::from(drawn.height()),
        pixels: drawn.data_as_u8_slice().to_vec(),
    };
    rgba_png(&turned(picture, turns))
}

type FontFile = (Arc<dyn AsRef<[u8]> + Send + Sync>, u32);

fn data_of(font: &Font) -> FontFile {
    (Arc::new(font.data().clone()), font.index())
}

/// By quarters to the right.
pub(crate) fn turned(picture: Rgba, turns: u8) -> Rgba {
    (0..turns % 4).fold(picture, |picture, _| quarter(&picture))
}

fn quarter(from: &Rgba) -> Rgba {
    let (width, height) = (from.width as usize, from.height as usize);
    let mut pixels = Vec::with_capacity(from.pixels.len());
    for x in 0..width {
        for y in (0..height).rev() {
            let at = (y * width + x) * 4;
            pixels.extend_from_slice(from.pixels.get(at..at + 4).unwrap_or(&[0xff; 4]));
        }
    }
    Rgba {
        width: from.height,
        height: from.width,
        pixels,
    }
}

fn unreadable() -> DocumentError {
    DocumentError::new("page", "the file cannot be read, or has no such page")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_quarters_bring_a_picture_back() {
        let picture = || Rgba {
            width: 2,
            height: 1,
            pixels: vec![1, 1, 1, 255, 2, 2, 2, 255],
        };
        let once = turned(picture(), 1);
        assert_eq!((once.width, once.height), (1, 2));
        assert_eq!(turned(picture(), 2).pixels, [2, 2, 2, 255, 1, 1, 1, 255]);
        assert_eq!(turned(picture(), 4).pixels, picture().pixels);
    }
}
