//! A pack as a whole: its shared definitions read and checked against each other, its folder for the rest.

use std::collections::{BTreeMap, BTreeSet};

use tongban_base::Date;
use tongban_base::calendar::WorkCalendar;

use crate::model::{
    self, CalendarFile, CalendarYear, ClientsFile, DivisionsFile, LabelsFile, OrganisationsFile,
    RolesFile, SettingsFile, StaffFile, ThemesFile, WordsFile,
};
use crate::{
    Client, Division, Findings, Folder, FoundPage, Organisation, PackHead, Role, Setting,
    StaffMember, Theme, Word,
};

#[derive(Clone, Debug)]
pub struct Pack {
    pub head: PackHead,
    pub settings: Vec<Setting>,
    pub organisations: BTreeMap<String, Organisation>,
    pub roles: BTreeMap<String, Role>,
    pub staff: Vec<StaffMember>,
    pub divisions: BTreeMap<String, Division>,
    pub themes: Vec<Theme>,
    /// What marks service items out: how they can be handled, to which programme they belong.
    pub labels: Vec<Theme>,
    /// What people say when they look for something.
    pub words: Vec<Word>,
    /// Pages that are found like items.
    pub pages: Vec<FoundPage>,
    pub clients: BTreeMap<String, Client>,
    pub years: BTreeMap<i32, CalendarYear>,
    pub calendar: WorkCalendar,
    pub folder: Folder,
}

impl Pack {
    /// Reads the shared definitions. Faults go to `findings`; `None` when there is not even a head.
    pub fn load(folder: Folder, findings: &mut Findings) -> Option<Self> {
        let head: PackHead = findings.take(folder.toml("pack.toml"))?;
        let settings = part(&folder, "settings.toml", findings, |f: SettingsFile| {
            f.setting
        });
        let organisations = part(
            &folder,
            "organisations.toml",
            findings,
            |f: OrganisationsFile| f.organisation,
        );
        let roles = part(&folder, "roles.toml", findings, |f: RolesFile| f.role);
        let staff = part(&folder, "staff.toml", findings, |f: StaffFile| f.staff);
        let divisions = part(&folder, "divisions.toml", findings, |f: DivisionsFile| {
            f.division
        });
        let mut themes = part(&folder, "themes.toml", findings, |f: ThemesFile| f.theme);
        themes.sort_by_key(|t| t.order);
        let mut labels = part(&folder, "labels.toml", findings, |f: LabelsFile| f.label);
        labels.sort_by_key(|label| label.order);
        let said: WordsFile = findings
            .take(folder.toml_or_default("words.toml"))
            .unwrap_or_default();
        let clients = part(&folder, "clients.toml", findings, |f: ClientsFile| f.client);
        let years = years(&folder, findings);
        let pack = Self {
            head,
            settings,
            organisations: keyed("organisations.toml", organisations, findings, |o| &o.code),
            roles: keyed("roles.toml", roles, findings, |r| &r.code),
            staff,
            divisions: keyed("divisions.toml", divisions, findings, |d| &d.code),
            themes,
            labels,
            words: said.word,
            pages: said.page,
            clients: keyed("clients.toml", clients, findings, |c| &c.code),
            calendar: model::calendar(years.values()),
            years,
            folder,
        };
        pack.check(findings);
        Some(pack)
    }

    /// References between the shared definitions.
    fn check(&self, findings: &mut Findings) {
        once(
            "settings.toml",
            self.settings.iter().map(|s| &s.code),
            findings,
        );
        once("themes.toml", self.themes.iter().map(|t| &t.code), findings);
        once("labels.toml", self.labels.iter().map(|l| &l.code), findings);
        once("words.toml", self.pages.iter().map(|p| &p.path), findings);
        for word in self.words.iter().filter(|word| word.said.is_empty()) {
            let named = word.means.first().map(String::as_str);
            findings.add("words.toml", named, "没有写群众怎么说（said）");
        }
        for setting in &self.settings {
            if let Some(words) = setting.fault() {
                findings.add("settings.toml", Some(&setting.code), words);
            }
        }
        let mut logins = BTreeSet::new();
        for member in &self.staff {
            let login = Some(member.login.as_str());
            if !logins.insert(&member.login) {
                findings.add("staff.toml", login, "登录名重复");
            }
            if !self.organisations.contains_key(&member.organisation) {
                findings.add(
                    "staff.toml",
                    login,
                    format!("没有机构 {}", member.organisation),
                );
            }
            for role in member.roles.iter().filter(|r| !self.roles.contains_key(*r)) {
                findings.add("staff.toml", login, format!("没有岗位 {role}"));
            }
            if !self.divisions.contains_key(&member.division) {
                findings.add("staff.toml", login, format!("没有区划 {}", member.division));
            }
        }
        for organisation in self.organisations.values() {
            if !self.divisions.contains_key(&organisation.division) {
                let message = format!("没有区划 {}", organisation.division);
                findings.add("organisations.toml", Some(&organisation.code), message);
            }
        }
    }

    /// The value of a numeric setting as the pack ships it.
    pub fn setting_number(&self, code: &str) -> Option<i64> {
        self.settings
            .iter()
            .find(|s| s.code == code)
            .and_then(|s| match s.default {
                crate::SettingValue::Number(n) => Some(n),
                _ => None,
            })
    }
}

fn part<F, T>(folder: &Folder, name: &str, findings: &mut Findings, take: fn(F) -> Vec<T>) -> Vec<T>
where
    F: serde::de::DeserializeOwned + Default,
{
    findings
        .take(folder.toml_or_default::<F>(name))
        .map(take)
        .unwrap_or_default()
}

/// Packs that are read together share these codes.
fn once<'c>(file: &str, codes: impl Iterator<Item = &'c String>, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for code in codes {
        if !seen.insert(code) {
            findings.add(file, Some(code), "代码重复（一起装载的业务包共用这些代码）");
        }
    }
}

fn keyed<T>(
    file: &str,
    rows: Vec<T>,
    findings: &mut Findings,
    key: fn(&T) -> &String,
) -> BTreeMap<String, T> {
    let mut map = BTreeMap::new();
    for row in rows {
        let code = key(&row).clone();
        if map.insert(code.clone(), row).is_some() {
            findings.add(file, Some(&code), "代码重复");
        }
    }
    map
}

fn years(folder: &Folder, findings: &mut Findings) -> BTreeMap<i32, CalendarYear> {
    let years = part(folder, "calendar.toml", findings, |f: CalendarFile| f.year);
    for year in &years {
        for day in year.holidays.iter().chain(&year.workdays) {
            if day.date.parse::<Date>().is_err() {
                findings.add("calendar.toml", Some(&day.date), "不是有效的日期");
            }
        }
    }
    model::joined(years)
}
