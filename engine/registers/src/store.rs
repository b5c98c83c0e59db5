//! The tables of registers. Authorises nothing, decrypts nothing.

pub(crate) mod history;
pub(crate) mod holders;
pub(crate) mod list;
pub(crate) mod published;
pub(crate) mod records;
