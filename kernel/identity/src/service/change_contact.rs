//! A person changes the mobile number and the address that forms are prefilled with.

use serde::Deserialize;
use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::numbers::check_mobile;
use tongban_base::{Ctx, FieldError, Problem, Result, typed};

use crate::Identity;
use crate::audit::CONTACT_CHANGED;
use crate::service::confirm::confirm;
use crate::service::own_account;
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

pub async fn change_contact(identity: &Identity, ctx: &Ctx, wish: &Contact) -> Result<()> {
    let account = own_account(ctx)?;
    let contact = checked(wish)?;
    if identity.person_of(account).await?.mobile != contact.mobile {
        confirm(identity, ctx, ("/password", &wish.password)).await?;
    }
    identity
        .db
        .write((identity.clone(), ctx.clone(), account, contact), |tx, input| {
            Box::pin(async move {
                let (identity, ctx, account, contact) = input;
                let (keys, mobile) = (&identity.keys, contact.mobile.as_str());
                if account::mobile_taken(tx, keys, mobile, Some(*account)).await? {
                    let words = "这个手机号已用于另一个账号，请换一个";
                    let fault = FieldError::new("/mobile", "taken", words);
                    return Err(Problem::fields(vec![fault]));
                }
                let old = account::person(tx, keys, *account).await?;
                let address = Some(contact.address.as_str()).filter(|text| !text.is_empty());
                account::set_contact(tx, keys, *account, mobile, address).await?;
                let new = account::person(tx, keys, *account).await?;
                let told = |p: &crate::Person| {
                    json!({"mobile": p.masked_mobile(), "address": p.masked_address()})
                };
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
