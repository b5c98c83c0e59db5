//! The tables of this crate; each has one file.

mod releases;
mod settings;

pub use releases::{publish, published};
pub use settings::{SettingChange, change_setting, changed_settings, setting_changes};
