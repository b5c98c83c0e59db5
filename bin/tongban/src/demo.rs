//! The demonstration: fictional people, officers of the pack, licences to work with.

use chrono::{Days, Months};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use tongban_base::numbers::ResidentId;
use tongban_base::{Ctx, Date};
use tongban_identity::simulator::Citizen;
use tongban_identity::{
    DEMO_PASSWORD, DemoAccount, DemoCitizen, NewStaff, Roles, demo_accounts, demo_citizens,
    demo_people, demo_register, ensure_staff, seed_demo,
};
use tongban_licences::{ExistingLicence, Status};
use tongban_packs::Pack;
use tongban_transport::seed::Seed;

use crate::failure::Failure;
use crate::log::say;
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

/// Who has an account: the citizens with licences of `demo.toml`, and one person for each situation of the seed.
fn citizens(pack: &Pack, today: Date) -> Result<Vec<DemoCitizen>, Failure> {
    let file = file(pack)?;
    let mut citizens = demo_citizens();
    for (index, citizen) in citizens.iter_mut().enumerate() {
        let held = file.kinds().into_iter().filter_map(|kind| {
            let offered = file.licence.iter().filter(|l| l.kind == kind);
            offered.cycle().nth(index)
        });
        let about: Vec<&str> = held
            .filter_map(|licence| licence.about.as_deref())
            .collect();
        if !about.is_empty() {
            citizen.note = about.join("；");
        }
    }
    if let Some(seed) = people(pack)? {
        let fixed = seed.fixed(today).into_iter();
        citizens.extend(fixed.filter_map(|person| {
            Some(DemoCitizen {
                login: person.login?,
                name: person.name,
                id_number: person.id_number,
                mobile: person.mobile,
                address: person.address,
                note: person.about,
            })
        }));
    }
    Ok(citizens)
}

/// The people of the seed, if the pack has one.
fn people(pack: &Pack) -> Result<Option<Seed>, Failure> {
    if !Seed::is_in(pack) {
        return Ok(None);
    }
    let seed = Seed::read(pack).map_err(|fault| Failure::new(fault.to_string()))?;
    Ok(Some(seed))
}

/// Whom the simulated population register knows: everyone with an account, and some who may still register.
pub fn population(pack: &Pack, today: Date) -> Result<Vec<Citizen>, Failure> {
    let mut known = citizens(pack, today)?;
    let others = demo_people().into_iter();
    known.extend(others.skip(demo_citizens().len()));
    Ok(demo_register(&known))
}

/// What the login page offers.
pub fn accounts(pack: &Pack, roles: &Roles, today: Date) -> Result<Vec<DemoAccount>, Failure> {
    Ok(demo_accounts(
        &citizens(pack, today)?,
        &officers(pack),
        roles,
    ))
}

/// Makes the accounts that are missing and what their people hold; a second start finds everything there.
pub async fn seed(house: &House, ctx: &Ctx) -> Result<(), Failure> {
    ensure_staff(&house.identity, ctx, &officers(&house.pack)).await?;
    let people_of = citizens(&house.pack, ctx.now.date())?;
    if seed_demo(&house.identity, ctx, &people_of).await? > 0 {
        seed_licences(house, ctx).await?;
    }
    if let Some(seed) = people(&house.pack)? {
        let fixed = seed.fixed(ctx.now.date());
        let services = (&house.registers, &house.licences);
        seed.write_missing(house.app.db(), ctx, services, &fixed)
            .await?;
    }
    Ok(())
}

/// Fills the registers with the people of the seed, at most so many; those that are there stay.
pub async fn fill(house: &House, ctx: &Ctx, most: u32) -> Result<(), Failure> {
    let Some(seed) = people(&house.pack)? else {
        return Ok(());
    };
    let count = seed.count().min(most);
    let services = (&house.registers, &house.licences);
    let tell = |done: u32, of: u32| {
        if done.is_multiple_of(1_000) || done == of {
            say(&format!("正在准备演示数据 {done}/{of}"));
        }
    };
    seed.fill(house.app.db(), ctx, services, count, tell)
        .await?;
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
    /// What its holder can try.
    about: Option<String>,
}

impl DemoFile {
    /// Each kind once, in the order of the file.
    fn kinds(&self) -> Vec<&str> {
        let mut kinds: Vec<&str> = self.licence.iter().map(|l| l.kind.as_str()).collect();
        kinds.dedup();
        kinds
    }
}

fn file(pack: &Pack) -> Result<DemoFile, Failure> {
    let read = pack.folder.toml_or_default("demo.toml");
    read.map_err(|fault| Failure::new(fault.to_string()))
}

/// Each demonstration citizen holds the certificates that the items renew, replace and cancel.
async fn seed_licences(house: &House, ctx: &Ctx) -> Result<(), Failure> {
    let file = file(&house.pack)?;
    let today = ctx.now.date();
    let division = division(&house.pack);
    let mut existing = Vec::new();
    for kind in file.kinds() {
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
    person: &DemoCitizen,
    today: Date,
) -> ExistingLicence {
    let valid_to = match licence.days_left {
        Some(days) => today.checked_add_days(Days::new(days)),
        None => today.checked_add_months(Months::new(24)),
    };
    let issued_on = valid_to.and_then(|day| day.checked_sub_months(Months::new(72)));
    let issued_on = issued_on.unwrap_or(today);
    let id = ResidentId::parse(&person.id_number, today).ok();
    ExistingLicence {
        kind: licence.kind.clone(),
        account: None,
        person: json!({
            "name": person.name, "id_number": person.id_number, "mobile": person.mobile,
            "address": person.address, "sex": id.as_ref().map(|id| id.sex.code()),
            "birth_date": id.as_ref().map(|id| id.birth_date.to_string()),
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
