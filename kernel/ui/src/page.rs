//! What a shell needs beside the content of a page. Knows no business and no request.

use std::sync::Arc;

use crate::preferences::{Mode, Preferences, Theme};
use crate::{Flash, Highlight};

/// The installation: the same for every page. A link that is None is not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Shown in the head and in every title, for example 示例市政务服务.
    pub name: String,
    pub region: String,
    pub region_link: Option<String>,
    /// The body that answers for the site.
    pub office: String,
    /// Where a person answers; stands on every page in elder mode.
    pub phone: String,
    pub search_link: Option<String>,
    pub messages_link: Option<String>,
    pub accessibility_link: Option<String>,
    pub complaint_link: Option<String>,
    pub demo: bool,
}

/// Who is signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    pub name: String,
    /// Role and office of staff, or the company that an agent acts for.
    pub note: String,
    pub staff: bool,
    /// By which scripts tell visitors of one browser apart; says nothing of who it is.
    pub mark: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MenuEntry {
    pub key: String,
    pub label: String,
    pub href: String,
    /// A name of the icon set.
    pub icon: String,
    /// How many wait there.
    pub count: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MenuGroup {
    pub title: String,
    pub entries: Vec<MenuEntry>,
}

impl MenuGroup {
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }
}

/// Every template struct holds one as `page`.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub title: String,
    /// Where in it one is: the title of the browser names it first.
    pub step: String,
    /// The page tells what is wrong: the title of the browser says so.
    pub faulty: bool,
    pub site: Arc<Site>,
    pub visitor: Option<Visitor>,
    pub menu: Arc<Vec<MenuGroup>>,
    /// Key of the menu entry that this page belongs to.
    pub active: String,
    /// Messages not read yet, for officers.
    pub unread: u64,
    pub csrf: String,
    pub preferences: Preferences,
    pub flash: Option<Flash>,
    /// What is to be read; only on the page where a visitor begins.
    pub highlights: Vec<Highlight>,
    /// Path and query of this page, to come back to.
    pub path: String,
}

impl Page {
    /// For a page's handler.
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// For one step of several.
    #[must_use]
    pub fn at_step(mut self, step: impl Into<String>) -> Self {
        self.step = step.into();
        self
    }

    /// For a form that is shown again with what is wrong.
    #[must_use]
    pub fn with_faults(mut self, faulty: bool) -> Self {
        self.faulty = faulty;
        self
    }

    /// Counts beside menu entries, by the entry's address.
    pub fn with_count(mut self, key: &str, count: u64) -> Self {
        let groups = Arc::make_mut(&mut self.menu);
        let entries = groups.iter_mut().flat_map(|group| &mut group.entries);
        for entry in entries.filter(|entry| entry.key == key) {
            entry.count = Some(count);
        }
        self
    }

    /// The entries of the menu that lead to what is the visitor's own.
    pub fn own_entries(&self) -> impl Iterator<Item = &MenuEntry> {
        let entries = self.menu.iter().flat_map(|group| &group.entries);
        entries.filter(|entry| entry.href.starts_with("/me"))
    }

    /// The entries of the menu that lead to these addresses, in the order of the menu.
    pub fn menu_of<const N: usize>(&self, hrefs: [&str; N]) -> Vec<&MenuEntry> {
        let entries = self.menu.iter().flat_map(|group| &group.entries);
        entries
            .filter(|entry| hrefs.contains(&entry.href.as_str()))
            .collect()
    }

    /// How many things wait for the visitor there.
    pub fn waiting(&self) -> u64 {
        self.own_entries().filter_map(|entry| entry.count).sum()
    }

    pub fn is_elder(&self) -> bool {
        self.preferences.mode == Mode::Elder
    }

    /// Attributes of the html element.
    pub fn theme(&self) -> Option<&'static str> {
        match self.preferences.theme {
            Theme::Auto => None,
            Theme::Light => Some("light"),
            Theme::Dark => Some("dark"),
        }
    }

    /// Whether the visitor is an officer: then the page stands in the workbench.
    pub fn is_staff(&self) -> bool {
        self.visitor.as_ref().is_some_and(|visitor| visitor.staff)
    }

    pub fn is_active(&self, key: &str) -> bool {
        self.active == key
    }

    /// The title as the browser shows it.
    pub fn full_title(&self) -> String {
        let parts = [&self.step, &self.title, &self.site.name];
        let named: Vec<&str> = parts
            .into_iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        let fault = if self.faulty { "错误：" } else { "" };
        format!("{fault}{}", named.join(" - "))
    }

    pub fn mode_link(&self) -> String {
        let wish = if self.is_elder() { "standard" } else { "elder" };
        let next: String = url::form_urlencoded::byte_serialize(self.path.as_bytes()).collect();
        format!("/preferences?mode={wish}&next={next}")
    }

    pub fn theme_link(&self) -> String {
        let wish = match self.preferences.theme {
            Theme::Dark => "light",
            Theme::Auto | Theme::Light => "dark",
        };
        let next: String = url::form_urlencoded::byte_serialize(self.path.as_bytes()).collect();
        format!("/preferences?theme={wish}&next={next}")
    }
}
