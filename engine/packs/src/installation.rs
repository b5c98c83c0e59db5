//! What an installation is made of: divisions, organisations, roles, days off. Packs bring first values; what an
//! administrator did to an entry goes before them. Knows no database and no page.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use tongban_base::calendar::WorkCalendar;
use tongban_base::{Problem, Result, Timestamp};

use crate::model::{CalendarYear, calendar};
use crate::{Division, KnownDivisions, Organisation, Pack, Role, canonical, known_divisions};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    Division,
    Organisation,
    Role,
    /// The days off of a year.
    Year,
}

impl EntryKind {
    pub const ALL: [Self; 4] = [Self::Division, Self::Organisation, Self::Role, Self::Year];

    pub fn code(self) -> &'static str {
        match self {
            Self::Division => "division",
            Self::Organisation => "organisation",
            Self::Role => "role",
            Self::Year => "year",
        }
    }

    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Under which code an entry stands.
    fn code_in(self, body: &Json) -> String {
        match self {
            Self::Year => body["year"].to_string(),
            Self::Division | Self::Organisation | Self::Role => {
                body["code"].as_str().unwrap_or_default().to_owned()
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// As packs bring it.
    Seeded,
    /// An administrator has added or changed it.
    Changed,
    /// It is no longer offered; what names it is read as before.
    Ended,
}

impl EntryState {
    pub fn code(self) -> &'static str {
        match self {
            Self::Seeded => "seeded",
            Self::Changed => "changed",
            Self::Ended => "ended",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        let all = [Self::Seeded, Self::Changed, Self::Ended];
        all.into_iter().find(|state| state.code() == code)
    }
}

/// An entry as it stands.
#[derive(Clone, Debug)]
pub struct Entry {
    pub body: Json,
    pub state: EntryState,
    /// What packs bring under this code.
    pub seed: Option<Json>,
    /// Of the last change; zero where nobody has changed it.
    pub number: i64,
}

impl Entry {
    pub fn is_ended(&self) -> bool {
        self.state == EntryState::Ended
    }

    /// Tells what stands apart from what stood before.
    pub fn seen(&self) -> String {
        let text = format!("{} {}", self.state.code(), canonical(&self.body));
        tongban_crypto::sm3_hex(text.as_bytes())
    }
}

/// What somebody did to an entry.
#[derive(Clone, Debug)]
pub struct EntryChange {
    pub kind: EntryKind,
    pub code: String,
    pub number: i64,
    pub state: EntryState,
    pub body: Json,
    pub reason: String,
    pub at: Timestamp,
    pub by: String,
}

/// All of it at one moment.
#[derive(Clone, Debug, Default)]
pub struct Installation {
    entries: BTreeMap<EntryKind, BTreeMap<String, Entry>>,
    divisions: BTreeMap<String, Arc<Division>>,
    organisations: BTreeMap<String, Arc<Organisation>>,
    roles: BTreeMap<String, Arc<Role>>,
    calendar: Arc<WorkCalendar>,
    calendar_mark: String,
}

impl Installation {
    /// `changes` has the last one of each entry.
    /// Errors: an older program wrote an entry otherwise.
    pub(crate) fn of(seeds: Vec<(EntryKind, Json)>, changes: Vec<EntryChange>) -> Result<Self> {
        let mut entries: BTreeMap<EntryKind, BTreeMap<String, Entry>> = BTreeMap::new();
        for (kind, seed) in seeds {
            let Json::Array(bodies) = seed else { continue };
            let seeded = bodies.into_iter().map(|body| {
                let entry = Entry {
                    seed: Some(body.clone()),
                    state: EntryState::Seeded,
                    number: 0,
                    body,
                };
                (kind.code_in(&entry.body), entry)
            });
            entries.entry(kind).or_default().extend(seeded);
        }
        for change in changes {
            let of_kind = entries.entry(change.kind).or_default();
            let seed = of_kind
                .get(&change.code)
                .and_then(|entry| entry.seed.clone());
            let body = match (change.state, &seed) {
                (EntryState::Seeded, Some(seed)) => seed.clone(),
                _ => change.body,
            };
            let entry = Entry {
                body,
                state: change.state,
                seed,
                number: change.number,
            };
            of_kind.insert(change.code, entry);
        }
        Self::read(entries)
    }

    fn read(entries: BTreeMap<EntryKind, BTreeMap<String, Entry>>) -> Result<Self> {
        let years: BTreeMap<String, Arc<CalendarYear>> = parsed(entries.get(&EntryKind::Year))?;
        let calendar = calendar(years.values().map(|year| &**year));
        let calendar_mark = tongban_crypto::sm3_hex(calendar.content().as_bytes());
        Ok(Self {
            divisions: parsed(entries.get(&EntryKind::Division))?,
            organisations: parsed(entries.get(&EntryKind::Organisation))?,
            roles: parsed(entries.get(&EntryKind::Role))?,
            calendar: Arc::new(calendar),
            calendar_mark,
            entries,
        })
    }

    pub fn entries(&self, kind: EntryKind) -> impl Iterator<Item = (&str, &Entry)> {
        let of_kind = self.entries.get(&kind).into_iter().flatten();
        of_kind.map(|(code, entry)| (code.as_str(), entry))
    }

    pub fn entry(&self, kind: EntryKind, code: &str) -> Option<&Entry> {
        self.entries.get(&kind)?.get(code)
    }

    fn is_in_use(&self, kind: EntryKind, code: &str) -> bool {
        self.entry(kind, code)
            .is_some_and(|entry| !entry.is_ended())
    }

    /// One that has ended too.
    pub fn division(&self, code: &str) -> Option<&Arc<Division>> {
        self.divisions.get(code)
    }

    /// One that has ended too.
    pub fn organisation(&self, code: &str) -> Option<&Arc<Organisation>> {
        self.organisations.get(code)
    }

    pub fn role(&self, code: &str) -> Option<&Arc<Role>> {
        let role = self.roles.get(code)?;
        self.is_in_use(EntryKind::Role, code).then_some(role)
    }

    /// Those that have not ended.
    pub fn divisions(&self) -> impl Iterator<Item = &Arc<Division>> {
        let all = self.divisions.values();
        all.filter(|one| self.is_in_use(EntryKind::Division, &one.code))
    }

    /// Those that have not ended.
    pub fn organisations(&self) -> impl Iterator<Item = &Arc<Organisation>> {
        let all = self.organisations.values();
        all.filter(|one| self.is_in_use(EntryKind::Organisation, &one.code))
    }

    /// Those that have not ended.
    pub fn roles(&self) -> impl Iterator<Item = &Arc<Role>> {
        let all = self.roles.values();
        all.filter(|one| self.is_in_use(EntryKind::Role, &one.code))
    }

    /// Those that forms know.
    pub fn known_divisions(&self) -> KnownDivisions {
        let all = known_divisions(self.divisions.values().map(|division| &**division));
        let told = |(code, name, _): (String, String, bool)| {
            let has_ended = !self.is_in_use(EntryKind::Division, &code);
            (code, name, has_ended)
        };
        all.into_iter().map(told).collect()
    }

    pub fn calendar(&self) -> &Arc<WorkCalendar> {
        &self.calendar
    }

    /// Another one, and days have to be counted anew.
    pub fn calendar_mark(&self) -> &str {
        &self.calendar_mark
    }
}

fn parsed<T: DeserializeOwned>(
    of_kind: Option<&BTreeMap<String, Entry>>,
) -> Result<BTreeMap<String, Arc<T>>> {
    let all = of_kind.into_iter().flatten();
    all.map(|(code, entry)| {
        let read = serde_json::from_value(entry.body.clone()).map_err(Problem::internal)?;
        Ok((code.clone(), Arc::new(read)))
    })
    .collect()
}

/// The lists of a pack.
pub fn seeds(pack: &Pack) -> Vec<(EntryKind, Json)> {
    vec![
        (EntryKind::Division, values(pack.divisions.values())),
        (EntryKind::Organisation, values(pack.organisations.values())),
        (EntryKind::Role, values(pack.roles.values())),
        (EntryKind::Year, values(pack.years.values())),
    ]
}

fn values<'v, T: serde::Serialize + 'v>(all: impl Iterator<Item = &'v T>) -> Json {
    Json::Array(all.map(|one| json!(one)).collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn division(code: &str, name: &str) -> Json {
        json!({ "code": code, "name": name, "level": "county", "parent": null })
    }

    fn change(code: &str, name: &str, state: EntryState) -> EntryChange {
        EntryChange {
            kind: EntryKind::Division,
            code: code.into(),
            number: 3,
            state,
            body: division(code, name),
            reason: "试".into(),
            at: Timestamp(0),
            by: "示例".into(),
        }
    }

    fn names(installation: &Installation) -> Vec<&str> {
        installation.divisions().map(|d| d.name.as_str()).collect()
    }

    #[test]
    fn what_an_administrator_did_goes_before_the_list_of_a_pack() {
        let seed = |second: &str| {
            let list = json!([
                division("1", "甲"),
                division("2", second),
                division("3", "丙")
            ]);
            vec![(EntryKind::Division, list)]
        };
        let changes = || {
            vec![
                change("1", "改名", EntryState::Changed),
                change("3", "丙", EntryState::Ended),
                change("4", "新设", EntryState::Changed),
            ]
        };
        let before = Installation::of(seed("乙"), changes()).unwrap();
        assert_eq!(names(&before), ["改名", "乙", "新设"]);
        assert_eq!(
            before.division("3").unwrap().name,
            "丙",
            "who names it still reads it"
        );
        // A newer pack: what nobody has touched follows it.
        let after = Installation::of(seed("新乙"), changes()).unwrap();
        assert_eq!(names(&after), ["改名", "新乙", "新设"]);
        let back = vec![change("2", "旧乙", EntryState::Seeded)];
        assert_eq!(
            names(&Installation::of(seed("新乙"), back).unwrap()),
            ["甲", "新乙", "丙"]
        );
    }

    #[test]
    fn what_stands_now_is_told_from_what_stood_before() {
        let of = |state| Installation::of(Vec::new(), vec![change("1", "甲", state)]).unwrap();
        let seen = |i: &Installation| i.entry(EntryKind::Division, "1").unwrap().seen();
        assert_ne!(seen(&of(EntryState::Changed)), seen(&of(EntryState::Ended)));
        assert_eq!(
            seen(&of(EntryState::Changed)),
            seen(&of(EntryState::Changed))
        );
    }
}
