//! The people of the tests. Their rights are what the test gives them, so that each test shows what it needs.
//! Knows no module's permissions.

use tongban_base::{Actor, Clock, Ctx, StaffScope, Timestamp, Uuid};

/// 2026-11-23 10:00 in Asia/Shanghai, a Monday: the moment of a test that names no other.
pub const MONDAY_MORNING: Timestamp = Timestamp(1_795_399_200_000);
/// Shanghai, the division of staff who are given no other.
pub const SHANGHAI: &str = "310000000000";
/// The organisation of staff who are given no other.
pub const OFFICE: &str = "transport";

/// The clock of a house under test: it begins on that Monday, whatever the day on which the test runs.
pub fn clock() -> Clock {
    Clock::given(MONDAY_MORNING)
}

pub fn anonymous() -> Ctx {
    at(Actor::anonymous())
}

pub fn system() -> Ctx {
    at(Actor::system())
}

/// Each call is another person.
pub fn citizen() -> Ctx {
    at(Actor::citizen(Uuid::now_v7(), "测试市民"))
}

/// A person who handles the affairs of a legal entity.
pub fn agent() -> Ctx {
    at(Actor::citizen(Uuid::now_v7(), "测试经办人"))
}

pub fn counter(permissions: &[&str]) -> Ctx {
    staff("counter", "测试窗口人员", permissions)
}

pub fn reviewer(permissions: &[&str]) -> Ctx {
    staff("reviewer", "测试审核人", permissions)
}

pub fn approver(permissions: &[&str]) -> Ctx {
    staff("approver", "测试审批人", permissions)
}

/// Makes licences and documents.
pub fn maker(permissions: &[&str]) -> Ctx {
    staff("maker", "测试制证人", permissions)
}

pub fn supervisor(permissions: &[&str]) -> Ctx {
    staff("supervisor", "测试督办人", permissions)
}

pub fn admin(permissions: &[&str]) -> Ctx {
    staff("admin", "测试管理员", permissions)
}

/// An officer of `OFFICE` in `SHANGHAI` with one role and exactly these permissions.
pub fn staff(role: &str, name: &str, permissions: &[&str]) -> Ctx {
    staff_of(OFFICE, SHANGHAI, role, name, permissions)
}

pub fn staff_of(
    organisation: &str,
    division: &str,
    role: &str,
    name: &str,
    permissions: &[&str],
) -> Ctx {
    let scope = StaffScope {
        organisation: organisation.to_owned(),
        division: division.to_owned(),
        roles: [role.to_owned()].into(),
        permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
    };
    at(Actor::staff(Uuid::now_v7(), name, scope))
}

fn at(actor: Actor) -> Ctx {
    Ctx::new(actor, MONDAY_MORNING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_of_the_tests_is_what_its_name_says() {
        assert_eq!(MONDAY_MORNING.rfc3339(), "2026-11-23T10:00:00+08:00");
    }

    #[test]
    fn an_officer_has_the_given_rights_and_no_other() {
        let ctx = reviewer(&["case.read"]);
        assert!(ctx.actor.has_role("reviewer"));
        let staff = ctx.actor.staff.unwrap_or_default();
        assert_eq!(staff.permissions, ["case.read".to_owned()].into());
    }
}
