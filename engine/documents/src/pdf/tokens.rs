//! Reads PDF's written values, as far as dictionaries have to be taken apart and put together again.

/// Deeper nesting is no document but an attack.
const DEEPEST: usize = 64;

/// A dictionary as raw values in their order; names without the slash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dictionary(Vec<(Vec<u8>, Vec<u8>)>);

impl Dictionary {
    /// The dictionary that begins at `at`, and where it ends.
    pub(crate) fn read(bytes: &[u8], at: usize) -> Option<(Self, usize)> {
        let mut at = skip(bytes, at);
        if bytes.get(at..at + 2)? != b"<<" {
            return None;
        }
        at += 2;
        let mut found = Vec::new();
        loop {
            at = skip(bytes, at);
            if bytes.get(at..at + 2)? == b">>" {
                return Some((Self(found), at + 2));
            }
            let end = value_end(bytes, at, 0)?;
            let name = bytes.get(at..end)?.strip_prefix(b"/")?.to_vec();
            let start = skip(bytes, end);
            let end = value_end(bytes, start, 0)?;
            found.push((name, bytes.get(start..end)?.to_vec()));
            at = end;
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        self.0
            .iter()
            .find(|(n, _)| n == name.as_bytes())
            .map(|(_, value)| value.as_slice())
    }

    /// Whether the value is that name, however it is written.
    pub(crate) fn is(&self, key: &str, wanted: &str) -> bool {
        self.get(key)
            .is_some_and(|value| value.starts_with(b"/") && name(value) == wanted.as_bytes())
    }

    /// Names and raw values in their order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.iter().map(|(n, v)| (n.as_slice(), v.as_slice()))
    }

    pub(crate) fn set(&mut self, name: &str, value: Vec<u8>) {
        match self.0.iter_mut().find(|(n, _)| n == name.as_bytes()) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name.as_bytes().to_vec(), value)),
        }
    }

    pub(crate) fn reference(&self, name: &str) -> Option<u32> {
        self.get(name).and_then(reference)
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = b"<<".to_vec();
        for (name, value) in &self.0 {
            out.push(b'/');
            out.extend_from_slice(name);
            out.push(b' ');
            out.extend_from_slice(value);
        }
        out.extend_from_slice(b">>");
        out
    }
}

/// The object number of `12 0 R`.
pub(crate) fn reference(value: &[u8]) -> Option<u32> {
    let mut words = std::str::from_utf8(value).ok()?.split_ascii_whitespace();
    let number = words.next()?.parse().ok()?;
    words.next()?.parse::<u16>().ok()?;
    (words.next()? == "R" && words.next().is_none()).then_some(number)
}

/// The values of an array.
pub(crate) fn items(value: &[u8]) -> Option<Vec<&[u8]>> {
    if value.first() != Some(&b'[') {
        return None;
    }
    let mut at = 1;
    let mut found = Vec::new();
    loop {
        at = skip(value, at);
        if value.get(at)? == &b']' {
            return Some(found);
        }
        let end = value_end(value, at, 0)?;
        found.push(value.get(at..end)?);
        at = end;
    }
}

/// The value that begins at `at`.
pub(crate) fn value(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let at = skip(bytes, at);
    bytes.get(at..value_end(bytes, at, 0)?)
}

/// Every name and everything else in a value, however deep, in their order. What stands in strings is no name.
pub(crate) fn each_token(value: &[u8], mut take: impl FnMut(Token)) {
    let mut at = 0;
    loop {
        at = skip(value, at);
        let Some(byte) = value.get(at) else { return };
        let end = match byte {
            b'/' => word_end(value, at + 1),
            b'(' => string_end(value, at).unwrap_or(value.len()),
            b'<' if value.get(at + 1) != Some(&b'<') => value
                .get(at..)
                .and_then(|rest| rest.iter().position(|b| *b == b'>'))
                .map_or(value.len(), |length| at + length + 1),
            b'<' => at + 2,
            b'>' | b'[' | b']' | b'{' | b'}' | b')' => at + 1,
            _ => reference_end(value, at).unwrap_or(word_end(value, at)),
        };
        let end = end.max(at + 1);
        let raw = value.get(at..end).unwrap_or_default();
        match (byte, reference(raw)) {
            (b'/', _) => take(Token::Name(name(raw))),
            (b'(', _) => take(Token::Text(raw)),
            (b'<', _) if raw.len() > 1 => take(Token::Text(raw)),
            (_, Some(id)) => take(Token::Reference(id)),
            _ => take(Token::Other),
        }
        at = end;
    }
}

pub(crate) enum Token<'a> {
    Name(Vec<u8>),
    /// With its brackets, round or pointed.
    Text(&'a [u8]),
    Reference(u32),
    Other,
}

/// A name without its slash, `#53` read as the character that it stands for.
pub(crate) fn name(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw.strip_prefix(b"/").unwrap_or(raw);
    while let Some((first, more)) = rest.split_first() {
        let digit = |at: usize| char::from(*more.get(at)?).to_digit(16);
        match (first, digit(0), digit(1)) {
            (b'#', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                rest = more.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(*first);
                rest = more;
            }
        }
    }
    out
}

pub(crate) fn number(value: &[u8]) -> Option<f64> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

pub(crate) fn skip(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' {
            while bytes.get(at).is_some_and(|b| !matches!(b, b'\r' | b'\n')) {
                at += 1;
            }
        } else if is_space(*byte) {
            at += 1;
        } else {
            break;
        }
    }
    at
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

/// Where the value that begins at `at` ends; a reference is one value.
fn value_end(bytes: &[u8], at: usize, depth: usize) -> Option<usize> {
    if depth > DEEPEST {
        return None;
    }
    match bytes.get(at)? {
        b'<' if bytes.get(at + 1) == Some(&b'<') => group_end(bytes, at + 2, b">>", depth),
        b'[' => group_end(bytes, at + 1, b"]", depth),
        b'<' => Some(at + bytes.get(at..)?.iter().position(|b| *b == b'>')? + 1),
        b'(' => string_end(bytes, at),
        b'/' => Some(word_end(bytes, at + 1)),
        byte if is_regular(*byte) => Some(reference_end(bytes, at).unwrap_or(word_end(bytes, at))),
        _ => None,
    }
}

fn group_end(bytes: &[u8], mut at: usize, close: &[u8], depth: usize) -> Option<usize> {
    loop {
        at = skip(bytes, at);
        if bytes.get(at..)?.starts_with(close) {
            return Some(at + close.len());
        }
        at = value_end(bytes, at, depth + 1)?;
    }
}

fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut open = 0;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 1,
            b'(' => open += 1,
            b')' => open -= 1,
            _ => {}
        }
        at += 1;
        if open == 0 {
            return Some(at);
        }
    }
}

fn word_end(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|b| is_regular(*b)) {
        at += 1;
    }
    at
}

fn reference_end(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = |from: usize| {
        let end = word_end(bytes, from);
        let word = bytes.get(from..end)?;
        (!word.is_empty() && word.iter().all(u8::is_ascii_digit)).then_some(end)
    };
    let second = skip(bytes, digits(at)?);
    let third = skip(bytes, digits(second)?);
    (bytes.get(third..word_end(bytes, third))? == b"R").then_some(third + 1)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_keeps_the_raw_text_of_its_values() {
        let text = b"<</A 12 0 R/B[1 2 0 R(x\\)())]/C<</D<0f>>>/E true>> rest";
        let (mut dictionary, end) = Dictionary::read(text, 0).unwrap();
        assert_eq!(&text[end..], b" rest");
        assert_eq!(dictionary.reference("A"), Some(12));
        assert_eq!(items(dictionary.get("B").unwrap()).unwrap().len(), 3);
        dictionary.set("E", b"false".to_vec());
        assert_eq!(
            dictionary.write(),
            b"<</A 12 0 R/B [1 2 0 R(x\\)())]/C <</D<0f>>>/E false>>"
        );
    }

    #[test]
    fn endless_nesting_and_broken_text_are_refused() {
        assert!(Dictionary::read(&b"<</A".repeat(9000), 0).is_none());
        assert!(Dictionary::read(b"<</A (b", 0).is_none());
    }
}
