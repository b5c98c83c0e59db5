//! Documents: one template (Typst) to PDF/A, PNG and OFD from the same laid-out pages, sealed and verifiable.
//! Knows no case, no pack folder and no database: templates, data, seals and times are given to it.

mod container;
mod error;
mod fonts;
mod ofd;
mod pages;
mod qr;
mod raster;
mod seal_picture;
mod typeset;

pub use error::{DocumentError, Place};
pub use fonts::Fonts;
pub use ofd::OfdOptions;
pub use pages::{Pages, PdfOptions};
pub use qr::png as qr_png;
pub use seal_picture::demonstration_seal;
pub use typeset::{Template, Typesetter};
