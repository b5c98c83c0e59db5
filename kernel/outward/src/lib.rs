//! Connections that leave the house: in clear to this machine only, anywhere else encrypted, and to nobody but whom an
//! authority of the installation vouches for. Knows no counterpart and no database.

mod authorities;
mod counterpart;
mod distrust;

pub use authorities::Authorities;
pub use counterpart::{Answer, Counterpart, Unanswered, Unusable, is_this_machine};
pub use distrust::Distrust;
