//! Definitions that every business shares. Unknown keys are refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tongban_base::Date;
use tongban_base::calendar::WorkCalendar;

/// Where a fact comes from: M several sources, S one, I inferred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    pub source: String,
    pub mark: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackHead {
    pub code: String,
    pub title: String,
    pub version: String,
    pub language: String,
    /// Codes of the packs whose names it may use.
    #[serde(default)]
    pub uses: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SettingValue {
    Flag(bool),
    Number(i64),
    Texts(Vec<String>),
    Text(String),
}

/// Something an office may tune, with its unit, range and help.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    pub code: String,
    pub title: String,
    #[serde(default)]
    pub unit: String,
    pub default: SettingValue,
    pub min: Option<i64>,
    pub max: Option<i64>,
    #[serde(default)]
    pub help: String,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
}

impl Setting {
    /// What is wrong with the value that the pack brings.
    pub(crate) fn fault(&self) -> Option<String> {
        let has_range = self.min.is_some() || self.max.is_some();
        match &self.default {
            SettingValue::Number(number) => {
                let is_low = self.min.is_some_and(|min| *number < min);
                let is_high = self.max.is_some_and(|max| *number > max);
                (is_low || is_high).then(|| format!("默认值 {number} 不在 min、max 的范围里"))
            }
            SettingValue::Flag(_) | SettingValue::Text(_) | SettingValue::Texts(_) => {
                has_range.then(|| "只有数字才有 min、max".to_owned())
            }
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    pub code: String,
    pub name: String,
    pub credit_code: String,
    pub division: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub address: String,
    pub parent: Option<String>,
    /// Its place among its neighbours in lists.
    #[serde(default)]
    pub order: i64,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub code: String,
    pub title: String,
    #[serde(default)]
    pub permissions: Vec<String>,
    /// Whoever has one of these roles may give it to others, also without having what it gives.
    #[serde(default)]
    pub given_by: Vec<String>,
    pub gate: Option<RoleGate>,
    /// Its place in lists.
    #[serde(default)]
    pub order: i64,
    /// What it is for.
    #[serde(default)]
    pub note: String,
}

/// What has to be done before whoever has a role comes to the workbench.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleGate {
    /// It is open while this rule holds.
    pub unless: String,
    /// The procedure by which it is opened.
    pub start: String,
    pub words: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffMember {
    pub login: String,
    pub name: String,
    pub roles: Vec<String>,
    pub organisation: String,
    pub division: String,
    #[serde(default)]
    pub example: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Division {
    pub code: String,
    pub name: String,
    pub level: DivisionLevel,
    pub parent: Option<String>,
    /// Its place among its neighbours in lists.
    #[serde(default)]
    pub order: i64,
}

/// From the province down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DivisionLevel {
    Province,
    City,
    County,
    Town,
    Village,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    pub code: String,
    pub title: String,
    pub icon: String,
    pub order: u32,
}

/// What people say, and what definitions call it. Without a meaning it is said beside the matter and finds nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    #[serde(default)]
    pub means: Vec<String>,
    pub said: Vec<String>,
}

/// A page of the program that is found like an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundPage {
    pub path: String,
    pub title: String,
    pub summary: String,
    pub said: Vec<String>,
}

/// Another application that people may log in to with their account here.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    pub code: String,
    pub title: String,
    pub redirect_uris: Vec<String>,
    /// SM3 of the secret in hexadecimal digits.
    pub secret_digest: Option<String>,
    /// Without a secret.
    #[serde(default)]
    pub public: bool,
    pub scopes: Vec<String>,
    /// Only in a demonstration.
    #[serde(default)]
    pub example: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsFile {
    #[serde(default)]
    pub setting: Vec<Setting>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationsFile {
    #[serde(default)]
    pub organisation: Vec<Organisation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RolesFile {
    #[serde(default)]
    pub role: Vec<Role>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaffFile {
    #[serde(default)]
    pub staff: Vec<StaffMember>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DivisionsFile {
    #[serde(default)]
    pub division: Vec<Division>,
}

/// Code and name of the divisions that forms know, with whether it has ended.
pub type KnownDivisions = Vec<(String, String, bool)>;

/// Of these those that forms know: all above the towns.
pub fn known_divisions<'a>(divisions: impl IntoIterator<Item = &'a Division>) -> KnownDivisions {
    let above = divisions
        .into_iter()
        .filter(|d| d.level < DivisionLevel::Town);
    above
        .map(|d| (d.code.clone(), d.name.clone(), false))
        .collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThemesFile {
    #[serde(default)]
    pub theme: Vec<Theme>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LabelsFile {
    #[serde(default)]
    pub label: Vec<Theme>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WordsFile {
    #[serde(default)]
    pub word: Vec<Word>,
    #[serde(default)]
    pub page: Vec<FoundPage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientsFile {
    #[serde(default)]
    pub client: Vec<Client>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarFile {
    #[serde(default)]
    pub year: Vec<CalendarYear>,
}

/// The days off of a year, as it was announced.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarYear {
    pub year: i32,
    #[serde(default)]
    pub holidays: Vec<CalendarDay>,
    /// Days of a weekend on which people work.
    #[serde(default)]
    pub workdays: Vec<CalendarDay>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarDay {
    pub date: String,
    pub name: String,
}

/// The calendar of these years. What is no date was told when it was read.
pub(crate) fn calendar<'y>(years: impl Iterator<Item = &'y CalendarYear>) -> WorkCalendar {
    let mut calendar = WorkCalendar::new();
    for year in years {
        calendar.publish_year(year.year);
        for day in &year.holidays {
            if let Ok(date) = day.date.parse::<Date>() {
                calendar.set_holiday(date, &day.name);
            }
        }
        for day in &year.workdays {
            if let Ok(date) = day.date.parse::<Date>() {
                calendar.set_workday(date, &day.name);
            }
        }
    }
    calendar
}

/// Several packs may bring days of one year.
pub(crate) fn joined(years: Vec<CalendarYear>) -> BTreeMap<i32, CalendarYear> {
    let mut joined: BTreeMap<i32, CalendarYear> = BTreeMap::new();
    for year in years {
        match joined.get_mut(&year.year) {
            Some(known) => {
                known.holidays.extend(year.holidays);
                known.workdays.extend(year.workdays);
            }
            None => {
                joined.insert(year.year, year);
            }
        }
    }
    joined
}
