//! What in a PDF does something by itself: scripts, actions that start a program, forms that are programs, attached
//! programs.

use std::collections::BTreeSet;

use super::objects::Objects;
use crate::inspect::Refusal;
use crate::pdf::tokens::{Dictionary, Token, each_token};

/// Attachments of invoices, receipts and letters; everything else may be a program.
const PASSIVE: [&str; 11] = [
    ".xml", ".xbrl", ".ofd", ".pdf", ".txt", ".csv", ".json", ".png", ".jpg", ".jpeg", ".eml",
];
const PROGRAMS: [&[u8]; 5] = [
    b"MZ",
    b"\x7FELF",
    b"#!",
    b"\xCF\xFA\xED\xFE",
    b"\xCA\xFE\xBA\xBE",
];
const HEAD: u64 = 16;

pub(super) fn check(bytes: &[u8], objects: &Objects) -> Result<(), Refusal> {
    let mut attached = BTreeSet::new();
    for text in &objects.texts {
        look(text, &mut attached)?;
    }
    if let Some((trailer, _)) = bytes
        .windows(7)
        .rposition(|w| w == b"trailer")
        .and_then(|at| Dictionary::read(bytes, at + 7))
    {
        look(&trailer.write(), &mut attached)?;
    }
    for (id, dictionary) in objects.streams() {
        if dictionary.is("Type", "EmbeddedFile") {
            attached.insert(id);
        }
    }
    for id in attached {
        let head = objects.beginning(id, HEAD).unwrap_or_default();
        if PROGRAMS.iter().any(|program| head.starts_with(program)) {
            return Err(has_program());
        }
    }
    Ok(())
}

/// One dictionary with everything in it.
fn look(text: &[u8], attached: &mut BTreeSet<u32>) -> Result<(), Refusal> {
    let mut found = None;
    let (mut last, mut is_file) = (Vec::new(), false);
    let mut names: Vec<String> = Vec::new();
    let mut references = BTreeSet::new();
    each_token(text, |token| match token {
        Token::Name(name) => {
            match (last.as_slice(), name.as_slice()) {
                (_, b"JS") | (b"S", b"JavaScript") => found = Some(has_script()),
                (b"S", b"Launch") => found = Some(has_launch()),
                (_, b"XFA") | (b"Subtype", b"RichMedia") => found = Some(has_form()),
                (_, b"EF") => is_file = true,
                _ => {}
            }
            last = name;
        }
        Token::Text(raw) => {
            if matches!(last.as_slice(), b"F" | b"UF" | b"DOS" | b"Unix") {
                names.push(file_name(raw));
            }
            last.clear();
        }
        Token::Reference(id) => {
            // The kind of an action told elsewhere is a way around this check.
            if last == b"S" && is_action(text) {
                found = Some(has_script());
            }
            references.insert(id);
            last.clear();
        }
        Token::Other => {}
    });
    if is_file {
        attached.extend(references);
        if names.iter().any(|name| !is_passive(name)) {
            found = Some(has_program());
        }
    }
    found.map_or(Ok(()), Err)
}

fn is_action(text: &[u8]) -> bool {
    text.windows(7).any(|w| w == b"/Action")
}

/// The visible ASCII of a name in small letters, whatever its encoding.
fn file_name(raw: &[u8]) -> String {
    let mut bytes = Vec::new();
    match raw.strip_prefix(b"<") {
        Some(hex) => {
            let digits: Vec<u32> = hex
                .iter()
                .filter_map(|b| char::from(*b).to_digit(16))
                .collect();
            bytes.extend(digits.chunks(2).filter_map(|pair| {
                let [high, low] = pair else { return None };
                u8::try_from(high * 16 + low).ok()
            }));
        }
        None => {
            let mut rest = raw;
            while let Some((first, more)) = rest.split_first() {
                let is_octal = |at: usize| more.get(at).is_some_and(|b| (b'0'..b'8').contains(b));
                rest = more;
                if *first == b'\\' && (0..3).all(is_octal) {
                    rest = more.get(3..).unwrap_or_default();
                } else {
                    bytes.push(*first);
                }
            }
        }
    }
    let seen = bytes.iter().filter(|b| b.is_ascii_graphic());
    seen.filter(|b| !b"()\\".contains(b))
        .map(|b| char::from(b.to_ascii_lowercase()))
        .collect()
}

fn is_passive(name: &str) -> bool {
    !name.contains('.') || PASSIVE.iter().any(|ending| name.ends_with(ending))
}

fn has_script() -> Refusal {
    Refusal::new(
        "upload.active",
        "这个 PDF 里有脚本，不能上传；请打开后用“打印”另存为新的 PDF 再上传",
    )
}

fn has_launch() -> Refusal {
    Refusal::new(
        "upload.active",
        "这个 PDF 会启动别的程序，不能上传；请打开后用“打印”另存为新的 PDF 再上传",
    )
}

fn has_form() -> Refusal {
    Refusal::new(
        "upload.active",
        "这个 PDF 是会变的动态表单，不能上传；请填好后用“打印”另存为新的 PDF 再上传",
    )
}

fn has_program() -> Refusal {
    Refusal::new(
        "upload.active",
        "这个 PDF 里夹带了程序文件，不能上传；请打开后用“打印”另存为新的 PDF 再上传",
    )
}
