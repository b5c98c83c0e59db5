//! The divisions that forms offer, with what tells one list from another: what was compiled with it is found by that, and
//! not by comparing hundreds of names each time.

use tongban_packs::KnownDivisions;

#[derive(Default)]
pub(crate) struct FormDivisions {
    pub list: KnownDivisions,
    pub mark: String,
}

impl FormDivisions {
    pub fn of(list: KnownDivisions) -> Self {
        let mark = tongban_crypto::sm3_hex(format!("{list:?}").as_bytes());
        Self { list, mark }
    }
}
