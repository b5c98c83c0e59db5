//! Names and numbers for eyes that need not know them whole.

/// Shows who is meant without telling: the first character of a name.
pub fn mask_name(name: &str) -> String {
    let mut characters = name.chars();
    let first: String = characters.next().into_iter().collect();
    first + &"*".repeat(characters.count())
}

/// Six characters in front and four behind; a shorter number shows its last two.
pub fn mask_number(number: &str) -> String {
    let length = number.chars().count();
    let (front, back) = if length >= 15 {
        (6, 4)
    } else {
        (0, 2.min(length))
    };
    let characters = number.chars().enumerate();
    characters
        .map(|(at, c)| {
            if at < front || at + back >= length {
                c
            } else {
                '*'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_holder_can_be_recognised_but_not_read() {
        assert_eq!(mask_name("测试一二三"), "测****");
        assert_eq!(mask_name(""), "");
        assert_eq!(mask_number("310000199001010010"), "310000********0010");
        assert_eq!(mask_number("E12345678"), "*******78");
        assert_eq!(mask_number("7"), "7");
    }
}
