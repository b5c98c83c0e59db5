//! The tables of this crate; each has one file.

mod in_force;
mod releases;
mod settings;
mod stamp;

pub(crate) use in_force::IN_FORCE;
pub use in_force::{in_force, put_in_force};
pub use releases::{Offer, bodies_after, publications, publish};
pub(crate) use releases::{PUBLICATIONS, RELEASES};
pub(crate) use settings::SETTINGS;
pub use settings::{SettingChange, change_setting, changed_settings, setting_changes};
pub use stamp::pack_stamp;
