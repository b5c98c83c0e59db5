//! `[account]` of a procedure: expressions for everything that an account has.

use serde::Deserialize;
use serde_json::Value as Json;
use tongban_identity::NewOfficer;
use tongban_operations::Subject;
use tongban_procedures::{PartInfo, PartSite, names};

const KEY: &str = "account";

/// What this crate reads of a procedure.
pub const PART: PartInfo = PartInfo {
    keys: &[KEY],
    check,
    files: |_| Vec::new(),
    indexed: &[],
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountPart {
    login: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    mobile: String,
    organisation: String,
    #[serde(default)]
    division: String,
    /// Codes, as they stand.
    #[serde(default)]
    roles: Vec<String>,
}

impl AccountPart {
    /// The expressions that are written.
    fn expressions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("login", &self.login),
            ("name", &self.name),
            ("mobile", &self.mobile),
            ("organisation", &self.organisation),
            ("division", &self.division),
        ];
        all.into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name, text.as_str()))
    }
}

fn check(site: &PartSite) -> Vec<(&'static str, String)> {
    let Some(written) = site.parts.get(KEY) else {
        return Vec::new();
    };
    let part: AccountPart = match serde_json::from_value(written.clone()) {
        Ok(part) => part,
        Err(fault) => return vec![(KEY, format!("[account] 的写法有误：{fault}"))],
    };
    let mut faults = Vec::new();
    for (name, text) in part.expressions() {
        if let Err(fault) = names::compile(text) {
            let (column, message) = (fault.column, fault.message);
            faults.push((
                KEY,
                format!("{name} 的表达式 {text} 第 {column} 列：{message}"),
            ));
        }
    }
    for role in &part.roles {
        if !site.pack.roles.contains_key(role) {
            faults.push((KEY, format!("没有岗位 {role}（roles.toml）")));
        }
    }
    faults
}

/// Whether a procedure has the part.
pub(crate) fn is_there(parts: &Json) -> bool {
    parts.get(KEY).is_some()
}

/// The officer whom a case is about.
pub(crate) fn officer(subject: &Subject, record: &Json, today: &str) -> NewOfficer {
    let part: AccountPart = subject.part(KEY).unwrap_or_default();
    let text = |expression: &str| match expression {
        "" => String::new(),
        // What cannot be worked out is missing, and what is missing is told as an obstacle.
        expression => match names::value(expression, subject, record, today) {
            Ok(Json::String(text)) => text,
            Ok(Json::Null) | Err(_) => String::new(),
            Ok(other) => other.to_string(),
        },
    };
    NewOfficer {
        login: text(&part.login),
        name: text(&part.name),
        mobile: text(&part.mobile),
        organisation: text(&part.organisation),
        division: text(&part.division),
        roles: part.roles.clone(),
    }
}
