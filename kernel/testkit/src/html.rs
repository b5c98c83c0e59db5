//! Pages as a test reads them: by CSS selection on parsed HTML, never by substring.
//! Knows no page of the product.

#![expect(
    clippy::panic,
    reason = "an assertion that fails says what it looked for and in what"
)]

use scraper::{ElementRef, Selector};

/// A parsed page or fragment.
pub struct Html {
    tree: scraper::Html,
    source: String,
}

/// One element as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Text with runs of white space folded to one blank.
    pub text: String,
    pub attributes: Vec<(String, String)>,
    pub html: String,
}

impl Part {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Html {
    pub fn parse(source: &str) -> Self {
        Self {
            tree: scraper::Html::parse_document(source),
            source: source.to_owned(),
        }
    }

    /// The only element that fits; panics at none and at several.
    #[track_caller]
    pub fn one(&self, css: &str) -> Part {
        let mut found = self.all(css);
        match (found.pop(), found.len()) {
            (Some(part), 0) => part,
            (None, _) => panic!("0 elements for `{css}` in\n{}", self.source),
            (_, rest) => panic!(
                "{} elements for `{css}`, not one, in\n{}",
                rest + 1,
                self.source
            ),
        }
    }

    #[track_caller]
    pub fn all(&self, css: &str) -> Vec<Part> {
        let Ok(selector) = Selector::parse(css) else {
            panic!("`{css}` is no CSS selector");
        };
        self.tree.select(&selector).map(part).collect()
    }

    #[track_caller]
    pub fn has(&self, css: &str) -> bool {
        !self.all(css).is_empty()
    }

    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        self.one(css).text
    }

    #[track_caller]
    pub fn texts(&self, css: &str) -> Vec<String> {
        self.all(css).into_iter().map(|part| part.text).collect()
    }
}

fn part(element: ElementRef<'_>) -> Part {
    let text: String = element.text().collect();
    let attributes = element.value().attrs();
    Part {
        text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        attributes: attributes
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect(),
        html: element.html(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<title>通办</title><ul><li class=a>甲\n 一</li><li hidden>乙</li></ul>";

    #[test]
    fn elements_are_found_by_selection() {
        let page = Html::parse(PAGE);
        assert_eq!(page.text("title"), "通办");
        assert_eq!(page.texts("li"), ["甲 一", "乙"]);
        assert_eq!(page.one("li.a").attribute("class"), Some("a"));
        assert!(page.has("li[hidden]") && !page.has("table"));
    }

    #[test]
    #[should_panic(expected = "2 elements for `li`")]
    fn two_elements_are_not_one() {
        Html::parse(PAGE).one("li");
    }

    #[test]
    #[should_panic(expected = "0 elements for `table`")]
    fn none_is_not_one() {
        Html::parse(PAGE).one("table");
    }
}
