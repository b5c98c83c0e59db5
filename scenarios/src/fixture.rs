//! Files to hand in: small, whole, of the kind that is asked for.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub name: String,
    pub content: Vec<u8>,
}

/// What can be asked for.
pub(crate) const KINDS: [&str; 5] = ["pdf", "jpg", "png", "txt", "broken"];

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\n\
    trailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n";

/// The shape of a photo for a licence.
const PHOTO: (u32, u32) = (70, 98);

impl File {
    /// None for a kind that there is not. `broken` says that it is a PDF and is none.
    pub fn of(kind: &str) -> Option<Self> {
        let content = match kind {
            "pdf" => PDF.to_vec(),
            "jpg" => picture(ImageFormat::Jpeg)?,
            "png" => picture(ImageFormat::Png)?,
            "txt" => "一段文字\n".as_bytes().to_vec(),
            "broken" => PDF.iter().copied().rev().collect(),
            _ => return None,
        };
        let ending = if kind == "broken" { "pdf" } else { kind };
        Some(Self {
            name: format!("材料.{ending}"),
            content,
        })
    }
}

fn picture(format: ImageFormat) -> Option<Vec<u8>> {
    let picture = RgbImage::from_fn(PHOTO.0, PHOTO.1, |x, y| {
        let shade = |n: u32| u8::try_from(n % 256).unwrap_or_default();
        Rgb([shade(120 + x), shade(140 + y), 200])
    });
    let mut content = Cursor::new(Vec::new());
    picture.write_to(&mut content, format).ok()?;
    Some(content.into_inner())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_a_file_and_pictures_can_be_read() {
        for kind in KINDS {
            assert!(!File::of(kind).unwrap().content.is_empty(), "{kind}");
        }
        for kind in ["jpg", "png"] {
            let read = image::load_from_memory(&File::of(kind).unwrap().content).unwrap();
            assert_eq!((read.width(), read.height()), PHOTO);
        }
        assert_eq!(File::of("exe"), None);
    }
}
