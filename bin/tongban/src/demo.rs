//! The demonstration: fictional people, officers of the pack, licences to work with.

use chrono::Months;
use serde_json::{Map, json};
use tongban_base::{Ctx, Date};
use tongban_identity::{
    DEMO_PASSWORD, DemoAccount, NewStaff, Roles, demo_accounts, demo_people, ensure_staff,
    seed_demo,
};
use tongban_licences::{ExistingLicence, Status};
use tongban_packs::Pack;

use crate::failure::Failure;
use crate::wiring::House;

fn officers(pack: &Pack) -> Vec<NewStaff> {
    pack.staff
        .iter()
        .map(|member| NewStaff {
            login: member.login.clone(),
            name: member.name.clone(),
            password: DEMO_PASSWORD.to_owned(),
            organisation: member.organisation.clone(),
            division: member.division.clone(),
            roles: member.roles.clone(),
        })
        .collect()
}

/// What the login page offers.
pub fn accounts(pack: &Pack, roles: &Roles) -> Vec<DemoAccount> {
    demo_accounts(&officers(pack), roles)
}

/// Makes what is missing; a second start finds everything there.
pub async fn seed(house: &House, ctx: &Ctx) -> Result<(), Failure> {
    ensure_staff(&house.identity, ctx, &officers(&house.pack)).await?;
    if seed_demo(&house.identity, ctx).await? > 0 {
        seed_licences(house, ctx).await?;
    }
    Ok(())
}

/// Each demonstration citizen holds the certificates that the items renew, replace and cancel.
async fn seed_licences(house: &House, ctx: &Ctx) -> Result<(), Failure> {
    let today = ctx.now.date();
    let mut existing = Vec::new();
    for (kind, division) in kinds(&house.pack) {
        for person in demo_people() {
            existing.push(licence(&kind, &division, &person, today));
        }
    }
    let input = (house.licences.clone(), ctx.clone(), existing);
    house
        .app
        .db()
        .write(input, |tx, (licences, ctx, existing)| {
            Box::pin(async move { licences.seed(tx, ctx, existing).await.map(|_| ()) })
        })
        .await?;
    Ok(())
}

/// The licence types that some item works on, with the division of the issuing office.
fn kinds(pack: &Pack) -> Vec<(String, String)> {
    let mut kinds = Vec::new();
    for file in pack.folder.list("licences/", ".toml") {
        let code = file
            .trim_start_matches("licences/")
            .trim_end_matches(".toml")
            .to_owned();
        let division = pack
            .organisations
            .values()
            .next()
            .map_or_else(String::new, |o| o.division.clone());
        kinds.push((code, division));
    }
    kinds
}

fn licence(
    kind: &str,
    division: &str,
    person: &tongban_identity::DemoCitizen,
    today: Date,
) -> ExistingLicence {
    let years = |n: u32| {
        today
            .checked_sub_months(Months::new(12 * n))
            .unwrap_or(today)
    };
    let issued_on = years(4);
    ExistingLicence {
        kind: kind.to_owned(),
        account: None,
        person: json!({
            "name": person.name, "id_number": person.id_number, "mobile": person.mobile,
            "address": person.address,
        }),
        form: json!({}),
        face: Map::new(),
        division: division.to_owned(),
        issued_on,
        valid_from: issued_on,
        valid_to: issued_on.checked_add_months(Months::new(72)),
        status: Status::Valid,
        ended: None,
    }
}
