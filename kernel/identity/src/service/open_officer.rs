//! Officers whose accounts follow from a decision: entered, switched off and on, changed, in the transaction of the decision.
//! Whoever is entered gets a code with which the first password is set.

use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::numbers::check_mobile;
use tongban_base::{Ctx, Problem, Result, Timestamp, Uuid};
use tongban_crypto::random_bytes;
use tongban_store::Tx;

use crate::Identity;
use crate::audit::{STAFF_CHANGED, STAFF_ENTERED, STAFF_SWITCHED_OFF, STAFF_SWITCHED_ON};
use crate::model::{StaffRecord, check_login};
use crate::service::keep_managers::somebody_manages;
use crate::service::manage_staff::end_all;
use crate::store::{staff, staff_contact};

/// How long a code opens.
const CODE_DAYS: i64 = 7;
/// Stands in the place of a password; no password is stored so.
const OPENING: &str = "opening ";

/// An officer as a decision wants him.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewOfficer {
    pub login: String,
    pub name: String,
    pub mobile: String,
    pub organisation: String,
    pub division: String,
    pub roles: Vec<String>,
}

/// An officer who was entered, and what opens the account.
#[derive(Clone, Debug)]
pub struct OpenedOfficer {
    pub account: Uuid,
    pub login: String,
    pub code: String,
    pub until: Timestamp,
}

impl Identity {
    /// Why an officer could not be entered, in words.
    pub async fn officer_obstacles(&self, tx: &mut Tx, new: &NewOfficer) -> Result<Vec<String>> {
        let mut obstacles = Vec::new();
        match check_login(&new.login) {
            Err(words) => obstacles.push(format!("登录名“{}”不能用：{words}", new.login)),
            Ok(login) => {
                let found = staff::by_login(tx, &login).await?;
                let other = found.is_some_and(|found| {
                    found.staff.active || found.staff.organisation != new.organisation
                });
                if other {
                    obstacles.push(format!("登录名“{login}”已有人使用，请换一个"));
                }
            }
        }
        if check_mobile(&new.mobile).is_err() {
            obstacles.push("没有可用的手机号，开通码发不出去".to_owned());
        }
        if new.name.trim().is_empty() || new.organisation.is_empty() {
            obstacles.push("姓名和单位没有填写，不能开通账号".to_owned());
        }
        Ok(obstacles)
    }

    /// Enters an officer, or switches on anew one of the same organisation who was switched off; any earlier password
    /// opens nothing. Errors: what `officer_obstacles` tells.
    pub async fn open_officer(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        new: &NewOfficer,
    ) -> Result<OpenedOfficer> {
        if let Some(words) = self.officer_obstacles(tx, new).await?.into_iter().next() {
            return Err(Problem::conflict("staff.obstacle", words));
        }
        let login = check_login(&new.login).map_err(|words| Problem::invalid("login", words))?;
        let before = staff::by_login(tx, &login).await?;
        let id = before
            .as_ref()
            .map_or_else(Uuid::now_v7, |found| found.staff.id);
        let (code, until) = (opening_code()?, ctx.now.plus_minutes(CODE_DAYS * 24 * 60));
        let officer = StaffRecord {
            id,
            login: login.clone(),
            name: new.name.trim().to_owned(),
            password: self.opening(id, &code, until),
            organisation: new.organisation.clone(),
            division: new.division.clone(),
            roles: new.roles.iter().cloned().collect(),
            active: true,
        };
        match before {
            Some(_) => staff::put_back(tx, &officer).await?,
            None => staff::insert(tx, &officer)?,
        }
        let mobile =
            check_mobile(&new.mobile).map_err(|words| Problem::invalid("mobile", words))?;
        staff_contact::set_mobile(tx, &self.keys, id, &mobile).await?;
        let detail = json!({
            "login": officer.login, "organisation": officer.organisation, "division": officer.division,
            "roles": officer.roles,
        });
        let entry = Entry::done(STAFF_ENTERED, "staff", id).with_detail(detail);
        record(tx, ctx, self.audit_key(), entry).await?;
        Ok(OpenedOfficer {
            account: id,
            login,
            code,
            until,
        })
    }

    /// A new code for an officer of an organisation who has set no password yet; none for whoever has.
    pub async fn renew_opening(
        &self,
        tx: &mut Tx,
        now: Timestamp,
        (login, organisation): (&str, &str),
    ) -> Result<Option<OpenedOfficer>> {
        let officer = officer_of(tx, login, organisation).await?;
        if !is_to_be_opened(&officer.password) || !officer.active {
            return Ok(None);
        }
        let (code, until) = (opening_code()?, now.plus_minutes(CODE_DAYS * 24 * 60));
        let opening = self.opening(officer.id, &code, until);
        staff::set_password(tx, officer.id, &opening).await?;
        Ok(Some(OpenedOfficer {
            account: officer.id,
            login: officer.login,
            code,
            until,
        }))
    }

    /// Switches an officer of an organisation off or on; whether he was otherwise before. Errors: there is none.
    pub async fn switch_officer_of(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        (login, organisation): (&str, &str),
        active: bool,
    ) -> Result<bool> {
        let officer = officer_of(tx, login, organisation).await?;
        if officer.active == active {
            return Ok(false);
        }
        staff::set_active(tx, officer.id, active).await?;
        somebody_manages(tx, self, &officer).await?;
        let event = match active {
            true => STAFF_SWITCHED_ON,
            false => STAFF_SWITCHED_OFF,
        };
        let entry = Entry::done(event, "staff", officer.id);
        record(tx, ctx, self.audit_key(), entry).await?;
        if !active {
            end_all(tx, self, ctx, ("staff", officer.id)).await?;
            self.cache.forget(officer.id);
        }
        Ok(true)
    }

    /// Another name and mobile number for an officer of an organisation. Errors: there is none; a number that is none.
    pub async fn change_officer_of(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        (login, organisation): (&str, &str),
        (name, mobile): (&str, &str),
    ) -> Result<()> {
        let officer = officer_of(tx, login, organisation).await?;
        let mobile = check_mobile(mobile).map_err(|words| Problem::invalid("mobile", words))?;
        staff::set_name(tx, officer.id, name.trim()).await?;
        staff_contact::set_mobile(tx, &self.keys, officer.id, &mobile).await?;
        let entry = Entry::done(STAFF_CHANGED, "staff", officer.id);
        record(tx, ctx, self.audit_key(), entry).await
    }

    /// How an officer is reached; none where nobody has said.
    pub async fn mobile_of_officer(&self, tx: &mut Tx, account: Uuid) -> Result<Option<String>> {
        staff_contact::mobile(tx, &self.keys, account).await
    }

    /// What stands in the place of a password while a code opens the account.
    fn opening(&self, id: Uuid, code: &str, until: Timestamp) -> String {
        let digest = self.keys.digest(&format!("{OPENING}{id} {code}"));
        format!("{OPENING}{} {digest}", until.0)
    }

    /// Whether a code opens the account at this moment.
    pub(crate) fn is_opened_by(&self, officer: &StaffRecord, code: &str, now: Timestamp) -> bool {
        let rest = officer.password.strip_prefix(OPENING).unwrap_or_default();
        let until = rest.split(' ').next().and_then(|text| text.parse().ok());
        let Some(until) = until.map(Timestamp).filter(|until| now < *until) else {
            return false;
        };
        let code = code.trim().to_ascii_uppercase();
        let expected = self.opening(officer.id, &code, until);
        tongban_crypto::constant_time_eq(expected.as_bytes(), officer.password.as_bytes())
    }
}

/// Whether no password was set yet.
pub(crate) fn is_to_be_opened(password: &str) -> bool {
    password.starts_with(OPENING)
}

async fn officer_of(tx: &mut Tx, login: &str, organisation: &str) -> Result<StaffRecord> {
    let found = match check_login(login) {
        Ok(login) => staff::by_login(tx, &login).await?,
        Err(_) => None,
    };
    let found = found.filter(|found| found.genuine && found.staff.organisation == organisation);
    let words = "本单位没有这个登录名的账号，请核对";
    found
        .map(|found| found.staff)
        .ok_or_else(|| Problem::conflict("staff.unknown", words))
}

/// Ten characters without those that look like others: fifty bits.
fn opening_code() -> Result<String> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let character = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
    Ok(random_bytes::<10>()?.iter().map(character).collect())
}
