//! Whether somebody can do each step that a flow draws: its role, and the signers that it names, are looked for among
//! the people whom the pack brings for the office of the item. Runs nothing.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use tongban_base::division_prefix;
use tongban_flows::{Condition, Rule, Signers, UserTask};
use tongban_packs::{Pack, Role, StaffMember};

use crate::service::operations::APPLICANT;

/// So many names are told whole; of more, the nearest.
const FEW: usize = 8;
const NEAREST: usize = 3;

/// What is wrong with the places of a joint sign, as far as they stand in the drawing and not in values.
fn places(task: &UserTask) -> Option<String> {
    let multi = task.multi.as_ref()?;
    let written = |source: &dyn Condition| source.value(&Json::Null, "").ok();
    let places = match &multi.signers {
        Signers::List(list) => {
            let list = written(list.as_ref()).filter(|value| !value.is_null())?;
            let items = list.as_array();
            if items.is_some_and(|items| items.iter().any(Json::is_null)) {
                return None;
            }
            let text = |one: &'_ Json| one.as_str().is_some_and(|one| !one.is_empty());
            let texts = items.filter(|items| items.iter().all(text));
            let Some(texts) = texts else {
                let words = "会签人应写成列表，如 ['role:reviewer', 'zhang-san']";
                return Some(format!("{words}，现在是 {list}"));
            };
            let names: Vec<&str> = texts.iter().filter_map(Json::as_str).collect();
            if let Some(twice) = twice(&names) {
                return Some(format!("会签人 {twice} 写了两次，一个人只能签一席"));
            }
            names.len()
        }
        Signers::Count(count) => {
            let count = written(count.as_ref()).and_then(|value| value.as_u64())?;
            usize::try_from(count).ok()?
        }
    };
    match (places, multi.joint.rule) {
        (0, _) => Some("会签没有一席，没有人能办这一步".to_owned()),
        (places, Rule::Count(needed)) if usize::try_from(needed).is_ok_and(|n| n > places) => {
            Some(format!("要 {needed} 个会签人同意，却只有 {places} 席"))
        }
        (_, Rule::All | Rule::Any | Rule::Count(_)) => None,
    }
}

/// A named signer that stands there twice; a role may, each of its officers has one place.
fn twice<'a>(places: &[&'a str]) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    let mut named = places.iter().filter(|place| !place.starts_with("role:"));
    named.find(|place| !seen.insert(**place)).copied()
}

/// The office in which the tasks of an item open.
pub(crate) struct Office<'p> {
    pack: &'p Pack,
    name: &'p str,
    /// Who works there; nobody is missed while the pack brings no people at all, as they are then entered elsewhere.
    staff: Option<Vec<&'p StaffMember>>,
}

impl<'p> Office<'p> {
    pub(crate) fn of(pack: &'p Pack, code: &'p str) -> Self {
        let organisation = pack.organisations.get(code);
        let works_there = |member: &&StaffMember| {
            let division = organisation.map_or("", |o| o.division.as_str());
            member.organisation == code && division.starts_with(division_prefix(&member.division))
        };
        let known = organisation.filter(|_| !pack.staff.is_empty());
        Self {
            pack,
            name: organisation.map_or(code, |o| o.name.as_str()),
            staff: known.map(|_| pack.staff.iter().filter(works_there).collect()),
        }
    }

    /// Why nobody could do a task, in words.
    pub(crate) fn faults(&self, task: &UserTask) -> Vec<String> {
        if task.role == APPLICANT {
            return of_applicant(task);
        }
        let mut faults = Vec::new();
        if let Some(words) = self.nobody_in(&task.role) {
            faults.push(format!(
                "{words}，这一步没有人办理{}",
                self.roles_near(&task.role)
            ));
        }
        for signer in task.named().written {
            faults.extend(self.not_a_signer(&signer, &task.role));
        }
        faults.extend(places(task));
        faults
    }

    fn nobody_in(&self, role: &str) -> Option<String> {
        let Some(known) = self.pack.roles.get(role) else {
            return Some(format!("没有岗位 {role}"));
        };
        let staff = self.staff.as_ref()?;
        let held = staff.iter().any(|member| has(member, role));
        (!held).then(|| format!("{}没有人在岗位 {role}（{}）", self.name, known.title))
    }

    fn not_a_signer(&self, signer: &str, role: &str) -> Option<String> {
        if let Some(of) = signer.strip_prefix("role:") {
            let words = self.nobody_in(of)?;
            return Some(format!("会签人 {signer}：{words}{}", self.roles_near(of)));
        }
        if signer.is_empty() || self.pack.staff.is_empty() {
            return None;
        }
        let found = self.pack.staff.iter().find(|member| member.login == signer);
        let near = || self.officers_near(signer, role);
        let Some(member) = found else {
            let words = "staff.toml 里没有这个登录名；会签人写 role:岗位代码，或者工作人员的登录名";
            return Some(format!("会签人 {signer}：{words}{}", near()));
        };
        let staff = self.staff.as_ref()?;
        if !staff.iter().any(|colleague| colleague.login == signer) {
            let words = format!("不是{}的人，看不到它的办件", self.name);
            return Some(format!("会签人 {signer}：{words}{}", near()));
        }
        (!has(member, role))
            .then(|| format!("会签人 {signer}：没有岗位 {role}，办不了这一步{}", near()))
    }

    /// The roles that somebody of the office has.
    fn roles_near(&self, wanted: &str) -> String {
        let held = |role: &&Role| match &self.staff {
            Some(staff) => staff.iter().any(|member| has(member, &role.code)),
            None => true,
        };
        let roles = self.pack.roles.values().filter(held);
        near(wanted, roles.map(|role| role.code.as_str()).collect())
    }

    fn officers_near(&self, wanted: &str, role: &str) -> String {
        let staff = self.staff.iter().flatten();
        let able = staff.filter(|member| has(member, role));
        near(wanted, able.map(|member| member.login.as_str()).collect())
    }
}

fn has(member: &StaffMember, role: &str) -> bool {
    member.roles.iter().any(|held| held == role)
}

/// What is asked of an applicant has its limit in the letter, and is never signed by several.
fn of_applicant(task: &UserTask) -> Vec<String> {
    let mut faults = Vec::new();
    if task.multi.is_some() {
        faults.push("申请人的环节不能会签".to_owned());
    }
    if task.limit.is_some() {
        faults.push(
            "申请人补正的期限写在参数 correction_days 里，这里的 tb:limit 没有人读，请删去"
                .to_owned(),
        );
    }
    faults
}

/// `；可用的有：a、b`, or the nearest of many; empty when there is none.
fn near(wanted: &str, mut names: Vec<&str>) -> String {
    let title = match names.len() {
        0 => return String::new(),
        few if few <= FEW => "可用的有",
        _ => {
            names.sort_by_key(|name| distance(wanted, name));
            names.truncate(NEAREST);
            "最接近的有"
        }
    };
    format!("；{title}：{}", names.join("、"))
}

/// How many letters have to change (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut corner = line;
        let mut left = line + 1;
        let mut next = vec![left];
        for (above, with) in row.iter().skip(1).zip(&other) {
            let changed = corner + usize::from(letter != *with);
            corner = *above;
            left = changed.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_names_the_nearest_are_told() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        let many = [
            "a1",
            "a2",
            "a3",
            "a4",
            "a5",
            "a6",
            "a7",
            "zhang-san",
            "zhang-si",
        ];
        assert!(near("zhang-sam", many.to_vec()).starts_with("；最接近的有：zhang-san、zhang-si"));
        assert_eq!(near("x", vec!["a", "b"]), "；可用的有：a、b");
        assert_eq!(near("x", Vec::new()), "");
    }
}
