//! What people type, brought into the one form in which it is kept: the same for every door (forms, registration, login,
//! search). Refuses nothing but a name that no card can carry.

/// Full-width letters, digits and signs become those of the keyboard.
pub fn narrow(character: char) -> char {
    match character {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        other => other,
    }
}

/// Marks that nobody sees and that come along when text is copied: breaks of no width, soft hyphens, marks of the
/// reading direction, selectors of a character's variant.
pub fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180b}'..='\u{180e}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The text without what nobody sees, and without space around it.
pub fn visible(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    seen.trim().to_owned()
}

/// One line of keyboard characters: login names, addresses of e-mail.
pub fn line(text: &str) -> String {
    visible(text).chars().map(narrow).collect()
}

/// A file's own name, as it may stand in a list: no folder, and nothing unseen that makes it read as another.
pub fn file_name(text: &str) -> String {
    let own = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = own.chars().filter(|c| !c.is_control()).collect();
    visible(&shown)
}

/// A number without the spaces and dashes that group its digits.
pub fn digits(text: &str) -> String {
    let dash = |c: char| matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let narrow = text.chars().map(narrow);
    narrow
        .filter(|c| !c.is_whitespace() && !dash(*c) && !is_joining(*c))
        .collect()
}

/// In numbers the joiners of other scripts are of no use either.
fn is_joining(character: char) -> bool {
    is_invisible(character) || matches!(character, '\u{200c}' | '\u{200d}')
}

/// A mobile number as it is dialled at home.
pub fn mobile(text: &str) -> String {
    let written = text.trim();
    let written = written.strip_prefix("tel:").unwrap_or(written);
    let number: String = digits(written)
        .chars()
        .filter(|c| !matches!(c, '.' | '(' | ')'))
        .collect();
    let home = ["+86", "0086", "86"].iter().find_map(|code| {
        let rest = number.strip_prefix(code)?;
        (rest.len() == 11 && rest.starts_with('1')).then(|| rest.to_owned())
    });
    home.unwrap_or(number)
}

/// A number with letters in it: capitals, and each of the signs that look like X as an X.
pub fn code(text: &str) -> String {
    let letter = |c: char| match c {
        '×' | '✕' | '╳' | 'Х' | 'х' | 'Χ' | 'χ' => 'X',
        other => other.to_ascii_uppercase(),
    };
    digits(text).chars().map(letter).collect()
}

/// The forms under which words that somebody looks for may be kept, each once: as they were typed, on the keyboard, as a
/// name, as a number. None of words that nobody sees.
pub fn sought(words: &str) -> Vec<String> {
    let seen = visible(words);
    let forms = [
        Some(seen.clone()),
        Some(line(&seen)),
        name(&seen).ok(),
        Some(digits(&seen)),
        Some(code(&seen)),
    ];
    let mut sought: Vec<String> = Vec::new();
    for form in forms.into_iter().flatten() {
        if !form.is_empty() && !sought.contains(&form) {
            sought.push(form);
        }
    }
    sought
}

/// `1,234.5` is a number, `6,5` is none: a comma stands only before each group of three digits.
pub fn decimal(text: &str) -> Option<String> {
    let text: String = line(text).chars().filter(|c| !c.is_whitespace()).collect();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let groups: Vec<&str> = whole.split(',').collect();
    let grouped = match groups.as_slice() {
        [only] => all(only),
        [first, rest @ ..] => {
            all(first) && first.len() <= 3 && rest.iter().all(|g| g.len() == 3 && all(g))
        }
        [] => false,
    };
    (grouped && all(fraction)).then(|| text.replace(',', "").trim_start_matches('+').to_owned())
}

/// In characters; the longest names in use have some forty.
pub const LONGEST_NAME: usize = 50;

/// The name of a person as the card has it; otherwise what is wrong with it and what to do, for whoever typed it.
pub fn name(text: &str) -> Result<String, String> {
    let typed: Vec<char> = text.chars().filter(|c| !is_joining(*c)).collect();
    let spaced: String = typed.iter().copied().map(narrow).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let name: Vec<char> = words.join(" ").chars().collect();
    let name: String = (0..name.len()).map(|at| sign(&name, at)).collect();
    if name.is_empty() {
        return Err("请填写身份证上的姓名".into());
    }
    if let Some((at, own)) = name
        .chars()
        .zip(1..)
        .find_map(|(c, at)| is_private(c).then_some((at, c)))
    {
        return Err(match standard(own) {
            Some(right) => format!(
                "姓名第 {at} 个字是旧字库里的“{right}”，别处显示不出来，请重新输入“{right}”"
            ),
            None => format!("姓名第 {at} 个字是自造字，别处显示不出来，请用输入法重新输入这个字"),
        });
    }
    let fits =
        |c: char| c.is_alphabetic() || is_mark(c) || matches!(c, '·' | ' ' | '\'' | '-' | '.');
    if let Some(strange) = name.chars().find(|c| !fits(*c)) {
        return Err(format!("姓名里不能有“{strange}”，请按身份证上的姓名填写"));
    }
    if !name.chars().any(char::is_alphabetic) {
        return Err("请填写身份证上的姓名".into());
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(format!(
            "姓名最多 {LONGEST_NAME} 个字，请按身份证上的姓名填写"
        ));
    }
    Ok(name)
}

/// The many dots and apostrophes that keyboards give, as the one that cards have. A full stop between Latin letters
/// stays one: `John F. Smith`.
fn sign(name: &[char], at: usize) -> char {
    let Some(&character) = name.get(at) else {
        return ' ';
    };
    let beside = |step: Option<usize>| step.and_then(|at| name.get(at)).copied();
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_alphabetic() && u32::from(c) < 0x250);
    match character {
        '.' if latin(beside(at.checked_sub(1))) => '.',
        '.' | '•' | '‧' | '∙' | '⋅' | '・' | '･' | '﹒' | '⸱' | '●' | '᛫' | '⸳' | '˙' | '。'
        | '｡' => '·',
        '‘' | '’' | 'ʼ' | '′' | '`' | '´' | '＇' => '\'',
        '‐' | '‑' | '–' | '—' | '−' => '-',
        other => other,
    }
}

/// Accents that some keyboards type behind their letter.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

fn is_private(character: char) -> bool {
    matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10fffd}')
}

/// Characters that GB 18030 had to keep in the private area before they got a place of their own.
fn standard(character: char) -> Option<char> {
    Some(match character {
        '\u{e81e}' => '\u{9fb4}',
        '\u{e826}' => '\u{9fb5}',
        '\u{e82b}' => '\u{9fb6}',
        '\u{e82c}' => '\u{9fb7}',
        '\u{e832}' => '\u{9fb8}',
        '\u{e843}' => '\u{9fb9}',
        '\u{e854}' => '\u{9fba}',
        '\u{e863}' => '䶮',
        '\u{e864}' => '\u{9fbb}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_as_they_are_pasted() {
        for typed in [
            "13800005678",
            "１３８００００５６７８",
            "\u{202d}138 0000 5678\u{202c}",
            "+86 138-0000-5678",
            "＋８６１３８００００５６７８",
            "0086 13800005678",
            "8613800005678",
            "138.0000.5678",
            "（138）0000-5678",
            "tel:+86 (138) 00005678",
            "138\u{2011}0000\u{2011}5678",
            "\u{feff}138\u{200d}00005678\u{200b}",
        ] {
            assert_eq!(mobile(typed), "13800005678", "{typed:?}");
        }
        assert_eq!(mobile("86138"), "86138");
        for last in ["x", "X", "ｘ", "×", "Х", "х", "Χ"] {
            let typed = format!("１１０１０５ 19491231 002{last}");
            assert_eq!(code(&typed), "11010519491231002X", "{last}");
        }
    }

    #[test]
    fn a_comma_is_taken_only_before_three_digits() {
        for (typed, number) in [
            ("6.5", "6.5"),
            ("1,234", "1234"),
            ("１，２３４．５", "1234.5"),
            ("-12", "-12"),
            ("+7", "7"),
            (" 1 200 ", "1200"),
        ] {
            assert_eq!(decimal(typed).as_deref(), Some(number), "{typed}");
        }
        for wrong in [
            "6,5", "1,23,456", "1234,567", ",5", "1,", "1e5", "inf", "1.2.3", "1.2,345", "",
        ] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_name_is_taken_as_it_is_on_the_card() {
        for (typed, kept) in [
            ("六", "六"),
            ("阿依古丽•买买提", "阿依古丽·买买提"),
            ("阿依古丽﹒买买提", "阿依古丽·买买提"),
            ("阿依古丽⸱买买提", "阿依古丽·买买提"),
            ("阿依古丽．买买提", "阿依古丽·买买提"),
            ("O’Brien", "O'Brien"),
            ("John F. Smith", "John F. Smith"),
            ("Ｊｏｈｎ　Ｓｍｉｔｈ", "John Smith"),
            ("测\u{200b}试\u{fe00}一\u{e0100}", "测试一"),
            ("  测试  ", "测试"),
            ("测试𠮷", "测试𠮷"),
            ("Müller-Lüdenscheidt", "Müller-Lüdenscheidt"),
        ] {
            assert_eq!(name(typed).as_deref(), Ok(kept), "{typed}");
        }
    }

    #[test]
    fn a_name_that_no_card_carries_is_refused_with_what_is_wrong() {
        for (typed, words) in [
            ("测试1", "姓名里不能有“1”"),
            ("<b>", "姓名里不能有“<”"),
            ("测\u{e000}", "姓名第 2 个字是自造字"),
            ("测试\u{e863}", "姓名第 3 个字是旧字库里的“䶮”"),
            ("·", "请填写身份证上的姓名"),
            ("\u{200b}", "请填写身份证上的姓名"),
        ] {
            let told = name(typed).err().unwrap_or_default();
            assert!(told.starts_with(words), "{typed:?}: {told}");
        }
        assert!(name(&"长".repeat(51)).is_err());
    }

    #[test]
    fn words_are_looked_for_in_every_form_in_which_they_may_be_kept() {
        for (typed, kept) in [
            ("\u{202a}测试 一", "测试一"),
            ("阿依古丽•买买提", "阿依古丽·买买提"),
            ("3100 0019 9001 0100 2x", "31000019900101002X"),
            ("示例２０２６　０００００１", "示例2026000001"),
            ("示例（测试）公司", "示例（测试）公司"),
            ("示例（测试）公司", "示例(测试)公司"),
        ] {
            assert!(sought(typed).iter().any(|form| form == kept), "{typed}");
        }
        assert_eq!(sought("测试一"), ["测试一"]);
        assert!(sought(" \u{200b} ").is_empty());
    }

    #[test]
    fn a_file_name_shows_what_it_is() {
        assert_eq!(file_name("C:\\tmp\\身份证.pdf"), "身份证.pdf");
        assert_eq!(file_name("../合同\u{202e}fdp.exe\u{7}"), "合同fdp.exe");
    }
}
