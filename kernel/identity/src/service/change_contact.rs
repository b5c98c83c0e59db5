//! A person changes the mobile number and the address that forms are prefilled with.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::numbers::check_mobile;
use tongban_base::{Ctx, FieldError, Problem, Result, Uuid, typed};

use crate::Identity;
use crate::audit::CONTACT_CHANGED;
use crate::model::CodePurpose;
use crate::service::confirm::confirm;
use crate::service::own_account;
use crate::service::send_code::{CodeMessages, SentCode, Wish, send_code};
use crate::store::account;

const LONGEST_ADDRESS: usize = 200;

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub mobile: String,
    #[serde(default)]
    pub address: String,
    /// Asked for where the mobile number changes: one logs in with it.
    #[serde(default)]
    pub password: String,
}

/// The address is changed at once; another mobile number waits for the code that was sent there. Errors: faulty fields.
pub async fn change_contact(
    identity: &Identity,
    ctx: &Ctx,
    codes: &Arc<CodeMessages>,
    wish: &Contact,
) -> Result<Option<SentCode>> {
    let account = own_account(ctx)?;
    let contact = checked(wish)?;
    let person = identity.person_of(account).await?;
    let moves = person.mobile != contact.mobile;
    if moves {
        confirm(identity, ctx, ("/password", &wish.password)).await?;
    }
    let stands = person.address.unwrap_or_default() == contact.address;
    let sent = match moves {
        false => None,
        true => {
            let wish = Wish {
                purpose: CodePurpose::Change,
                account: Some(account),
                login: String::new(),
                password: String::new(),
                mobile: contact.mobile,
            };
            Some(send_code(identity, ctx, codes, wish).await?)
        }
    };
    if !stands {
        change_address(identity, ctx, (account, contact.address)).await?;
    }
    Ok(sent)
}

async fn change_address(identity: &Identity, ctx: &Ctx, change: (Uuid, String)) -> Result<()> {
    identity
        .db
        .write((identity.clone(), ctx.clone(), change), |tx, input| {
            Box::pin(async move {
                let (identity, ctx, (account, address)) = input;
                let keys = &identity.keys;
                let old = account::person(tx, keys, *account).await?;
                let address = Some(address.as_str()).filter(|text| !text.is_empty());
                account::set_contact(tx, keys, *account, &old.mobile, address).await?;
                let new = account::person(tx, keys, *account).await?;
                let told = |p: &crate::Person| json!({ "address": p.masked_address() });
                let entry = Entry::done(CONTACT_CHANGED, "account", account)
                    .with_change(told(&old), told(&new));
                record(tx, ctx, identity.audit_key(), entry).await
            })
        })
        .await
}

fn checked(wish: &Contact) -> Result<Contact> {
    let mut faults = Vec::new();
    let mobile = check_mobile(&wish.mobile).unwrap_or_else(|message| {
        faults.push(FieldError::new("/mobile", "invalid", message));
        String::new()
    });
    let contact = Contact {
        mobile,
        address: typed::visible(&wish.address),
        password: String::new(),
    };
    if contact.address.chars().count() > LONGEST_ADDRESS
        || contact.address.contains(char::is_control)
    {
        let words = format!("地址最长 {LONGEST_ADDRESS} 字，写在一行里");
        faults.push(FieldError::new("/address", "invalid", words));
    }
    if faults.is_empty() {
        Ok(contact)
    } else {
        Err(Problem::fields(faults))
    }
}
