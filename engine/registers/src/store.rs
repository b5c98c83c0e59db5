//! The tables of registers. Authorises nothing, decrypts nothing.

pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod records;
