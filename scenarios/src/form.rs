//! A form of a page, filled in as a browser does: what stands in it stays unless it is changed.

use scraper::{ElementRef, Html, Selector};

use crate::page::{Page, text_of};

/// A form with everything that belongs to it, wherever it stands on the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    pub id: String,
    pub action: String,
    controls: Vec<Control>,
    buttons: Vec<Button>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Control {
    name: String,
    kind: Kind,
    value: String,
    label: String,
    /// Of what can be ticked or chosen.
    chosen: bool,
    /// Of a part that is not shown: sent only when somebody fills it in.
    asleep: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Hidden,
    Text,
    Radio,
    Box,
    /// One choice of a list.
    Option,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Button {
    name: String,
    value: String,
    label: String,
}

impl Button {
    fn is(&self, word: &str) -> bool {
        self.value == word || self.label == word
    }
}

impl Form {
    /// The first form of a page for which this holds.
    pub fn find(page: &Page, fits: impl Fn(&Form) -> bool) -> Option<Form> {
        let html = page.html();
        let forms = select(&html, "form");
        let mut forms = forms.into_iter().map(|form| read(&html, form, &page.path));
        forms.find(fits)
    }

    pub fn has_button(&self, word: &str) -> bool {
        self.buttons.iter().any(|button| button.is(word))
    }

    pub fn buttons(&self) -> String {
        let labels: Vec<&str> = self.buttons.iter().map(|b| b.label.as_str()).collect();
        labels.join("、")
    }

    /// Whether a person can fill in something of this name.
    pub fn has(&self, name: &str) -> bool {
        let mut controls = self.controls.iter();
        controls.any(|c| c.name == name && c.kind != Kind::Hidden)
    }

    /// Whether it is typed, not chosen.
    pub fn is_typed(&self, name: &str) -> bool {
        let mut controls = self.controls.iter();
        controls.any(|c| c.name == name && c.kind == Kind::Text)
    }

    /// Whether this can be chosen there.
    pub fn offers(&self, name: &str, word: &str) -> bool {
        let mut controls = self.controls.iter();
        controls
            .any(|c| c.name == name && !matches!(c.kind, Kind::Text | Kind::Hidden) && c.is(word))
    }

    /// Errors: what is wrong with the value, in words.
    pub fn set(&mut self, name: &str, values: &[String]) -> Result<(), String> {
        let named = |c: &&mut Control| c.name == name && c.kind != Kind::Hidden;
        let mut taken: Vec<&String> = Vec::new();
        for control in self.controls.iter_mut().filter(named) {
            control.asleep = false;
            match control.kind {
                Kind::Text => {
                    control.value = values.join("\n");
                    taken.extend(values);
                }
                Kind::Radio | Kind::Box | Kind::Option => {
                    let wish = values.iter().find(|v| control.is(v));
                    control.chosen = wish.is_some();
                    taken.extend(wish);
                }
                Kind::Hidden => {}
            }
        }
        let lone_box = values == ["false"];
        match values.iter().find(|value| !taken.contains(value)) {
            Some(value) if !lone_box => Err(format!("“{name}”里没有“{value}”可选")),
            _ => Ok(()),
        }
    }

    /// What is sent when this button is pressed.
    pub fn pressed(&self, word: &str) -> Vec<(String, String)> {
        let sent = self.controls.iter().filter(|control| control.is_sent());
        let mut pairs: Vec<(String, String)> = sent
            .map(|control| (control.name.clone(), control.value.clone()))
            .collect();
        let button = self.buttons.iter().find(|button| button.is(word));
        if let Some(button) = button.filter(|button| !button.name.is_empty()) {
            pairs.push((button.name.clone(), button.value.clone()));
        }
        pairs
    }
}

impl Control {
    fn is(&self, word: &str) -> bool {
        self.value == word || self.label == word
    }

    fn is_sent(&self) -> bool {
        let counts = match self.kind {
            Kind::Hidden | Kind::Text => true,
            Kind::Radio | Kind::Box | Kind::Option => self.chosen,
        };
        counts && !self.asleep && !self.name.is_empty()
    }
}

fn select<'h>(html: &'h Html, css: &str) -> Vec<ElementRef<'h>> {
    let selector = Selector::parse(css);
    selector
        .map(|s| html.select(&s).collect())
        .unwrap_or_default()
}

fn read(html: &Html, form: ElementRef, path: &str) -> Form {
    let id = form.attr("id").unwrap_or_default();
    let action = form.attr("action").filter(|action| !action.is_empty());
    let mut read = Form {
        id: id.to_owned(),
        action: action.unwrap_or(path).to_owned(),
        ..Form::default()
    };
    for element in select(html, "input, textarea, select, button") {
        let belongs = match element.attr("form") {
            Some(named) => !id.is_empty() && named == id,
            None => element.ancestors().any(|node| node.id() == form.id()),
        };
        if belongs {
            take(html, element, &mut read);
        }
    }
    read
}

fn take(html: &Html, element: ElementRef, form: &mut Form) {
    let text = |name: &str| element.attr(name).unwrap_or_default().to_owned();
    let control = |kind, value, label, chosen| Control {
        name: text("name"),
        kind,
        value,
        label,
        chosen,
        asleep: sleeps(element),
    };
    let kind = text("type");
    match (element.value().name(), kind.as_str()) {
        ("button", _) | (_, "submit") => form.buttons.push(Button {
            name: text("name"),
            value: text("value"),
            label: text_of(element),
        }),
        ("textarea", _) => {
            let value: String = element.text().collect();
            form.controls
                .push(control(Kind::Text, value, String::new(), false));
        }
        ("select", _) => form.controls.extend(
            options(element)
                .into_iter()
                .map(|(value, label, chosen)| control(Kind::Option, value, label, chosen)),
        ),
        (_, "file") => {}
        (_, "hidden") => {
            form.controls
                .push(control(Kind::Hidden, text("value"), String::new(), false))
        }
        (_, "radio" | "checkbox") => {
            let kind = if kind == "radio" {
                Kind::Radio
            } else {
                Kind::Box
            };
            let chosen = element.attr("checked").is_some();
            form.controls
                .push(control(kind, text("value"), label(html, element), chosen));
        }
        _ => form
            .controls
            .push(control(Kind::Text, text("value"), String::new(), false)),
    }
}

fn sleeps(element: ElementRef) -> bool {
    let own = element.attr("disabled").is_some();
    let mut above = element.ancestors().filter_map(ElementRef::wrap);
    own || above.any(|e| e.value().name() == "fieldset" && e.attr("disabled").is_some())
}

/// The first is chosen where none is.
fn options(element: ElementRef) -> Vec<(String, String, bool)> {
    let Ok(selector) = Selector::parse("option") else {
        return Vec::new();
    };
    let mut options: Vec<(String, String, bool)> = element
        .select(&selector)
        .map(|option| {
            let label = text_of(option);
            let value = option
                .attr("value")
                .map_or_else(|| label.clone(), str::to_owned);
            (value, label, option.attr("selected").is_some())
        })
        .collect();
    if !options.iter().any(|(.., chosen)| *chosen)
        && let Some(first) = options.first_mut()
    {
        first.2 = true;
    }
    options
}

/// The words beside a box: of the label that leads to it, or that it stands in.
fn label(html: &Html, element: ElementRef) -> String {
    let id = element.attr("id").unwrap_or_default();
    let mut above = element.ancestors().filter_map(ElementRef::wrap);
    let around = above.find(|e| e.value().name() == "label");
    let leading = || {
        let mut labels = select(html, "label").into_iter();
        labels.find(|l| !id.is_empty() && l.attr("for") == Some(id))
    };
    around.or_else(leading).map(text_of).unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const PAGE: &str = "<form id=f action=/a><input type=hidden name=csrf value=t><input name=name value=甲>\
        <label><input type=radio name=r value=x checked>左</label><label><input type=radio name=r value=y>右</label>\
        <fieldset disabled><input name=late></fieldset><input type=checkbox name=ok value=true>\
        <select name=s><option value=''>请选择</option><option value=1>一</option></select>\
        <button name=go value=next>下一步</button></form>\
        <textarea form=f name=words>\n话</textarea><input name=stray>";

    fn form() -> Form {
        let page = Page {
            path: "/here".into(),
            media_type: "text/html".into(),
            body: PAGE.as_bytes().to_vec(),
            ..Page::default()
        };
        Form::find(&page, |form| form.has_button("next")).unwrap()
    }

    fn sent(form: &Form) -> String {
        let pairs = form.pressed("下一步");
        let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("&")
    }

    #[test]
    fn what_stands_in_a_form_is_sent_and_what_sleeps_is_not() {
        assert_eq!(sent(&form()), "csrf=t&name=甲&r=x&s=&words=话&go=next");
    }

    #[test]
    fn fields_are_changed_by_value_or_by_the_words_beside_them() {
        let mut form = form();
        let words = |text: &str| vec![text.to_owned()];
        form.set("r", &words("右")).unwrap();
        form.set("s", &words("一")).unwrap();
        form.set("ok", &words("true")).unwrap();
        form.set("late", &words("晚")).unwrap();
        assert_eq!(
            sent(&form),
            "csrf=t&name=甲&r=y&late=晚&ok=true&s=1&words=话&go=next"
        );
        form.set("ok", &words("false")).unwrap();
        assert!(!sent(&form).contains("ok="));
        assert_eq!(
            form.set("r", &words("中")).unwrap_err(),
            "“r”里没有“中”可选"
        );
        assert!(!form.has("csrf") && !form.has("stray"));
    }
}
