//! Numbers of the field and their check digits. Each refusal says in words what is wrong.

mod credit_code;
mod licence_identifier;
mod mod11;
mod phone;
mod resident_id;

pub use credit_code::check_credit_code;
pub use licence_identifier::{licence_identifier, licence_identifier_check};
pub use mod11::check_character as resident_id_check_character;
pub use phone::check_phone;
pub use resident_id::{ResidentId, Sex, check_mobile};
