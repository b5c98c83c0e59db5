//! What sealing adds to a PDF: an incremental update (ISO 32000-1 clause 7.5.6) with a signature field, its stamp and the
//! signature itself. Knows only as much of PDF as that needs; pages are written elsewhere.

pub(crate) mod form;
pub(crate) mod objects;
pub(crate) mod picture;
mod seal;
mod stamp;
pub(crate) mod tokens;
mod update;
pub(crate) mod walk;

pub use picture::pdf_page_count;
pub(crate) use seal::MARK;
pub use seal::seal_pdf;
