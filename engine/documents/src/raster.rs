//! PNG in and out, as plain pixel arrays. Must not know what the pictures show.

use std::io::Cursor;

use png::{BitDepth, ColorType, Compression, Encoder, Transformations};

use crate::DocumentError;

/// A picture of at most this many pixels is decoded; a stamp has about half a million.
const MOST_PIXELS: u64 = 16_000_000;

/// Pixels of a picture, four bytes each, colour not multiplied by alpha.
pub(crate) struct Rgba {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<u8>,
}

pub(crate) fn grey_png(
    width: usize,
    height: usize,
    pixels: &[u8],
) -> Result<Vec<u8>, DocumentError> {
    encode(width, height, ColorType::Grayscale, pixels)
}

pub(crate) fn rgba_png(picture: &Rgba) -> Result<Vec<u8>, DocumentError> {
    encode(
        picture.width as usize,
        picture.height as usize,
        ColorType::Rgba,
        &picture.pixels,
    )
}

fn encode(
    width: usize,
    height: usize,
    colour: ColorType,
    pixels: &[u8],
) -> Result<Vec<u8>, DocumentError> {
    let failed =
        |e: &dyn std::fmt::Display| DocumentError::new("image", format!("图片无法生成：{e}"));
    let side = |n: usize| u32::try_from(n).map_err(|e| failed(&e));
    let mut data = Vec::new();
    let mut encoder = Encoder::new(&mut data, side(width)?, side(height)?);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    let mut writer = encoder.write_header().map_err(|e| failed(&e))?;
    writer.write_image_data(pixels).map_err(|e| failed(&e))?;
    writer.finish().map_err(|e| failed(&e))?;
    Ok(data)
}

pub(crate) fn decode_png(data: &[u8]) -> Result<Rgba, DocumentError> {
    let failed = || DocumentError::new("image", "印章图片不是可用的 PNG");
    let mut decoder = png::Decoder::new(Cursor::new(data));
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let mut reader = decoder.read_info().map_err(|_| failed())?;
    let (width, height) = (reader.info().width, reader.info().height);
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(failed());
    }
    let mut buffer = vec![0; reader.output_buffer_size().ok_or_else(failed)?];
    let frame = reader.next_frame(&mut buffer).map_err(|_| failed())?;
    buffer.truncate(frame.buffer_size());
    let pixels = match frame.color_type {
        ColorType::Rgba => buffer,
        ColorType::GrayscaleAlpha => buffer
            .chunks_exact(2)
            .flat_map(|p| [p[0], p[0], p[0], p[1]])
            .collect(),
        _ => return Err(failed()),
    };
    Ok(Rgba {
        width,
        height,
        pixels,
    })
}
