//! Use cases, one verb per file. Pages, API and jobs call the same functions.

pub mod applying;
pub mod clocked;
pub mod correct;
pub mod lapse;
mod licence;
pub mod operations;
pub mod overdue;
pub mod pause;
pub mod produce;
pub mod submit;
mod telling;
pub mod upload;
pub mod view;
pub mod withdraw;
pub mod work;
