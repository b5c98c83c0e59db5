//! Gates of roles: what has to be done before whoever has a role comes to the workbench. Only the check; whoever shows the
//! workbench asks the rule.

use tongban_packs::{Findings, Pack};

use crate::release::ProcedureRelease;

const FILE: &str = "roles.toml";

/// The rules of the gates that lead to a procedure.
pub(crate) fn rules<'p>(pack: &'p Pack, code: &str) -> Vec<&'p str> {
    let gates = pack.roles.values().filter_map(|role| role.gate.as_ref());
    let leading = gates.filter(|gate| gate.start == code);
    leading.map(|gate| gate.unless.as_str()).collect()
}

pub(crate) fn leads_to(pack: &Pack, code: &str) -> bool {
    !rules(pack, code).is_empty()
}

/// Tells of every gate that nobody could open, or whose rule cannot be asked.
pub(crate) fn check(pack: &Pack, releases: &[ProcedureRelease], findings: &mut Findings) {
    for role in pack.roles.values() {
        let Some(gate) = &role.gate else { continue };
        let code = Some(role.code.as_str());
        let start = &gate.start;
        let mut named = releases.iter();
        let Some(release) = named.find(|release| release.procedure().code == *start) else {
            findings.add(
                FILE,
                code,
                format!("gate 里的办理 {start} 不在，或者它自己有误"),
            );
            continue;
        };
        let procedure = release.procedure();
        let may = |roles: &Vec<String>| roles.contains(&role.code);
        if !procedure.audience.is_of_officers() || !procedure.start.as_ref().is_none_or(may) {
            let words = format!("gate 里的办理 {start} 不由这个岗位发起，进不了工作台");
            findings.add(FILE, code, words);
        }
        if procedure.about.is_some() {
            let words = format!("gate 里的办理 {start} 要在一条记录上发起，不能用来进工作台");
            findings.add(FILE, code, words);
        }
        if let Some(words) = release.fault_of(&gate.unless) {
            findings.add(FILE, code, format!("gate 的条件有误：{words}"));
        }
        if gate.words.trim().is_empty() {
            findings.add(FILE, code, "gate 没有写给人看的话（words）");
        }
    }
}
