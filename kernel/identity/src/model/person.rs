//! The person behind an account, as forms are prefilled with. Holds plain personal data: keep it out of logs.

use serde_json::{Value as Json, json};
use tongban_base::Date;
use tongban_base::numbers::{ResidentId, Sex};

use super::Assurance;

/// What is known of an account's owner. Name and number are there only when they are proven.
#[derive(Clone)]
pub struct Person {
    pub login: String,
    pub name: Option<String>,
    pub id_number: Option<String>,
    pub sex: Option<Sex>,
    pub birth_date: Option<Date>,
    pub mobile: String,
    pub address: Option<String>,
    pub assurance: Assurance,
}

impl Person {
    pub(crate) fn new(login: String, mobile: String, assurance: Assurance) -> Self {
        Self {
            login,
            name: None,
            id_number: None,
            sex: None,
            birth_date: None,
            mobile,
            address: None,
            assurance,
        }
    }

    /// Sex and birth date are read from the number.
    pub(crate) fn prove(&mut self, name: String, id_number: String) {
        let parsed = ResidentId::parse(&id_number, Date::MAX).ok();
        self.sex = parsed.as_ref().map(|id| id.sex);
        self.birth_date = parsed.as_ref().map(|id| id.birth_date);
        self.name = Some(name);
        self.id_number = Some(id_number);
    }

    /// The real name, or the login name of someone who has not proven one.
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.login)
    }

    /// `测*`, `测*一`: the first character, and the last from three on.
    pub fn masked_name(&self) -> Option<String> {
        self.name.as_deref().map(mask_name)
    }

    /// `310101********1234`
    pub fn masked_id_number(&self) -> Option<String> {
        self.id_number.as_deref().map(|number| mask(number, 6, 4))
    }

    /// `138****5678`
    pub fn masked_mobile(&self) -> String {
        mask_mobile(&self.mobile)
    }

    /// The address down to the sixth character.
    pub fn masked_address(&self) -> Option<String> {
        self.address.as_deref().map(|address| {
            let front: String = address.chars().take(6).collect();
            format!("{front}****")
        })
    }

    /// The names that expressions of forms and items know as `person`.
    pub fn values(&self) -> Json {
        json!({
            "name": self.name,
            "id_number": self.id_number,
            "sex": self.sex.map(Sex::code),
            "birth_date": self.birth_date.map(|date| date.to_string()),
            "mobile": self.mobile,
            "address": self.address,
        })
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Person({})", self.assurance.code())
    }
}

/// `138****5678`
pub(crate) fn mask_mobile(mobile: &str) -> String {
    mask(mobile, 3, 4)
}

fn mask_name(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    match letters.as_slice() {
        [] => String::new(),
        [only] => only.to_string(),
        [first, _] => format!("{first}*"),
        [first, middle @ .., last] => format!("{first}{}{last}", "*".repeat(middle.len())),
    }
}

fn mask(text: &str, front: usize, back: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    let hidden = letters.len().saturating_sub(front + back);
    letters
        .iter()
        .enumerate()
        .map(|(index, letter)| {
            let shown = index < front || index >= front + hidden;
            if shown { *letter } else { '*' }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_only_what_the_owner_needs_to_recognise() {
        assert_eq!(mask("11010519491231002X", 6, 4), "110105********002X");
        assert_eq!(mask("13800005678", 3, 4), "138****5678");
        assert_eq!(mask_name("测试一"), "测*一");
        assert_eq!(mask_name("测试"), "测*");
    }
}
