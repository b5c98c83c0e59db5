//! Pages and JSON of cases: the applicant's side, the office's side, and the public progress page.

mod api;
mod apply;
mod apply_files;
mod choose;
mod consult;
mod figures;
mod guide;
mod input;
mod letters;
mod lists;
mod mine;
mod office;
mod office_page;
mod overtaken;
mod paper_views;
mod papers;
mod people;
mod people_views;
mod place;
mod routes;
mod sent;
mod starting;
mod track;
mod views;
mod wizard;
mod words;

pub use routes::{menu_count, menu_guards, module};
