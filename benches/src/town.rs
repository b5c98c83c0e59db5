//! Fictional citizens with accounts, licences and finished drafts, made before anything is measured.
//! What they apply for stands in `application.json`; no word of it here.

use chrono::Months;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tongban_base::{Actor, Ctx, Date, Problem, Result, Timestamp};
use tongban_cases::{DraftId, begin_application, save_answers, save_step, upload_file};
use tongban_identity::{
    DEMO_PASSWORD, DemoCitizen, LogIn, SessionKind, fictional_id_number, log_in, seed_citizens,
};
use tongban_licences::{ExistingLicence, Status};

use crate::House;
use crate::callers::callers;

/// One empty page.
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\n\
    trailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n";

/// Preparing is not measured: enough to keep both cores busy.
const WIDTH: usize = 16;
/// Licences added in one transaction.
const PORTION: usize = 500;

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    pub item: String,
    /// What people type who look for it.
    pub words: String,
    licence: Held,
    answers: Vec<(String, String)>,
    pub steps: Vec<Step>,
    material: String,
}

/// The licence that every applicant holds.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    kind: String,
    months: u32,
    form: Value,
    face: Map<String, Value>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub id: String,
    pub input: Vec<(String, String)>,
}

/// Somebody with an account.
#[derive(Clone)]
pub struct Citizen {
    pub actor: Actor,
    pub login: String,
}

impl Citizen {
    pub fn ctx(&self) -> Ctx {
        Ctx::new(self.actor.clone(), Timestamp::now())
    }
}

pub fn application() -> Result<Application> {
    Ok(serde_json::from_str(include_str!("application.json"))?)
}

/// Makes `count` citizens, each with a proven name and the licence that the item works on.
pub async fn settle(house: &House, count: u32) -> Result<Vec<Citizen>> {
    let ctx = Ctx::system(Timestamp::now());
    let people: Vec<DemoCitizen> = (0..count).filter_map(person).collect();
    let accounts = seed_citizens(&house.identity, &ctx, &people).await?;
    let held = application()?.licence;
    let today = ctx.now.date();
    let licences: Vec<ExistingLicence> = people
        .iter()
        .map(|person| licence(&held, person, today))
        .collect();
    for portion in licences.chunks(PORTION) {
        let input = (house.licences.clone(), ctx.clone(), portion.to_vec());
        house
            .db
            .write(input, |tx, (licences, ctx, existing)| {
                Box::pin(async move { licences.seed(tx, ctx, existing).await.map(drop) })
            })
            .await?;
    }
    let citizens = people
        .iter()
        .zip(accounts)
        .map(|(person, account)| Citizen {
            actor: Actor::citizen(account, person.name.clone()),
            login: person.login.clone(),
        });
    Ok(citizens.collect())
}

fn person(index: u32) -> Option<DemoCitizen> {
    let first = Date::from_ymd_opt(1980, 1, 1)?;
    let born = first.checked_add_days(chrono::Days::new(u64::from(index / 1000)))?;
    Some(DemoCitizen {
        login: format!("town{index}"),
        name: format!("测试第{index}人"),
        id_number: fictional_id_number(born, index % 1000)?,
        mobile: format!("1991{index:07}"),
        address: format!("示例市示例区示例路{index}号"),
        note: String::new(),
    })
}

fn licence(held: &Held, person: &DemoCitizen, today: Date) -> ExistingLicence {
    let issued_on = today
        .checked_sub_months(Months::new(held.months / 2))
        .unwrap_or(today);
    ExistingLicence {
        kind: held.kind.clone(),
        account: None,
        person: json!({
            "name": person.name, "id_number": person.id_number, "mobile": person.mobile,
            "address": person.address,
        }),
        form: held.form.clone(),
        face: held.face.clone(),
        division: "310000000000".to_owned(),
        issued_on,
        valid_from: issued_on,
        valid_to: issued_on.checked_add_months(Months::new(held.months)),
        status: Status::Valid,
        ended: None,
    }
}

/// A draft for each citizen, complete up to the last button.
pub async fn drafts(house: &House, citizens: Vec<Citizen>) -> Result<Vec<(Citizen, DraftId)>> {
    let (desk, application) = (house.desk.clone(), application()?);
    callers(WIDTH, citizens, move |citizen| {
        let (desk, application) = (desk.clone(), application.clone());
        async move {
            let ctx = citizen.ctx();
            let id = begin_application(&desk, &ctx, &application.item).await?;
            save_answers(&desk, &ctx, id, &application.answers).await?;
            for step in &application.steps {
                let (_, reading) = save_step(&desk, &ctx, id, &step.id, &step.input).await?;
                if !reading.errors.is_empty() {
                    return Err(Problem::fields(reading.errors));
                }
            }
            let content = PDF.to_vec();
            let material = &application.material;
            upload_file(&desk, &ctx, id, material, "photo.pdf", content).await?;
            Ok((citizen, id))
        }
    })
    .await
}

/// Logs everybody in with the password, as people do.
pub async fn sessions(house: &House, citizens: Vec<Citizen>) -> Result<Vec<(Citizen, String)>> {
    let identity = house.identity.clone();
    callers(WIDTH, citizens, move |citizen| {
        let identity = identity.clone();
        async move {
            let wish = LogIn {
                kind: SessionKind::Citizen,
                login: citizen.login.clone(),
                password: DEMO_PASSWORD.to_owned(),
            };
            let ctx = Ctx::new(Actor::anonymous(), Timestamp::now());
            let session = log_in(&identity, &ctx, &wish, "tongban bench").await?;
            Ok((citizen, session.token))
        }
    })
    .await
}
