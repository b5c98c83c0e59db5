//! The photo of a licence as it is printed: upright, RGB, eight bits, no larger than paper needs, without what a phone
//! writes beside it (place, device). What already is so stays as it is to the byte.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{PngDecoder, PngEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, Limits, Rgb, RgbImage};
use png::{BitDepth, ColorType};
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::picture::{damaged, open_jpg, within};
use super::{Bounds, FileKind, Refusal};

/// 40 millimetres at 1000 dots an inch.
const LONGEST_SIDE: u32 = 1600;
const QUALITY: u8 = 92;
/// A picture of 50 million pixels with 16 bits of four colours, and its copy.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// Gives the new content where the picture has to change.
///
/// # Errors
/// When it is no picture, or cannot be decoded within bounds.
pub fn upright_photo(
    bytes: &[u8],
    kind: FileKind,
    bounds: &Bounds,
) -> Result<Option<Vec<u8>>, Refusal> {
    let picture = match kind {
        FileKind::Jpg => from_jpg(bytes, bounds.pixels)?,
        FileKind::Png => from_png(bytes, bounds.pixels)?,
        FileKind::Pdf | FileKind::Ofd => {
            let words = "照片要印在证照上，请上传 JPG 或 PNG 图片";
            return Err(Refusal::new("upload.photo", words));
        }
    };
    let Some(picture) = picture else {
        return Ok(None);
    };
    let smaller = match picture.width().max(picture.height()) > LONGEST_SIDE {
        true => picture.thumbnail(LONGEST_SIDE, LONGEST_SIDE),
        false => picture,
    };
    let flat = on_white(&smaller);
    let mut out = Cursor::new(Vec::new());
    let written = match kind {
        FileKind::Png => flat.write_with_encoder(PngEncoder::new(&mut out)),
        _ => flat.write_with_encoder(JpegEncoder::new_with_quality(&mut out, QUALITY)),
    };
    written.map_err(|_| damaged())?;
    Ok(Some(out.into_inner()))
}

fn from_jpg(bytes: &[u8], most: u64) -> Result<Option<DynamicImage>, Refusal> {
    let (mut decoder, space) = open_jpg(bytes, most)?;
    let (width, height) = decoder.dimensions().ok_or_else(damaged)?;
    let (width, height) = (width as u32, height as u32);
    let exif = decoder.exif().cloned();
    let is_plain = exif.is_none()
        && matches!(
            space,
            ColorSpace::YCbCr | ColorSpace::RGB | ColorSpace::Luma
        )
        && width.max(height) <= LONGEST_SIDE;
    if is_plain {
        return Ok(None);
    }
    let turn = exif.as_deref().and_then(Orientation::from_exif_chunk);
    decoder.set_options(
        DecoderOptions::default()
            .set_strict_mode(true)
            .set_max_width(usize::MAX)
            .set_max_height(usize::MAX)
            .jpeg_set_out_colorspace(ColorSpace::RGB),
    );
    let pixels = decoder.decode().map_err(|_| damaged())?;
    let picture = RgbImage::from_raw(width, height, pixels).ok_or_else(damaged)?;
    let mut picture = DynamicImage::ImageRgb8(picture);
    picture.apply_orientation(turn.unwrap_or(Orientation::NoTransforms));
    Ok(Some(picture))
}

fn from_png(bytes: &[u8], most: u64) -> Result<Option<DynamicImage>, Refusal> {
    let head = png::Decoder::new(Cursor::new(bytes))
        .read_info()
        .map_err(|_| damaged())?;
    let info = head.info();
    let (width, height) = info.size();
    within(u64::from(width), u64::from(height), most)?;
    let is_plain = info.bit_depth != BitDepth::Sixteen
        && matches!(info.color_type, ColorType::Rgb | ColorType::Grayscale)
        && info.trns.is_none()
        && info.exif_metadata.is_none()
        && info.animation_control.is_none()
        && width.max(height) <= LONGEST_SIDE;
    if is_plain {
        return Ok(None);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    let mut decoder = PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(|_| damaged())?;
    let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| damaged())?;
    picture.apply_orientation(turn);
    Ok(Some(picture))
}

/// What can be seen through shows paper.
fn on_white(picture: &DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return DynamicImage::ImageRgb8(picture.to_rgb8());
    }
    let from = picture.to_rgba8();
    let flat = RgbImage::from_fn(from.width(), from.height(), |x, y| {
        let [red, green, blue, alpha] = from.get_pixel(x, y).0;
        let over = |colour: u8| {
            let (colour, alpha) = (u32::from(colour), u32::from(alpha));
            ((colour * alpha + 255 * (255 - alpha)) / 255) as u8
        };
        Rgb([over(red), over(green), over(blue)])
    });
    DynamicImage::ImageRgb8(flat)
}
