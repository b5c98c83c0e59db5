//! Something that was to be mended and is right as it is: the applicant says so, and why.

use askama::Template;

const SAME: &str = "_same.";
const WHY: &str = "_why.";
/// Of the reason.
const MAX_LENGTH: usize = 200;

/// What the page asks about one place, `/mobile` or `/materials/photo`, and what was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "keep.html")]
pub struct Keeping {
    pub place: String,
    pub confirmed: bool,
    pub why: String,
}

impl Keeping {
    pub fn read(place: &str, input: &[(String, String)]) -> Self {
        let sent = |before: &str| {
            let is_it = |name: &str| name.strip_prefix(before) == Some(place);
            let found = input.iter().rev().find(|(name, _)| is_it(name));
            found.map_or("", |(_, text)| text.trim())
        };
        let why = sent(WHY).chars().filter(|c| !c.is_control());
        Self {
            place: place.to_owned(),
            confirmed: !sent(SAME).is_empty(),
            why: why.take(MAX_LENGTH).collect(),
        }
    }

    /// The part of ids that tells it from others on the page.
    fn id(&self) -> String {
        self.place.trim_start_matches('/').replace('/', "-")
    }
}
