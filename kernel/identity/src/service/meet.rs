//! Whoever stands at a window, with the card in the officer's hand. Such a person has an account from then on, which
//! nobody can log in to: there is no password, and the mobile number is only told things.

use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::numbers::check_mobile;
use tongban_base::{Ctx, FieldError, Problem, Result, Uuid};
use tongban_store::Tx;

use crate::Identity;
use crate::audit::MET;
use crate::model::{Assurance, AssuranceChange};
use crate::service::ask_real_name::{RealName, name_and_number};
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

impl Identity {
    /// The account of whoever stands there; where there is none, one is opened. The mobile number of an account that its
    /// owner has opened stays. Errors: a fault in a field; the number is proven with another name.
    pub async fn meet(&self, tx: &mut Tx, ctx: &Ctx, met: &Met) -> Result<Uuid> {
        let met = met.checked(ctx)?;
        let keys = &self.keys;
        let known = account::by_id_number(tx, keys, &met.id_number).await?;
        let (account, before) = match known {
            Some(account) => (account, self.known(tx, account, &met).await?),
            None => (self.open(tx, ctx, &met)?, Assurance::L1),
        };
        let after = Assurance::L3.max(before);
        if after != before {
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

    async fn known(&self, tx: &mut Tx, account: Uuid, met: &Met) -> Result<Assurance> {
        let person = account::person(tx, &self.keys, account).await?;
        if person.name.as_deref() != Some(met.name.as_str()) {
            let words = "这个身份证号在本平台登记的是另一个姓名，请再核对证件；证件无误的，请先在“实名管理”里处理";
            let fault = FieldError::new("/name", "other_name", words);
            return Err(Problem::fields(vec![fault]));
        }
        Ok(person.assurance)
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
