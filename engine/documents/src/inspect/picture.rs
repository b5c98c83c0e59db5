//! Whether a picture is whole and can be decoded within bounds. Pixels are asked for before anything is unpacked.

use std::io::Cursor;

use png::{Decoder, Limits, Transformations};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::Refusal;

/// What a PNG may unpack besides its pixels: profiles, texts.
const PNG_BESIDES: usize = 32 * 1024 * 1024;
const JPEG_LONGEST_SIDE: usize = 65_535;

pub(super) fn damaged() -> Refusal {
    Refusal::new(
        "upload.damaged",
        "这张图片不完整或已损坏，请用原图重新上传，或重新拍摄、另存后上传",
    )
}

pub(super) fn within(width: u64, height: u64, most: u64) -> Result<(), Refusal> {
    if width == 0 || height == 0 {
        return Err(damaged());
    }
    if width.saturating_mul(height) > most {
        let words = format!(
            "这张图片有 {width}×{height} 像素，太大了；最多 {} 万像素，请缩小后再上传",
            most / 10_000
        );
        return Err(Refusal::new("upload.too_many_pixels", words));
    }
    Ok(())
}

/// Line by line, so that memory stays small.
pub(super) fn check_png(bytes: &[u8], most: u64) -> Result<(), Refusal> {
    let limits = Limits { bytes: PNG_BESIDES };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::IDENTITY);
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(|_| damaged())?;
    let (width, height) = reader.info().size();
    within(u64::from(width), u64::from(height), most)?;
    while reader.next_row().map_err(|_| damaged())?.is_some() {}
    reader.finish().map_err(|_| damaged())
}

/// Grey where the format allows it: that is the cheapest way to read everything.
pub(super) fn check_jpg(bytes: &[u8], most: u64) -> Result<(), Refusal> {
    let (mut decoder, space) = open_jpg(bytes, most)?;
    let wanted = match space {
        ColorSpace::YCbCr | ColorSpace::Luma => ColorSpace::Luma,
        _ => ColorSpace::RGB,
    };
    decoder.set_options(options().jpeg_set_out_colorspace(wanted));
    decoder.decode().map_err(|_| damaged()).map(drop)
}

fn options() -> DecoderOptions {
    DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(JPEG_LONGEST_SIDE)
        .set_max_height(JPEG_LONGEST_SIDE)
}

pub(super) type Jpg<'a> = JpegDecoder<ZCursor<&'a [u8]>>;

/// A decoder behind the headers, and the colours of the picture.
pub(super) fn open_jpg(bytes: &[u8], most: u64) -> Result<(Jpg<'_>, ColorSpace), Refusal> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options());
    decoder.decode_headers().map_err(|_| damaged())?;
    let (width, height) = decoder.dimensions().ok_or_else(damaged)?;
    within(width as u64, height as u64, most)?;
    if !ends(bytes) {
        return Err(damaged());
    }
    let space = decoder.input_colorspace().ok_or_else(damaged)?;
    Ok((decoder, space))
}

/// Whether the data of the picture come to an end (ITU-T T.81, EOI): a thumbnail in front of it has one too.
fn ends(bytes: &[u8]) -> bool {
    data_start(bytes)
        .and_then(|start| bytes.get(start..))
        .is_some_and(|data| data.windows(2).any(|w| w == b"\xFF\xD9"))
}

/// Behind the head of the first scan.
fn data_start(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        while *bytes.get(at)? != 0xFF {
            at += 1;
        }
        while *bytes.get(at)? == 0xFF {
            at += 1;
        }
        let marker = *bytes.get(at)?;
        at += 1;
        match marker {
            0x00 | 0x01 | 0xD0..=0xD8 => continue,
            0xD9 => return None,
            _ => {}
        }
        let length = u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]);
        at += usize::from(length);
        if marker == 0xDA {
            return Some(at);
        }
    }
}
