//! In which file of a pack each kind of definition stands.

use crate::notation::{Carrier, Kind};

/// The file, and the keys that lead to the definition in it.
pub(crate) fn of(carrier: &Carrier) -> (String, Vec<String>) {
    let code = &carrier.code;
    let own = |folder: &str, ending: &str| (format!("{folder}/{code}.{ending}"), Vec::new());
    let listed = |file: &str| (file.to_owned(), vec![code.clone()]);
    match carrier.kind {
        Kind::Item => own("items", "toml"),
        Kind::Procedure => own("procedures", "toml"),
        Kind::Form => own("forms", "json"),
        Kind::Flow => own("flows", "bpmn"),
        Kind::Chain => own("flows", "toml"),
        Kind::Letter => own("documents", "toml"),
        Kind::Message => own("messages", "toml"),
        Kind::Licence => own("licences", "toml"),
        Kind::Register => own("registers", "toml"),
        Kind::Setting => listed("settings.toml"),
        Kind::Review => listed("reviews.toml"),
        Kind::Role => listed("roles.toml"),
    }
}
