//! Whoever stands at a window, with the card in the officer's hand. Such a person has an account from then on, which
//! nobody can log in to: there is no password, and the mobile number is only told things.

use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::numbers::check_mobile;
use tongban_base::{Ctx, FieldError, Kind, Problem, Result, Uuid};
use tongban_store::Tx;

use crate::Identity;
use crate::audit::MET;
use crate::model::{Assurance, AssuranceChange, Match};
use crate::population::PopulationQuery;
use crate::service::ask_real_name::{RealName, name_and_number};
use crate::service::join::unclaimed;
use crate::store::account;

/// As they stand on the card, and where word is sent to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Met {
    pub name: String,
    pub id_number: String,
    pub mobile: String,
}

/// In the history of an account: proven face to face.
const WINDOW: &str = "window";

impl Met {
    /// As pages and registers write them. Errors: at `/name`, `/id_number` and `/mobile`.
    pub fn checked(&self, ctx: &Ctx) -> Result<Met> {
        let card = RealName {
            name: self.name.clone(),
            id_number: self.id_number.clone(),
        };
        let card = name_and_number(&card, ctx.now.date());
        match (card, check_mobile(&self.mobile)) {
            (Ok((name, id_number)), Ok(mobile)) => Ok(Met {
                name,
                id_number,
                mobile,
            }),
            (card, mobile) => {
                let mut faults = card.err().unwrap_or_default();
                let mobile = mobile.err();
                faults.extend(mobile.map(|words| FieldError::new("/mobile", "invalid", words)));
                Err(Problem::fields(faults))
            }
        }
    }
}

struct Found {
    assurance: Assurance,
    /// The name is the one on the card.
    is_same: bool,
}

/// Somebody of whom it is known that name and number belong together.
#[derive(Clone, Debug)]
pub struct Known(Met);

impl Identity {
    /// Whether name and number belong together: as an account has proven them, or as the population register says now.
    /// Errors: a fault in a field; the number is proven with another name, or the register says so; it does not answer.
    pub async fn recognise(&self, ctx: &Ctx, met: &Met) -> Result<Known> {
        let met = met.checked(ctx)?;
        let input = (self.clone(), met.clone());
        let known = self.db.read(input, |tx, (identity, met)| {
            Box::pin(async move {
                let known = account::by_id_number(tx, &identity.keys, &met.id_number).await?;
                match known {
                    Some(account) => Ok(identity.known(tx, account, met).await?.is_same),
                    None => Ok(false),
                }
            })
        });
        if !known.await? {
            let query = PopulationQuery {
                id: Uuid::now_v7(),
                name: met.name.clone(),
                id_number: met.id_number.clone(),
            };
            let answer = self.register.check(&query).await.map_err(silent)?;
            if answer != Match::Match {
                let why = match answer {
                    Match::NotFound => "没有这个号码",
                    Match::Suspended => "这个号码暂时不能核验",
                    Match::Mismatch | Match::Match => "姓名和号码不一致",
                };
                let words = format!("人口库核验：{why}，请再核对证件上的姓名和号码");
                let fault = FieldError::new("/id_number", "not_recognised", words);
                return Err(Problem::fields(vec![fault]));
            }
        }
        Ok(Known(met))
    }

    /// The account of whoever stands there; where there is none, one is opened. The mobile number of an account that its
    /// owner has opened stays. Errors: the number has been proven with another name since.
    pub async fn meet(&self, tx: &mut Tx, ctx: &Ctx, Known(met): &Known) -> Result<Uuid> {
        let keys = &self.keys;
        let known = account::by_id_number(tx, keys, &met.id_number).await?;
        let (account, before, is_same) = match known {
            Some(account) => {
                let found = self.known(tx, account, met).await?;
                (account, found.assurance, found.is_same)
            }
            None => (self.open(tx, ctx, met)?, Assurance::L1, false),
        };
        let after = Assurance::L3.max(before);
        if after != before || !is_same {
            account::prove(tx, keys, account, &met.name, &met.id_number, after).await?;
            let change = AssuranceChange {
                before,
                after,
                reason: WINDOW.into(),
                at: ctx.now,
            };
            account::note_assurance(tx, account, &change)?;
        }
        let detail = json!({ "opened": known.is_none(), "assurance": after.code() });
        let entry = Entry::done(MET, "account", account).with_detail(detail);
        record(tx, ctx, self.audit_key(), entry).await?;
        Ok(account)
    }

    /// What is known of the number. An account that nobody logs in to takes the name that the register confirms.
    async fn known(&self, tx: &mut Tx, account: Uuid, met: &Met) -> Result<Found> {
        let person = account::person(tx, &self.keys, account).await?;
        let is_same = person.name.as_deref() == Some(met.name.as_str());
        if !is_same && !unclaimed(tx, account).await? {
            let words = "这个身份证号在本平台登记的是另一个姓名，请再核对证件上的姓名和号码；证件无误（例如改过名）的，请有“实名账号”权限的同事解除原来的实名，再收件";
            let fault = FieldError::new("/name", "other_name", words);
            return Err(Problem::fields(vec![fault]));
        }
        Ok(Found {
            assurance: person.assurance,
            is_same,
        })
    }

    fn open(&self, tx: &mut Tx, ctx: &Ctx, met: &Met) -> Result<Uuid> {
        let id = Uuid::now_v7();
        let row = account::AccountRow {
            id,
            login: format!("{WINDOW}-{id}"),
            password: String::new(),
            mobile: met.mobile.clone(),
            created_at: ctx.now,
        };
        account::insert_unclaimed(tx, &self.keys, &row)?;
        Ok(id)
    }
}

fn silent(problem: Problem) -> Problem {
    let words = "人口库现在没有应答，没有登记过的人暂时不能收件，请过几分钟再试；已经在本平台实名的人不受影响";
    Problem::new(Kind::Unavailable, "population.silent", words).with_cause(problem)
}
