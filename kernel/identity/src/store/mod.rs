//! The SQL of this crate's tables. Encrypts and decrypts personal data at the door; authorises nothing.

pub(crate) mod account;
pub(crate) mod login_guard;
pub(crate) mod mobile_code;
pub(crate) mod openid_code;
pub(crate) mod openid_consent;
pub(crate) mod openid_token;
pub(crate) mod real_name_check;
pub(crate) mod session;
pub(crate) mod staff;
pub(crate) mod staff_contact;
