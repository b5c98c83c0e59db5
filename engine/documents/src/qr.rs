//! QR codes (GB/T 18284) as small PNG pictures: eight pixels a module, two modules of quiet zone left to the page.

use qrcode::{EcLevel, QrCode};

use crate::DocumentError;
use crate::raster::grey_png;

const MODULE: usize = 8;

/// Error correction M: a stamped or creased letter still scans.
///
/// # Errors
/// When the text is too long for a QR code.
pub fn png(text: &str) -> Result<Vec<u8>, DocumentError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|_| DocumentError::new("image", "二维码内容太长，无法生成"))?;
    let modules = code.width();
    let side = modules * MODULE;
    let colours = code.to_colors();
    let mut pixels = Vec::with_capacity(side * side);
    for y in 0..side {
        for x in 0..side {
            let dark = colours
                .get((y / MODULE) * modules + x / MODULE)
                .is_some_and(|c| *c == qrcode::Color::Dark);
            pixels.push(if dark { 0 } else { 255 });
        }
    }
    grey_png(side, side, &pixels)
}
