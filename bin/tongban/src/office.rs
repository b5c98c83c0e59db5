//! Who serves here, out of the settings.

use std::sync::Arc;

use tongban_procedures::Catalog;
use tongban_ui::{AskOffice, Office};

/// Who serves here, as it is set at this moment.
pub fn of(catalog: &Arc<Catalog>) -> AskOffice {
    let catalog = Arc::clone(catalog);
    AskOffice(Arc::new(move || {
        let usual = Office::default();
        let text = |code: &str, usual: &str| catalog.setting_text(code, usual);
        let megabytes = catalog.setting_number("upload_max_mb", 20);
        Office {
            region: text("site_region", &usual.region),
            name: text("site_office", &usual.name),
            phone: text("site_phone", &usual.phone),
            upload_limit: usize::try_from(megabytes).map_or(usual.upload_limit, |mb| mb << 20),
        }
    }))
}
