//! What sealing an OFD and a PDF have in common: the seal, who uses it, when, and where it shows.

use tongban_base::Timestamp;
use tongban_crypto::{Seal, Signer};

/// Where a stamp shows. Lengths in millimetres from the page's upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StampPosition {
    /// Counted from 0.
    pub page: usize,
    pub x_mm: f64,
    pub y_mm: f64,
    pub width_mm: f64,
    pub height_mm: f64,
}

/// One act of sealing.
#[derive(Clone, Debug)]
pub struct SealJob<'a> {
    pub seal: &'a Seal,
    pub signer: &'a Signer,
    pub at: Timestamp,
    /// Empty: the signature does not show on any page.
    pub positions: Vec<StampPosition>,
    /// Leaves room for a further seal. The list of signatures then stays unprotected, so the last seal must not set it.
    pub leave_open: bool,
}
