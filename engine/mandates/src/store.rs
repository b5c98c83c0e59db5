//! The table of mandates. Authorises nothing.

pub(crate) mod mandates;

pub(crate) use mandates::MANDATES;
