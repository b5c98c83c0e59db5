//! Documents: one template (Typst) to PDF/A, PNG and OFD from the same laid-out pages, sealed and verifiable.
//! Knows no case, no pack folder and no database: templates, data, seals and times are given to it.

mod code;
mod container;
mod error;
mod fault;
mod fonts;
mod inspect;
mod ofd;
mod pages;
mod pdf;
mod qr;
mod raster;
mod seal;
mod seal_picture;
mod seal_place;
mod sheets;
mod shown;
mod typeset;
mod verify;

pub use code::verify_code;
pub use error::{DocumentError, Place};
pub use fault::{Failure, Fault};
pub use fonts::Fonts;
pub use inspect::{Bounds, FileKind, Refusal, inspect, kept_name, upright_photo};
pub use ofd::OfdOptions;
pub use ofd::seal::seal_ofd;
pub use pages::{Pages, PdfOptions};
pub use pdf::{pdf_page_count, seal_pdf};
pub use qr::png as qr_png;
pub use seal::{SealJob, StampPosition};
pub use seal_picture::demonstration_seal;
pub use typeset::{Template, Typesetter};
pub use verify::{
    Answer, DocumentKind, Ground, Reason, SignatureView, Verdict, Verification, verify,
};
