//! Pages and interface of this crate.

pub(crate) fn routes() -> tongban_ui::Routes {
    tongban_ui::Routes::new()
}
