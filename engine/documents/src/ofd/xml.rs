//! Writes XML of the OFD namespace: escaped, without white space between elements, one way of writing only.

const NAMESPACE: &str = "http://www.ofdspec.org/2016";

/// A document being written; elements are closed in the order in which they were opened.
pub(crate) struct Xml {
    text: String,
    open: Vec<&'static str>,
}

impl Xml {
    /// Begins a document with its root element.
    pub(crate) fn new(root: &'static str, attributes: &[(&str, &str)]) -> Self {
        let mut xml = Self {
            text: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
            open: Vec::new(),
        };
        let mut all = vec![("xmlns:ofd", NAMESPACE)];
        all.extend_from_slice(attributes);
        xml.open(root, &all);
        xml
    }

    pub(crate) fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) -> &mut Self {
        self.tag(name, attributes);
        self.text.push('>');
        self.open.push(name);
        self
    }

    pub(crate) fn close(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            self.text.push_str("</ofd:");
            self.text.push_str(name);
            self.text.push('>');
        }
        self
    }

    pub(crate) fn empty(&mut self, name: &'static str, attributes: &[(&str, &str)]) -> &mut Self {
        self.tag(name, attributes);
        self.text.push_str("/>");
        self
    }

    pub(crate) fn leaf(
        &mut self,
        name: &'static str,
        attributes: &[(&str, &str)],
        text: &str,
    ) -> &mut Self {
        self.open(name, attributes);
        escape(text, &mut self.text);
        self.close()
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        while !self.open.is_empty() {
            self.close();
        }
        self.text.into_bytes()
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.text.push_str("<ofd:");
        self.text.push_str(name);
        for (key, value) in attributes {
            self.text.push(' ');
            self.text.push_str(key);
            self.text.push_str("=\"");
            escape(value, &mut self.text);
            self.text.push('"');
        }
    }
}

/// Characters that XML 1.0 cannot carry at all are left out.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            c if (c as u32) < 0x20 || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {}
            c => out.push(c),
        }
    }
}

/// A length in millimetres with at most three places: a micrometre is finer than any printer.
pub(crate) fn number(value: f64) -> String {
    let rounded = (value * 1000.0).round() / 1000.0;
    if rounded == 0.0 {
        return "0".to_owned();
    }
    format!("{rounded}")
}

pub(crate) fn numbers(values: &[f64]) -> String {
    let words: Vec<String> = values.iter().map(|v| number(*v)).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped_and_control_characters_left_out() {
        let mut xml = Xml::new("OFD", &[]);
        xml.leaf("Title", &[("Name", "a\"<b>")], "甲&乙\u{1}");
        let text = String::from_utf8_lossy(&xml.finish()).into_owned();
        assert!(
            text.ends_with("<ofd:Title Name=\"a&quot;&lt;b&gt;\">甲&amp;乙</ofd:Title></ofd:OFD>")
        );
    }

    #[test]
    fn numbers_carry_no_more_than_three_places() {
        assert_eq!(numbers(&[1.0, 0.123_456, -0.000_01]), "1 0.123 0");
    }
}
