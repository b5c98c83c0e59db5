//! The stamp's appearance: the seal's picture as an image with a soft mask inside a form.

use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::update::Update;
use crate::DocumentError;
use crate::raster::{Rgba, decode_png};

const POINTS_PER_MM: f64 = 72.0 / 25.4;

pub(super) fn points(mm: f64) -> f64 {
    mm * POINTS_PER_MM
}

/// Adds the picture; returns the image object's number.
pub(super) fn add_picture(update: &mut Update, png: &[u8]) -> Result<u32, DocumentError> {
    let picture = prepared(png)?;
    let head = |colours: &str, more: &str| {
        format!(
            "/Type/XObject/Subtype/Image/Width {}/Height {}/ColorSpace/{colours}/BitsPerComponent 8\
             /Filter/FlateDecode{more}",
            picture.width, picture.height
        )
    };
    let mask = update.add_stream(&head("DeviceGray", ""), &picture.mask);
    let mask_entry = format!("/SMask {mask} 0 R");
    Ok(update.add_stream(&head("DeviceRGB", &mask_entry), &picture.colours))
}

/// A picture as a PDF holds it.
#[derive(Debug)]
struct Prepared {
    width: u32,
    height: u32,
    mask: Vec<u8>,
    colours: Vec<u8>,
}

/// The same few pictures stand on every paper: remembered until they have not been asked for for a while.
#[comemo::memoize]
fn prepared(png: &[u8]) -> Result<Arc<Prepared>, DocumentError> {
    let picture = decode_png(png)?;
    Ok(Arc::new(Prepared {
        width: picture.width,
        height: picture.height,
        mask: packed(alpha(&picture))?,
        colours: packed(colours(&picture))?,
    }))
}

/// Adds a form of the given size in points that shows the picture.
pub(super) fn add_form(update: &mut Update, image: u32, width: f64, height: f64) -> u32 {
    let head = format!(
        "/Type/XObject/Subtype/Form/BBox[0 0 {width:.3} {height:.3}]/Resources<</XObject<</Im {image} 0 R>>>>"
    );
    let content = format!("q {width:.3} 0 0 {height:.3} 0 0 cm /Im Do Q");
    update.add_stream(&head, content.as_bytes())
}

fn colours(picture: &Rgba) -> Vec<u8> {
    picture
        .pixels
        .chunks_exact(4)
        .flat_map(|p| [p[0], p[1], p[2]])
        .collect()
}

fn alpha(picture: &Rgba) -> Vec<u8> {
    picture.pixels.chunks_exact(4).map(|p| p[3]).collect()
}

fn packed(data: Vec<u8>) -> Result<Vec<u8>, DocumentError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(&data)
        .and_then(|()| encoder.finish())
        .map_err(|e| DocumentError::new("seal", format!("印章图片无法写入 PDF：{e}")))
}
