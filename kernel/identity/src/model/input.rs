//! Rules for what people type: login names, names and identity numbers.
//! Each refusal is a sentence that says what is wrong and what to do.

use tongban_base::numbers::ResidentId;
use tongban_base::{Date, typed};

pub(super) type Checked<T> = std::result::Result<T, String>;

/// A login name in the form in which it is compared.
pub(crate) fn login_form(text: &str) -> String {
    typed::line(text).to_lowercase()
}

/// In one form: lower case. Not all digits, so that it is never taken for a mobile number.
pub(crate) fn check_login(text: &str) -> Checked<String> {
    let login = login_form(text);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if !(4..=32).contains(&login.chars().count()) || !login.chars().all(fits) {
        return Err("登录名由 4 至 32 位字母、数字组成，可以有下划线、点和短横".into());
    }
    if !login.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err("登录名请用字母开头".into());
    }
    Ok(login)
}

/// The name as the card has it.
pub(crate) fn check_name(text: &str) -> Checked<String> {
    typed::name(text)
}

/// The number in one form: no spaces, upper case.
pub(crate) fn check_id_number(text: &str, today: Date) -> Checked<String> {
    if text.trim().is_empty() {
        return Err("请填写身份证号".into());
    }
    ResidentId::parse(text, today).map(|id| id.number().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_name_is_never_a_mobile_number() {
        assert_eq!(check_login(" Li.Xia ").as_deref(), Ok("li.xia"));
        for wrong in ["abc", "13800000000", "李霞李霞", "a b c d", "_abcd"] {
            assert!(check_login(wrong).is_err(), "{wrong}");
        }
    }
}
