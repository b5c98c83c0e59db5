//! Filling a register with licences that exist already: imported ones, or the fictional ones of a demonstration.
//! Their files are made when somebody first looks at them.

use serde_json::{Map, Value as Json};
use tongban_base::{Ctx, Date, Result, Uuid, mask_name, mask_number};
use tongban_documents::verify_code;
use tongban_store::Tx;

use super::issue::{Says, issued, person_text};
use crate::definition::{FaceValues, calculate};
use crate::licences::Licences;
use crate::model::{Ended, Licence, LicenceId, Status};
use crate::store::{events, licences as store};

/// A licence as it is known to exist.
#[derive(Clone, Debug)]
pub struct ExistingLicence {
    pub kind: String,
    pub account: Option<Uuid>,
    /// name, id_number, sex, birth_date, mobile, address
    pub person: Json,
    /// What the face takes from a form: driving_class, categories …
    pub form: Json,
    /// Fields of the face that are known as they stand: first_issued_on …
    pub face: Map<String, Json>,
    pub division: String,
    pub issued_on: Date,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Valid, Cancelled or Revoked; expiry follows from `valid_to`.
    pub status: Status,
    /// When it was cancelled or revoked, and why.
    pub ended: Option<Ended>,
}

impl Licences {
    /// Adds licences with numbers of the year they were issued in. About a thousand make a good transaction.
    /// Errors: a person already holds one of the kind that is in force.
    pub async fn seed(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        existing: &[ExistingLicence],
    ) -> Result<Vec<LicenceId>> {
        let mut ids = Vec::with_capacity(existing.len());
        for one in existing {
            ids.push(self.seed_one(tx, ctx, one).await?);
        }
        Ok(ids)
    }

    async fn seed_one(&self, tx: &mut Tx, ctx: &Ctx, one: &ExistingLicence) -> Result<LicenceId> {
        let kind = self.kind(tx, &one.kind, None).await?;
        let licence = Licence {
            id: LicenceId::new(),
            kind: kind.code.clone(),
            type_code: kind.type_code.clone(),
            title: kind.title.clone(),
            number: self.number(tx, &kind, one.issued_on).await?,
            verify_code: verify_code()?,
            holder_account: one.account,
            holder_name_masked: mask_name(person_text(&one.person, "name")?),
            holder_number_masked: mask_number(person_text(&one.person, "id_number")?),
            holder_digest: self.holder_digest(person_text(&one.person, "id_number")?),
            organisation: kind.issuer.clone(),
            issuer_name: self.issuer(&kind.issuer)?.name.clone(),
            division: one.division.clone(),
            status: recorded(one.status),
            issued_on: one.issued_on,
            valid_from: one.valid_from,
            valid_to: one.valid_to,
            version: 1,
            replaces: None,
            case_id: None,
            making: false,
            ended: one.ended.clone(),
            created_at: ctx.now,
        };
        let nothing = Json::Object(Map::new());
        let mut face = calculate(
            &kind.fields,
            &FaceValues {
                person: &one.person,
                form: &one.form,
                answers: &nothing,
                case: &nothing,
                licence: &Json::Null,
                issued: &issued(&licence, None),
            },
        )?;
        for (code, value) in &one.face {
            if let Some(field) = face.get_mut(code) {
                *field = value.clone();
            }
        }
        let holder = self.sealed_holder(licence.id, &one.person)?;
        store::insert(tx, &licence, &holder).await?;
        let says = Says {
            face,
            photo: None,
            release: None,
        };
        // Their files are made when somebody first opens them.
        self.keep_edition(tx, ctx, &licence, says, (None, None))
            .await?;
        events::add(tx, ctx, event(&licence)).await?;
        Ok(licence.id)
    }
}

/// Expiry is never on record: it follows from the last day.
fn recorded(status: Status) -> Status {
    match status {
        Status::Expired => Status::Valid,
        other => other,
    }
}

fn event(licence: &Licence) -> events::NewEvent<'static> {
    events::NewEvent {
        licence: licence.id,
        kind: "imported",
        before: None,
        after: licence.status,
        changes: None,
        basis: "",
        reason: "存量证照导入",
        case_id: None,
    }
}
