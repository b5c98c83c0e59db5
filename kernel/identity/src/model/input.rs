//! Rules for what people type: login names, passwords, names and identity numbers.
//! Each refusal is a sentence that says what is wrong and what to do.

use tongban_base::numbers::ResidentId;
use tongban_base::{Date, typed};

type Checked<T> = std::result::Result<T, String>;

/// Passwords that are tried first by whoever guesses; compared without regard to case.
const COMMON: [&str; 16] = [
    "1234567890",
    "0123456789",
    "9876543210",
    "password1",
    "password123",
    "qwerty123",
    "qwertyuiop",
    "abc12345",
    "abcd1234",
    "a1234567",
    "a12345678",
    "a123456789",
    "1q2w3e4r",
    "1qaz2wsx",
    "woaini1314",
    "admin123",
];
const LONGEST_PASSWORD: usize = 128;

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

/// Ten characters, or eight with letters and digits; not the login name; not one that everybody has.
pub(crate) fn check_password(password: &str, login: &str) -> Checked<()> {
    let length = password.chars().count();
    let letters = password.chars().any(char::is_alphabetic);
    let digits = password.chars().any(|c| c.is_ascii_digit());
    if length > LONGEST_PASSWORD {
        return Err(format!("密码最长 {LONGEST_PASSWORD} 位，请改短一些"));
    }
    if length < 10 && !(length >= 8 && letters && digits) {
        return Err("密码至少 10 位；同时含有字母和数字的，至少 8 位".into());
    }
    let lower = password.to_lowercase();
    if !login.is_empty() && lower.contains(login) {
        return Err("密码里不要包含登录名，请换一个".into());
    }
    let first = lower.chars().next();
    let repeats = lower.chars().all(|c| Some(c) == first);
    if repeats || COMMON.contains(&lower.as_str()) {
        return Err("这个密码太常见，容易被猜到，请换一个".into());
    }
    Ok(())
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
    fn a_password_must_be_long_or_mixed_and_not_easy_to_guess() {
        assert!(check_password("春眠不觉晓处处闻啼鸟", "lixia").is_ok());
        assert!(check_password("hu4ngHe8", "lixia").is_ok());
        for weak in [
            "huanghes",
            "12345678",
            "1234567890",
            "aaaaaaaaaaaa",
            "A1234567",
            "LiXia2026",
        ] {
            assert!(check_password(weak, "lixia").is_err(), "{weak}");
        }
        assert!(check_password(&"长".repeat(200), "lixia").is_err());
    }

    #[test]
    fn a_login_name_is_never_a_mobile_number() {
        assert_eq!(check_login(" Li.Xia ").as_deref(), Ok("li.xia"));
        for wrong in ["abc", "13800000000", "李霞李霞", "a b c d", "_abcd"] {
            assert!(check_login(wrong).is_err(), "{wrong}");
        }
    }
}
