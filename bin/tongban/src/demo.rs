//! The demonstration: fictional people, officers of the pack, licences to work with.

use chrono::{Days, Months};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
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

/// What the pack says of the demonstration's licences.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoFile {
    /// Told to readers of the file only: all of it is fictional.
    #[serde(default, rename = "example")]
    _example: bool,
    #[serde(default)]
    licence: Vec<DemoLicence>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoLicence {
    #[serde(rename = "type")]
    kind: String,
    /// What the face takes from a form.
    #[serde(default)]
    form: Map<String, Json>,
    days_left: Option<u64>,
}

/// Each demonstration citizen holds the certificates that the items renew, replace and cancel.
async fn seed_licences(house: &House, ctx: &Ctx) -> Result<(), Failure> {
    let file: DemoFile = house
        .pack
        .folder
        .toml_or_default("demo.toml")
        .map_err(|fault| Failure::new(fault.to_string()))?;
    let today = ctx.now.date();
    let division = division(&house.pack);
    let mut kinds: Vec<&str> = file.licence.iter().map(|l| l.kind.as_str()).collect();
    kinds.dedup();
    let mut existing = Vec::new();
    for kind in kinds {
        let offered = file.licence.iter().filter(|l| l.kind == kind).cycle();
        for (person, licence) in demo_people().iter().zip(offered) {
            existing.push(held(licence, &division, person, today));
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

fn division(pack: &Pack) -> String {
    let first = pack.organisations.values().next();
    first.map_or_else(String::new, |o| o.division.clone())
}

/// Six years, as the faces say; without a wish two of them are left.
fn held(
    licence: &DemoLicence,
    division: &str,
    person: &tongban_identity::DemoCitizen,
    today: Date,
) -> ExistingLicence {
    let valid_to = match licence.days_left {
        Some(days) => today.checked_add_days(Days::new(days)),
        None => today.checked_add_months(Months::new(24)),
    };
    let issued_on = valid_to.and_then(|day| day.checked_sub_months(Months::new(72)));
    let issued_on = issued_on.unwrap_or(today);
    ExistingLicence {
        kind: licence.kind.clone(),
        account: None,
        person: json!({
            "name": person.name, "id_number": person.id_number, "mobile": person.mobile,
            "address": person.address,
        }),
        form: Json::Object(licence.form.clone()),
        face: Map::new(),
        division: division.to_owned(),
        issued_on,
        valid_from: issued_on,
        valid_to,
        status: Status::Valid,
        ended: None,
    }
}
