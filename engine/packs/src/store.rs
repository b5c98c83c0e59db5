//! The tables of this crate; each has one file.

pub(crate) mod files;
mod in_force;
mod installation;
mod offers;
mod releases;
mod settings;
mod stamp;

pub(crate) use in_force::IN_FORCE;
pub(crate) use in_force::put_in_force;
pub use in_force::{in_force, is_in_force};
pub(crate) use installation::{CHANGES, SEEDS};
pub use installation::{NewEntry, change_entry, entry_history, installation, seed_installation};
pub(crate) use offers::OFFERS;
pub use offers::offered_from;
pub use releases::{Offer, Published, release, sound_from};
pub(crate) use releases::{PUBLICATIONS, RELEASES, body, changed, index, keep};
pub use settings::{
    NewSetting, SettingChange, change_setting, changed_settings, setting_changes, setting_history,
};
pub(crate) use settings::{SETTING_CHANGES, SETTINGS};
pub use stamp::pack_stamp;
