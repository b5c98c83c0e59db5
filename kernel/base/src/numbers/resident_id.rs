//! Resident identity numbers (GB 11643), residence permits of Hong Kong, Macao and Taiwan residents
//! (same form), foreign permanent resident cards of the 2023 form, and mobile numbers.

use chrono::Datelike;

use super::mod11::check_character;
use crate::{Date, typed};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    Male,
    Female,
}

impl Sex {
    pub fn code(self) -> &'static str {
        match self {
            Sex::Male => "male",
            Sex::Female => "female",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Sex::Male => "男",
            Sex::Female => "女",
        }
    }
}

/// A number whose form, birth date and check character hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResidentId {
    number: String,
    pub birth_date: Date,
    pub sex: Sex,
}

impl ResidentId {
    /// Reads a number as people type it (`typed::code`).
    /// Errors are sentences for the person who typed it.
    pub fn parse(text: &str, today: Date) -> Result<Self, String> {
        let number = typed::code(text);
        let length = number.chars().count();
        if length != 18 {
            return Err(format!("身份证号应为 18 位，现在是 {length} 位，请核对"));
        }
        let (Some(first17), Some(last)) = (number.get(..17), number.get(17..)) else {
            return Err("身份证号只能由数字组成，最后一位可以是 X，请核对".into());
        };
        let Some(expected) = check_character(first17) else {
            return Err("身份证号前 17 位应全部是数字，请核对".into());
        };
        let birth_date = parse_birth(first17.get(6..14).unwrap_or_default())
            .ok_or("身份证号第 7 至 14 位不是有效的出生日期，请核对")?;
        if birth_date > today || birth_date.year() < 1880 {
            return Err("身份证号第 7 至 14 位的出生日期不可能，请核对".into());
        }
        if first17.starts_with('0') {
            return Err("身份证号开头两位不是有效的地区代码，请核对".into());
        }
        if last != expected.to_string() {
            return Err("身份证号有误，请逐位核对".into());
        }
        let odd = first17.bytes().last().is_some_and(|b| (b - b'0') % 2 == 1);
        Ok(Self {
            number,
            birth_date,
            sex: if odd { Sex::Male } else { Sex::Female },
        })
    }

    pub fn number(&self) -> &str {
        &self.number
    }

    /// `310101********1234`: what a page shows without the right to unmask.
    pub fn masked(&self) -> String {
        mask(&self.number)
    }

    pub fn age_on(&self, date: Date) -> u32 {
        date.years_since(self.birth_date).unwrap_or(0)
    }
}

/// Keeps six characters in front and four behind.
pub(crate) fn mask(number: &str) -> String {
    let front: String = number.chars().take(6).collect();
    let back: String = number
        .chars()
        .skip(number.chars().count().saturating_sub(4))
        .collect();
    format!("{front}********{back}")
}

fn parse_birth(text: &str) -> Option<Date> {
    Date::parse_from_str(text, "%Y%m%d").ok()
}

/// The wide rule: 11 digits that begin with 1 and a digit from 3 to 9. Gives the number as it is dialled at home.
pub fn check_mobile(text: &str) -> Result<String, String> {
    let number = typed::mobile(text);
    let bytes = number.as_bytes();
    let digits = bytes.iter().all(u8::is_ascii_digit);
    match bytes {
        [] => Err("请填写手机号".into()),
        [b'1', b'3'..=b'9', ..] if bytes.len() == 11 && digits => Ok(number),
        _ if bytes.len() == 11 && digits => Err("没有这样开头的手机号，请核对".into()),
        _ => Err("手机号应为 11 位数字，请核对".into()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn today() -> Date {
        "2026-11-22".parse().unwrap()
    }

    #[test]
    fn the_standards_own_sample_is_valid() {
        let id = ResidentId::parse("11010519491231002x", today()).unwrap();
        assert_eq!(id.sex, Sex::Female);
        assert_eq!(id.birth_date, "1949-12-31".parse::<Date>().unwrap());
        assert_eq!(id.masked(), "110105********002X");
    }

    #[test]
    fn a_wrong_check_digit_is_told_with_the_right_one() {
        let error = ResidentId::parse("110105194912310021", today()).unwrap_err();
        assert_eq!(error, "身份证号有误，请逐位核对");
    }

    #[test]
    fn an_impossible_birth_date_is_refused() {
        assert!(ResidentId::parse("932682198513010017", today()).is_err());
        assert!(ResidentId::parse("932682198502300017", today()).is_err());
        assert!(ResidentId::parse("身份证号码一二三四五六七八九十甲乙丙丁", today()).is_err());
    }
}
