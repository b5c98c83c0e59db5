//! The tables of this crate; each has one file.

mod in_force;
mod releases;
mod settings;

pub use in_force::{in_force, put_in_force};
pub use releases::{publish, published};
pub use settings::{SettingChange, change_setting, changed_settings, setting_changes};
