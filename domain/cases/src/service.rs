//! Use cases, one verb per file. Pages, API and jobs call the same functions.

pub mod admission;
pub mod applying;
pub mod calendar;
pub mod clocked;
pub mod correct;
pub mod deem;
pub mod discard;
pub mod lapse;
mod licence;
pub mod look;
pub mod marking;
pub mod operations;
pub mod overdue;
pub mod pause;
pub mod produce;
mod recount;
pub mod send_back;
pub mod shown;
pub mod submit;
pub(crate) mod telling;
pub mod timers;
mod twin;
pub mod upload;
pub mod view;
pub mod withdraw;
pub mod work;
