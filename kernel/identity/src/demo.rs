//! The people of the demonstration: visibly fictional names, identity numbers whose check character holds but whose
//! area code (310000) is given to nobody.

use std::collections::BTreeSet;

use tongban_base::numbers::resident_id_check_character;
use tongban_base::{Ctx, Date, Result, Uuid};
use tongban_store::Tx;

use crate::Identity;
use crate::identity::DemoAccount;
use crate::model::{NewStaff, ProofState};
use crate::service::check_real_name::prove;
use crate::service::register_account::enter;
use crate::simulator::Citizen;
use crate::store::account::{self, AccountRow};
use crate::store::real_name_check::{self, CheckId, CheckRow};

/// The password of every demonstration account. Shown on the login page; never used outside a demonstration.
pub const DEMO_PASSWORD: &str = "Demo-2026";

/// An area code of a whole municipality: identity numbers carry that of a district.
pub const FICTIONAL_AREA: &str = "310000";

const NUMERALS: [&str; 20] = [
    "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四",
    "十五", "十六", "十七", "十八", "十九", "二十",
];
/// The first of them have accounts with a proven name; the others are for registering.
const WITH_ACCOUNT: usize = 5;
/// Accounts made in one transaction.
const PORTION: usize = 200;

/// A person of the demonstration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoCitizen {
    pub login: String,
    pub name: String,
    pub id_number: String,
    pub mobile: String,
    pub address: String,
    /// What the account is good to try; stands beside it on the login page.
    pub note: String,
}

/// A number that parses: area code, birth date, a sequence of up to three digits (odd for men), check character.
pub fn fictional_id_number(birth_date: Date, sequence: u32) -> Option<String> {
    let front = format!(
        "{FICTIONAL_AREA}{}{:03}",
        birth_date.format("%Y%m%d"),
        sequence % 1000
    );
    let check = resident_id_check_character(&front)?;
    Some(format!("{front}{check}"))
}

/// 测试一 to 测试二十. The population register's simulator knows all of them.
pub fn demo_people() -> Vec<DemoCitizen> {
    (1_u32..)
        .zip(NUMERALS)
        .filter_map(|(index, numeral)| {
            let year = 1968 + i32::try_from(index).ok()? * 3 / 2;
            let birth_date = Date::from_ymd_opt(year, index % 12 + 1, index + 5)?;
            Some(DemoCitizen {
                login: format!("ceshi{index}"),
                name: format!("测试{numeral}"),
                id_number: fictional_id_number(birth_date, 900 + index)?,
                mobile: format!("199000000{index:02}"),
                address: format!("示例市示例区示例路{index}号"),
                note: "已实名".to_owned(),
            })
        })
        .collect()
}

/// Those of them who have accounts.
pub fn demo_citizens() -> Vec<DemoCitizen> {
    demo_people().into_iter().take(WITH_ACCOUNT).collect()
}

/// These people as the simulator of the population register knows them.
pub fn demo_register(people: &[DemoCitizen]) -> Vec<Citizen> {
    let citizens = people.iter().map(|person| Citizen {
        name: person.name.clone(),
        id_number: person.id_number.clone(),
        suspended: false,
    });
    citizens.collect()
}

/// What the login page offers: these citizens, and these officers.
pub fn demo_accounts(
    citizens: &[DemoCitizen],
    officers: &[NewStaff],
    roles: &crate::Roles,
) -> Vec<DemoAccount> {
    let citizens = citizens.iter().map(|person| DemoAccount {
        login: person.login.clone(),
        password: DEMO_PASSWORD.to_owned(),
        name: person.name.clone(),
        note: person.note.clone(),
        staff: false,
    });
    let officers = officers.iter().map(|officer| {
        let titles: BTreeSet<&str> = officer.roles.iter().map(|code| roles.title(code)).collect();
        DemoAccount {
            login: officer.login.clone(),
            password: officer.password.clone(),
            name: officer.name.clone(),
            note: titles.into_iter().collect::<Vec<_>>().join("、"),
            staff: true,
        }
    });
    citizens.chain(officers).collect()
}

/// Makes the accounts of these citizens that are not there yet, their real names proven; gives their number.
pub async fn seed_demo(identity: &Identity, ctx: &Ctx, citizens: &[DemoCitizen]) -> Result<usize> {
    Ok(seed_citizens(identity, ctx, citizens).await?.len())
}

/// The same, giving the new accounts in the order of their owners; a town of thousands is filled in seconds.
pub async fn seed_citizens(
    identity: &Identity,
    ctx: &Ctx,
    citizens: &[DemoCitizen],
) -> Result<Vec<Uuid>> {
    let mut missing = Vec::new();
    for person in citizens {
        let login = person.login.clone();
        let present = identity
            .db
            .read(login, |tx, login| Box::pin(account::login_taken(tx, login)))
            .await?;
        if !present {
            missing.push((Uuid::now_v7(), person.clone()));
        }
    }
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    // One hash for all: the password is one and public, and hashing is slow on purpose.
    let password = identity.passwords.hash(DEMO_PASSWORD, "").await?;
    for portion in missing.chunks(PORTION) {
        let input = (
            identity.clone(),
            ctx.clone(),
            password.clone(),
            portion.to_vec(),
        );
        identity
            .db
            .write(input, |tx, (identity, ctx, password, people)| {
                Box::pin(async move {
                    for (account, person) in people {
                        seed(tx, identity, ctx, *account, password, person).await?;
                    }
                    Ok(())
                })
            })
            .await?;
    }
    Ok(missing.into_iter().map(|(account, _)| account).collect())
}

async fn seed(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    account: Uuid,
    password: &str,
    person: &DemoCitizen,
) -> Result<()> {
    let row = AccountRow {
        id: account,
        login: person.login.clone(),
        password: password.to_owned(),
        mobile: person.mobile.clone(),
        created_at: ctx.now,
    };
    enter(tx, identity, ctx, &row).await?;
    let keys = &identity.keys;
    account::set_contact(tx, keys, row.id, &person.mobile, Some(&person.address)).await?;
    let check = CheckRow {
        id: CheckId::new(),
        account: row.id,
        name: person.name.clone(),
        id_number: person.id_number.clone(),
        state: ProofState::Proven,
        tries: 0,
    };
    real_name_check::insert(tx, keys, &check, ctx.now).await?;
    prove(tx, identity, ctx, &check, "demonstration").await
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use tongban_base::numbers::{ResidentId, check_mobile};

    #[test]
    fn the_people_of_the_demonstration_have_numbers_that_hold_and_differ() {
        let people = demo_people();
        assert_eq!(people.len(), 20);
        let today = "2026-11-22".parse().unwrap();
        let numbers: BTreeSet<_> = people
            .iter()
            .map(|person| {
                let id = ResidentId::parse(&person.id_number, today).unwrap();
                assert!(id.age_on(today) >= 18);
                check_mobile(&person.mobile).unwrap();
                person.id_number.clone()
            })
            .collect();
        assert_eq!(numbers.len(), 20);
    }
}
