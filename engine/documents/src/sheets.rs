//! Pages of files that somebody handed in, as pictures for whoever has to judge them.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use tongban_base::{Kind, Problem, Result};

use crate::pdf::picture;
use crate::raster::{Rgba, rgba_png};
use crate::{DocumentError, FileKind, Typesetter};

/// A turned picture is made no larger than a screen shows.
const LONGEST_SIDE: u32 = 2400;
const MOST_BYTES: u64 = 256 * 1024 * 1024;

impl Typesetter {
    /// A page of a file as PNG, counted from zero, turned by so many quarters to the right.
    ///
    /// # Errors
    /// When it cannot be drawn; the words say so and what to do.
    pub async fn sheet(
        &self,
        kind: FileKind,
        bytes: Vec<u8>,
        (page, turns): (usize, u8),
    ) -> Result<Vec<u8>> {
        let fonts = self.fonts.clone();
        let drawn = self.at_a_seat(move || match kind {
            FileKind::Pdf => picture::draw(&fonts, bytes, (page, turns)),
            FileKind::Jpg | FileKind::Png if page == 0 => turned(&bytes, turns),
            FileKind::Jpg | FileKind::Png | FileKind::Ofd => Err(unseen()),
        });
        // A file that nobody foresaw ends its own thread and nothing else.
        match drawn.await {
            Ok(drawn) => drawn.map_err(not_shown),
            Err(cause) => Err(not_shown(unseen()).with_cause(cause)),
        }
    }
}

fn not_shown(error: DocumentError) -> Problem {
    let words = "这个文件的这一页在页面里显示不出来，请下载后查看";
    Problem::new(Kind::Conflict, "document.page", words).with_cause(error)
}

fn unseen() -> DocumentError {
    DocumentError::new("page", "not a file that pages can be drawn of")
}

fn turned(bytes: &[u8], turns: u8) -> std::result::Result<Vec<u8>, DocumentError> {
    let decode = || -> image::ImageResult<DynamicImage> {
        let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
        let mut limits = Limits::default();
        limits.max_alloc = Some(MOST_BYTES);
        reader.limits(limits);
        let mut decoder = reader.into_decoder()?;
        let upright = decoder.orientation()?;
        let mut picture = DynamicImage::from_decoder(decoder)?;
        picture.apply_orientation(upright);
        Ok(picture)
    };
    let picture = decode().map_err(|_| unseen())?;
    let picture = match picture.width().max(picture.height()) > LONGEST_SIDE {
        true => picture.thumbnail(LONGEST_SIDE, LONGEST_SIDE),
        false => picture,
    };
    let flat = picture.to_rgba8();
    let picture = Rgba {
        width: flat.width(),
        height: flat.height(),
        pixels: flat.into_raw(),
    };
    rgba_png(&picture::turned(picture, turns))
}
