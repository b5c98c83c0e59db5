//! Definitions that every business shares. Unknown keys are refused.

use serde::{Deserialize, Serialize};

use crate::Folder;

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
    pub gate: Option<RoleGate>,
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
    pub level: String,
    pub parent: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    pub code: String,
    pub title: String,
    pub icon: String,
    pub order: u32,
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

/// Code and name of the divisions that forms offer: all above the towns.
pub fn offered<'a>(divisions: impl IntoIterator<Item = &'a Division>) -> Vec<(String, String)> {
    let above = divisions.into_iter().filter(|d| d.level != "town");
    above.map(|d| (d.code.clone(), d.name.clone())).collect()
}

/// The same of the files of a release.
pub fn offered_by(folder: &Folder) -> Vec<(String, String)> {
    let read = folder.toml_or_default::<DivisionsFile>("divisions.toml");
    offered(&read.unwrap_or_default().division)
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThemesFile {
    #[serde(default)]
    pub theme: Vec<Theme>,
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarYear {
    pub year: i32,
    #[serde(default)]
    pub holidays: Vec<CalendarDay>,
    #[serde(default)]
    pub workdays: Vec<CalendarDay>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarDay {
    pub date: String,
    pub name: String,
}
