//! Issuing: a number, an identifier and a face are fixed in the caller's transaction, the files follow by a job. With the
//! files the licence comes into force, and what it replaces ends.

use serde_json::{Map, Value as Json};
use tongban_audit::{Entry, record};
use tongban_base::numbers::licence_identifier;
use tongban_base::{Ctx, Date, Problem, Result, Timestamp, Uuid, mask_name, mask_number};
use tongban_documents::verify_code;
use tongban_packs::ReleaseHash;
use tongban_store::Tx;

use crate::audit;
use crate::definition::{FaceValues, Issued, LicenceType, Period, Validity, calculate};
use crate::error;
use crate::jobs::ProduceLicence;
use crate::licences::Licences;
use crate::model::{Edition, Ended, Licence, LicenceId, Photo, Status};
use crate::store::{editions, events, licences as store};

/// What a case gives when it grants a licence.
#[derive(Clone, Debug)]
pub struct NewLicence {
    /// Code of the type in the release.
    pub kind: String,
    /// The release of the case; without one the pack in force says what is issued.
    pub release: Option<ReleaseHash>,
    /// The licence that this one replaces; the one in force is replaced even when it is not named.
    pub previous: Option<LicenceId>,
    pub validity: Validity,
    pub account: Option<Uuid>,
    /// name, id_number, sex, birth_date, mobile, address
    pub person: Json,
    pub form: Json,
    pub answers: Json,
    pub case: Json,
    pub case_id: Option<String>,
    /// Where the case lies: who of the office may see the licence.
    pub division: String,
    /// The material coded `photo`; without it the previous licence's picture stays.
    pub photo: Option<Photo>,
}

/// What an edition says, and in whose face.
pub(crate) struct Says {
    pub face: Map<String, Json>,
    pub photo: Option<Photo>,
    pub release: Option<ReleaseHash>,
}

impl Licences {
    /// Issues a licence and gives its id. It counts, and what it replaces ends, when its files are made.
    pub async fn issue(&self, tx: &mut Tx, ctx: &Ctx, new: &NewLicence) -> Result<LicenceId> {
        let kind = self.kind(tx, &new.kind, new.release.as_ref()).await?;
        let digest = self.holder_digest(person_text(&new.person, "id_number")?);
        let previous = self.previous(tx, new, &digest).await?;
        let today = ctx.now.date();
        let old = previous.as_ref().map(|p| Period {
            from: p.valid_from,
            to: p.valid_to,
        });
        let period = new.validity.period(today, kind.validity_years, old)?;
        let facts = match &previous {
            Some(previous) => self.facts_of(tx, previous, today).await?,
            None => Json::Null,
        };
        let mut licence = self.draft(tx, ctx, new, &kind, period).await?;
        licence.holder_digest = digest;
        licence.replaces = previous.as_ref().map(|p| p.id);
        let photo = match (&new.photo, &previous) {
            (None, Some(p)) => editions::one(tx, p.id, p.version).await?.photo,
            (given, _) => given.clone(),
        };
        let face = calculate(
            &kind.fields,
            &FaceValues {
                person: &new.person,
                form: &new.form,
                answers: &new.answers,
                case: &new.case,
                licence: &facts,
                issued: &issued(&licence, photo.as_ref()),
            },
        )?;
        store::insert(tx, &licence, &self.sealed_holder(licence.id, &new.person)?).await?;
        let says = Says {
            face,
            photo,
            release: new.release.clone(),
        };
        let awaited = (new.case_id.as_deref(), Some(ctx.now));
        self.keep_edition(tx, ctx, &licence, says, awaited).await?;
        note_issue(tx, ctx, &licence).await?;
        tx.enqueue(&ProduceLicence::of(&licence), ctx.now).await?;
        let entry = Entry::done(audit::ISSUED, audit::SUBJECT, licence.id);
        record(tx, ctx, &self.audit_key, entry).await?;
        Ok(licence.id)
    }

    /// The licence to be replaced: the one named, or the one in force. It must be the same person's and kind.
    async fn previous(
        &self,
        tx: &mut Tx,
        new: &NewLicence,
        digest: &str,
    ) -> Result<Option<Licence>> {
        let current = store::current(tx, digest, &new.kind).await?;
        let in_force = current.filter(|c| c.status == Status::Valid);
        let Some(id) = new.previous else {
            return Ok(in_force);
        };
        let named = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        if new.validity.needs_basis() && named.status != Status::Valid {
            return Err(error::no_basis());
        }
        let fits = named.holder_digest == digest && named.kind == new.kind;
        let is_free = in_force.is_none_or(|c| c.id == id);
        match fits && is_free {
            true => Ok(Some(named)),
            false => Err(error::not_a_previous_licence()),
        }
    }

    async fn draft(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        new: &NewLicence,
        kind: &LicenceType,
        period: Period,
    ) -> Result<Licence> {
        let today = ctx.now.date();
        Ok(Licence {
            id: LicenceId::new(),
            kind: kind.code.clone(),
            type_code: kind.type_code.clone(),
            title: kind.title.clone(),
            number: self.number(tx, kind, today).await?,
            verify_code: verify_code()?,
            holder_account: new.account,
            holder_name_masked: mask_name(person_text(&new.person, "name")?),
            holder_number_masked: mask_number(person_text(&new.person, "id_number")?),
            holder_digest: String::new(),
            organisation: kind.issuer.clone(),
            issuer_name: self.issuer(&kind.issuer)?.name.clone(),
            division: new.division.clone(),
            status: Status::Void,
            issued_on: today,
            valid_from: period.from,
            valid_to: period.to,
            version: 1,
            replaces: None,
            case_id: new.case_id.clone(),
            making: true,
            ended: None,
            created_at: ctx.now,
        })
    }

    /// The next number of a kind, without gaps.
    pub(crate) async fn number(
        &self,
        tx: &mut Tx,
        kind: &LicenceType,
        day: Date,
    ) -> Result<String> {
        let former = format!("licence {} ", kind.code);
        kind.number_rule.next(tx, day, &former).await
    }

    pub(super) async fn replace(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        previous: &Licence,
        case_id: Option<&str>,
    ) -> Result<()> {
        if previous.status != Status::Valid {
            return Ok(());
        }
        let ended = Ended {
            on: ctx.now.date(),
            by: previous.issuer_name.clone(),
            basis: String::new(),
            reason: "换发新证".to_owned(),
        };
        let changed = store::set_status(
            tx,
            previous.id,
            Status::Valid,
            Status::Replaced,
            Some(&ended),
        );
        if !changed.await? {
            return Err(error::not_in_force(previous.status));
        }
        let event = events::NewEvent {
            licence: previous.id,
            kind: "replaced",
            before: Some(Status::Valid),
            after: Status::Replaced,
            changes: None,
            basis: "",
            reason: &ended.reason,
            case_id,
        };
        events::add(tx, ctx, event).await
    }

    pub(crate) fn sealed_holder(
        &self,
        id: LicenceId,
        person: &Json,
    ) -> Result<store::SealedHolder> {
        Ok(store::SealedHolder {
            name: self.seal_field(id, "holder_name", person_text(person, "name")?)?,
            number: self.seal_field(id, "holder_number", person_text(person, "id_number")?)?,
        })
    }

    /// Writes the edition of the licence's version: which case waits for its files, and since when they are waited for.
    pub(crate) async fn keep_edition(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        licence: &Licence,
        says: Says,
        (case_id, asked_at): (Option<&str>, Option<Timestamp>),
    ) -> Result<()> {
        let issuer = self.issuer(&licence.organisation)?;
        let edition = Edition {
            version: licence.version,
            identifier: identifier(licence, &issuer.credit_code)?,
            photo: says.photo,
            release: self.types.recorded(&licence.kind, says.release),
            files: None,
            case_id: case_id.map(str::to_owned),
            is_void: false,
            failure: None,
        };
        let sealed = self.seal_field(licence.id, "face", &serde_json::to_string(&says.face)?)?;
        editions::insert(tx, licence.id, &edition, &sealed, (ctx.now, asked_at)).await
    }
}

async fn note_issue(tx: &mut Tx, ctx: &Ctx, licence: &Licence) -> Result<()> {
    let event = events::NewEvent {
        licence: licence.id,
        kind: "issued",
        before: None,
        after: Status::Valid,
        changes: None,
        basis: "",
        reason: "",
        case_id: licence.case_id.as_deref(),
    };
    events::add(tx, ctx, event).await
}

pub(crate) fn issued(licence: &Licence, photo: Option<&Photo>) -> Issued {
    Issued {
        number: licence.number.clone(),
        issued_on: licence.issued_on.to_string(),
        valid_from: licence.valid_from.to_string(),
        valid_to: licence.valid_to.map(|d| d.to_string()).unwrap_or_default(),
        issuer_name: licence.issuer_name.clone(),
        photo: photo.map(|p| p.path.clone()).unwrap_or_default(),
    }
}

/// The serial of an identifier takes digits and capitals only: what the number has of them.
fn identifier(licence: &Licence, issuer: &str) -> Result<String> {
    let serial: String = licence
        .number
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let version = u32::try_from(licence.version).map_err(Problem::internal)?;
    licence_identifier(&licence.type_code, issuer, &serial, version)
        .filter(|_| !serial.is_empty())
        .ok_or_else(|| Problem::internal(format!("no identifier for {}", licence.id)))
}

pub(crate) fn person_text<'p>(person: &'p Json, name: &str) -> Result<&'p str> {
    person
        .get(name)
        .and_then(Json::as_str)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Problem::internal(format!("the person has no {name}")))
}
