//! An answer as a person sees it: visible text, and parts by CSS selection. Knows no page of the product but how faults
//! stand beside their fields.

use scraper::{ElementRef, Node, Selector};
use serde_json::Value as Json;

/// More than this is not read at a glance.
const SHORT: usize = 360;
/// What is never read.
const UNSEEN: [&str; 6] = ["script", "style", "template", "head", "svg", "noscript"];
/// What stands in a line with its neighbours.
const INLINE: [&str; 9] = [
    "span", "a", "strong", "em", "b", "small", "label", "button", "legend",
];

#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    /// Where it was found, after every redirection.
    pub path: String,
    pub status: u16,
    pub media_type: String,
    pub body: Vec<u8>,
}

/// An element that was selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub text: String,
    attributes: Vec<(String, String)>,
}

impl Part {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Page {
    pub fn is_refusal(&self) -> bool {
        self.status >= 400
    }

    pub fn source(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    fn is_html(&self) -> bool {
        self.media_type.starts_with("text/html")
    }

    pub fn html(&self) -> scraper::Html {
        match self.is_html() {
            true => scraper::Html::parse_document(&self.source()),
            false => scraper::Html::new_document(),
        }
    }

    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// What can be read on it.
    pub fn text(&self) -> String {
        match self.is_html() {
            true => text_of(self.html().root_element()),
            false if self.media_type.contains("json") || self.media_type.starts_with("text/") => {
                self.source().into_owned()
            }
            false => format!("（{} 字节，{}）", self.body.len(), self.media_type),
        }
    }

    /// Whether these words can be read on it, wherever the lines break.
    pub fn holds(&self, words: &str) -> bool {
        folded(&self.text()).contains(&folded(words))
    }

    /// Errors: no selector.
    pub fn select(&self, css: &str) -> Result<Vec<Part>, String> {
        let selector = Selector::parse(css).map_err(|_| format!("“{css}”不是 CSS 选择器"))?;
        Ok(self.html().select(&selector).map(part).collect())
    }

    /// Where the first link with these words leads.
    pub fn link(&self, words: &str) -> Option<String> {
        let links = self.all("a[href]").into_iter();
        let mut named = links.filter(|link| link.text == words);
        Some(named.next()?.attribute("href")?.to_owned())
    }

    /// The same for selectors of this program.
    pub fn all(&self, css: &str) -> Vec<Part> {
        self.select(css).unwrap_or_default()
    }

    /// What is said of one field.
    pub fn faults_at(&self, field: &str) -> String {
        let name = field.replace('"', "");
        let css = format!("[id=\"f-{name}-error\"], [data-field=\"{name}\"] .tb-error");
        let parts = self.all(&css).into_iter().map(|part| part.text);
        parts.collect::<Vec<_>>().join(" ")
    }

    /// What it complains of.
    pub fn faults(&self) -> Vec<String> {
        let parts = self.all("[role=alert], .tb-error");
        let mut faults: Vec<String> = Vec::new();
        for part in parts {
            if !part.text.is_empty() && !faults.iter().any(|told| told.contains(&part.text)) {
                faults.push(part.text);
            }
        }
        faults
    }

    /// The page in a few lines: where, what it complains of, and how it begins.
    pub fn short(&self) -> String {
        let main = self.all("main").into_iter().next();
        let text = main.map_or_else(|| self.text(), |main| main.text);
        let mut lines = vec![format!("{} {}", self.status, self.path)];
        lines.extend(self.faults().into_iter().map(|fault| cut(&fault)));
        lines.push(cut(&text));
        lines.join("\n")
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// Without white space: where a line breaks says nothing.
pub(crate) fn folded(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn part(element: ElementRef) -> Part {
    let attributes = element.value().attrs();
    Part {
        text: text_of(element),
        attributes: attributes
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect(),
    }
}

pub(crate) fn text_of(element: ElementRef) -> String {
    let mut text = String::new();
    gather(element, &mut text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn gather(element: ElementRef, text: &mut String) {
    let value = element.value();
    if UNSEEN.contains(&value.name()) || value.attr("hidden").is_some() {
        return;
    }
    let block = !INLINE.contains(&value.name());
    if block {
        text.push(' ');
    }
    for child in element.children() {
        match child.value() {
            Node::Text(words) => text.push_str(words),
            Node::Element(_) => {
                if let Some(child) = ElementRef::wrap(child) {
                    gather(child, text);
                }
            }
            _ => {}
        }
    }
    if block {
        text.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(source: &str) -> Page {
        Page {
            path: "/a".into(),
            status: 422,
            media_type: "text/html; charset=utf-8".into(),
            body: source.as_bytes().to_vec(),
        }
    }

    #[test]
    fn only_what_can_be_read_is_text() {
        let source = "<head><title>头</title></head><main><p>甲<strong>乙</strong></p><p hidden>丙</p><script>丁</script></main>";
        assert_eq!(page(source).text(), "甲乙");
        assert!(page(source).holds("甲 乙") && !page(source).holds("丙"));
    }

    #[test]
    fn a_fault_is_found_at_its_field() {
        let form = "<div data-field=a><p class=tb-error>请填写</p></div><p id=f-b-error class=tb-error>不对</p>";
        let page = page(form);
        assert_eq!(
            (page.faults_at("a").as_str(), page.faults_at("b").as_str()),
            ("请填写", "不对")
        );
        assert_eq!(page.faults(), ["请填写", "不对"]);
        assert_eq!(page.faults_at("c"), "");
    }
}
