//! Numbers of telephones at home, as they are written: area, number, extension. Knows no number that exists.

use crate::typed;

/// Takes brackets, dashes, spaces and extensions as people write them, and gives `021-68888888`, with an extension
/// `021-68888888-123`; numbers without an area, of mobile telephones and free ones as they are dialled.
/// Errors: which form is wanted.
pub fn check_phone(text: &str) -> Result<String, String> {
    read(text).ok_or_else(|| {
        "电话应写作 021-12345678 这样的形式（区号-号码），有分机的写作 021-12345678-123，手机写 11 位号码，请核对"
            .to_owned()
    })
}

fn read(text: &str) -> Option<String> {
    let line: String = typed::line(text).to_lowercase();
    let line: String = line.chars().map(dashed).collect();
    let line = line.strip_prefix("tel:").unwrap_or(&line).trim();
    for word in ["分机号", "分机", "转", "ext.", "ext", "#", "x"] {
        if let Some((front, back)) = line.split_once(word) {
            let front = front.trim_end_matches([' ', ',', '-', '(', '转']);
            return extended(front, back);
        }
    }
    let Some((front, back)) = line.rsplit_once('-') else {
        return number(line);
    };
    // `021-6888888-1` is not one number of eight digits.
    let before = front.rsplit('-').next().unwrap_or_default();
    let stands_alone = before.bytes().filter(u8::is_ascii_digit).count() >= 7;
    match stands_alone {
        true => extended(front, back),
        false => number(line).or_else(|| extended(front, back)),
    }
}

fn dashed(character: char) -> char {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{30fc}' | '\u{fe63}' => '-',
        other => other,
    }
}

fn extended(front: &str, back: &str) -> Option<String> {
    let extension = back.trim_matches([' ', ':', '-', '.', ')']);
    let fits = (1..=6).contains(&extension.len());
    let digits = extension.bytes().all(|b| b.is_ascii_digit());
    let number = number(front).filter(|_| fits && digits)?;
    Some(format!("{number}-{extension}"))
}

fn number(text: &str) -> Option<String> {
    let text = text.trim_start_matches([' ', '(']);
    let abroad = text.strip_prefix('+');
    let rest = abroad.unwrap_or(text);
    let sign = |c: char| matches!(c, ' ' | '-' | '(' | ')' | '.');
    if !rest.chars().all(|c| c.is_ascii_digit() || sign(c)) {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let country = match digits.strip_prefix("0086") {
        Some(rest) => Some(rest),
        None if abroad.is_some() || digits.len() >= 12 => digits.strip_prefix("86"),
        None => None,
    };
    match country {
        Some(rest) => at_home(rest).or_else(|| at_home(&format!("0{rest}"))),
        None if abroad.is_some() => None,
        None => at_home(&digits),
    }
}

fn at_home(digits: &str) -> Option<String> {
    if is_mobile(digits) {
        return Some(digits.to_owned());
    }
    if let Some(long) = digits.strip_prefix('0') {
        if is_mobile(long) {
            return Some(long.to_owned());
        }
        let is_short = long.starts_with("10") || long.starts_with('2');
        let (area, own) = digits.split_at_checked(if is_short { 3 } else { 4 })?;
        return matches!(own.len(), 7 | 8).then(|| format!("{area}-{own}"));
    }
    let is_free = digits.starts_with("400") || digits.starts_with("800");
    match digits.len() {
        7 | 8 => Some(digits.to_owned()),
        10 if is_free => Some(format!(
            "{}-{}-{}",
            digits.get(..3)?,
            digits.get(3..6)?,
            digits.get(6..)?
        )),
        _ => None,
    }
}

fn is_mobile(digits: &str) -> bool {
    let begins = matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..]);
    begins && digits.len() == 11
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_is_taken_as_people_write_it() {
        for (typed, kept) in [
            ("021-68888888", "021-68888888"),
            ("021-00000111", "021-00000111"),
            ("（０２１）６８８８８８８８", "021-68888888"),
            ("(021) 6888 8888", "021-68888888"),
            ("021－6888－8888", "021-68888888"),
            ("021——68888888", "021-68888888"),
            ("\u{202a}021\u{2013}68888888", "021-68888888"),
            ("02168888888", "021-68888888"),
            ("0571 8888888", "0571-8888888"),
            ("+86 21 6888 8888", "021-68888888"),
            ("0086-21-68888888", "021-68888888"),
            ("86-10-68888888", "010-68888888"),
            ("6888 8888", "68888888"),
            ("138 0000 5678", "13800005678"),
            ("+86 138-0000-5678", "13800005678"),
            ("4008888888", "400-888-8888"),
            ("021-6888 8888 转 123", "021-68888888-123"),
            ("021-68888888转分机１２３", "021-68888888-123"),
            ("021-68888888（分机：123）", "021-68888888-123"),
            ("021-68888888 ext. 123", "021-68888888-123"),
            ("021-68888888-123", "021-68888888-123"),
            ("021-6888888-1", "021-6888888-1"),
            ("400-888-8888-12", "400-888-8888-12"),
        ] {
            assert_eq!(check_phone(typed).as_deref(), Ok(kept), "{typed}");
            assert_eq!(check_phone(kept).as_deref(), Ok(kept), "once more");
        }
    }

    #[test]
    fn whoever_writes_no_telephone_is_told_the_form_with_an_example() {
        for wrong in [
            "abc",
            "",
            "12345",
            "021-123",
            "021-68888888 转",
            "+1 212 555 0100",
            "021-68888888转1234567",
            "前台",
            "0216888888899",
        ] {
            let told = check_phone(wrong).err().unwrap_or_default();
            assert!(told.contains("021-12345678-123"), "{wrong}: {told}");
        }
    }
}
