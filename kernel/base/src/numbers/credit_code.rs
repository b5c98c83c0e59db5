//! Unified social credit codes (GB 32100).

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [usize; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];

/// Checks form and check character. The inner organisation-code check is not enforced: some issued codes fail it.
pub fn check_credit_code(text: &str) -> Result<(), String> {
    let bytes = text.as_bytes();
    if bytes.len() != 18 {
        return Err(format!(
            "统一社会信用代码应为 18 位，现在是 {} 位，请核对",
            text.chars().count()
        ));
    }
    let mut sum = 0;
    for (byte, weight) in bytes.iter().zip(WEIGHTS) {
        sum += value(*byte)? * weight;
    }
    let expected = ALPHABET[(31 - sum % 31) % 31];
    match bytes.last() {
        Some(last) if *last == expected => Ok(()),
        _ => Err("统一社会信用代码有误，请逐位核对".into()),
    }
}

fn value(byte: u8) -> Result<usize, String> {
    ALPHABET.iter().position(|a| *a == byte).ok_or_else(|| {
        "统一社会信用代码只含数字和大写字母（不含 I、O、S、V、Z），请核对".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issued_codes_pass_and_a_changed_one_fails() {
        for code in [
            "11100000000013338W",
            "91440300708461136T",
            "11310000MB2F30661Y",
        ] {
            assert!(check_credit_code(code).is_ok(), "{code}");
        }
        assert!(check_credit_code("11100000000013338X").is_err());
        assert!(check_credit_code("91350211M000100Y43").is_err());
    }
}
