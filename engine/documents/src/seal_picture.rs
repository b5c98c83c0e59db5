//! Draws round demonstration seals: a red ring, a star, the organisation's name around, 演示专用 below. Real offices
//! bring the picture of their registered seal; this one says on its face that it is none.

use serde_json::json;

use crate::{DocumentError, Template, Typesetter};

const TEMPLATE: &str = include_str!("seal_picture.typ");

/// Pixels a millimetre: 300 dots an inch.
const PIXELS_PER_POINT: f32 = 300.0 / 72.0;

/// The picture as PNG with a transparent ground. `diameter` in millimetres (officials' seals: 42; 40 to 50 is usual),
/// `organisation` goes around the star, `line` (e.g. 演示专用) stands below it.
///
/// # Errors
/// When the typefaces cannot set the name.
pub fn demonstration_seal(
    typesetter: &Typesetter,
    organisation: &str,
    line: &str,
    diameter: u8,
) -> Result<Vec<u8>, DocumentError> {
    let template = Template::new("seal_picture", TEMPLATE);
    let data = json!({ "name": organisation, "line": line, "diameter": diameter });
    typesetter
        .typeset(&template, &data)?
        .to_png(0, PIXELS_PER_POINT)
}
