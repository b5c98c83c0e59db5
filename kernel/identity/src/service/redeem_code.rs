//! An application comes for the tokens of a code: once, within a minute, with everything that the code is bound to.

use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::{Actor, Ctx, Problem, Result};
use tongban_crypto::random_token;
use tongban_store::Tx;

use crate::Identity;
use crate::audit::{OPENID_CODE_REUSED, OPENID_SIGNED_IN};
use crate::openid::{
    Answered, Client, IdToken, OAuthError, Params, Scopes, TOKEN_SECONDS, fits_challenge,
};
use crate::store::openid_code::{CodeRow, FoundCode};
use crate::store::{account, openid_code, openid_token};

pub(crate) struct Tokens {
    pub access_token: String,
    pub id_token: String,
    pub scopes: Scopes,
}

/// What the application showed besides itself.
#[derive(Clone)]
struct Shown {
    client: String,
    code_digest: String,
    redirect_uri: String,
    verifier: String,
    /// Digest of the token that it would get.
    token_digest: String,
}

pub(crate) async fn redeem_code(
    identity: &Identity,
    ctx: &Ctx,
    issuer: &str,
    client: &Client,
    params: &Params,
) -> Result<Answered<Tokens>> {
    let access_token = random_token()?;
    let shown = match shown(identity, client, params, &access_token) {
        Ok(shown) => shown,
        Err(error) => return Ok(Err(error)),
    };
    let outcome = identity
        .db
        .write((identity.clone(), ctx.clone(), shown), |tx, input| {
            Box::pin(async move {
                let (identity, ctx, shown) = input;
                take(tx, identity, ctx, shown).await
            })
        })
        .await?;
    let code = match outcome {
        Ok(code) => code,
        Err(words) => return Ok(Err(OAuthError::new("invalid_grant", words))),
    };
    let subject = identity.openid.subject(&code.client, code.account);
    let id_token = identity.openid.keys.sign(&IdToken {
        issuer,
        subject: &subject,
        audience: &code.client,
        issued_at: ctx.now,
        signed_in_at: code.signed_in_at,
        nonce: code.nonce.as_deref(),
        access_token: &access_token,
    })?;
    Ok(Ok(Tokens {
        access_token,
        id_token,
        scopes: code.scopes,
    }))
}

fn shown(
    identity: &Identity,
    client: &Client,
    params: &Params,
    access_token: &str,
) -> Answered<Shown> {
    let invalid = |words| OAuthError::new("invalid_request", words);
    if params.has_twins() {
        return Err(invalid("a parameter is repeated"));
    }
    match params.get("grant_type") {
        Some("authorization_code") => {}
        Some(_) => {
            let words = "only grant_type=authorization_code is supported";
            return Err(OAuthError::new("unsupported_grant_type", words));
        }
        None => return Err(invalid("grant_type is missing")),
    }
    let wanted = |name, words| params.get(name).ok_or(invalid(words));
    let code = wanted("code", "code is missing")?;
    let redirect_uri = wanted("redirect_uri", "redirect_uri is missing")?;
    let verifier = wanted("code_verifier", "code_verifier is missing")?;
    Ok(Shown {
        client: client.code.clone(),
        code_digest: identity.openid.code_digest(code),
        redirect_uri: redirect_uri.to_owned(),
        verifier: verifier.to_owned(),
        token_digest: identity.openid.token_digest(access_token),
    })
}

/// Uses the code up, or says why not. A refusal is no error here: what it ends must be committed.
async fn take(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    shown: &Shown,
) -> Result<std::result::Result<CodeRow, &'static str>> {
    let found = openid_code::find(tx, &shown.code_digest, ctx.now).await?;
    let Some(found) = found.filter(|found| found.code.client == shown.client) else {
        return Ok(Err("the code is unknown"));
    };
    if found.used {
        end_all(tx, identity, ctx, &found.code).await?;
        return Ok(Err("the code was used before; its tokens have ended"));
    }
    if let Some(words) = refusal(&found, ctx, shown) {
        return Ok(Err(words));
    }
    let code = found.code;
    openid_code::use_up(tx, &code.digest, ctx.now).await?;
    let expires_at = ctx.now.plus_millis(TOKEN_SECONDS * 1000);
    openid_token::insert(tx, &shown.token_digest, &code, expires_at)?;
    let name = account::display_name(tx, &identity.keys, code.account).await?;
    let name = name.ok_or_else(|| Problem::internal("a code of no account"))?;
    // The log names who logged in, although the application asks.
    let mut ctx = ctx.clone();
    ctx.actor = Actor::citizen(code.account, name);
    let entry = Entry::done(OPENID_SIGNED_IN, "openid_client", &code.client)
        .with_detail(json!({"scopes": code.scopes.to_string()}));
    record(tx, &ctx, identity.audit_key(), entry).await?;
    Ok(Ok(code))
}

fn refusal(found: &FoundCode, ctx: &Ctx, shown: &Shown) -> Option<&'static str> {
    let code = &found.code;
    if ctx.now >= code.expires_at {
        Some("the code has expired")
    } else if shown.redirect_uri != code.redirect_uri {
        Some("redirect_uri is not that of the authorization request")
    } else if !fits_challenge(&shown.verifier, &code.challenge) {
        Some("code_verifier does not fit code_challenge")
    } else if !found.session_lives {
        Some("the person has logged out")
    } else {
        None
    }
}

/// Somebody has a code that was used: the one or the other stole it (RFC 6749, 4.1.2).
async fn end_all(tx: &mut Tx, identity: &Identity, ctx: &Ctx, code: &CodeRow) -> Result<()> {
    openid_token::end_of_code(tx, &code.digest).await?;
    let entry = Entry::refused(
        OPENID_CODE_REUSED,
        "openid_client",
        &code.client,
        "授权码已经用过，由它取得的令牌已作废",
    );
    record(tx, ctx, identity.audit_key(), entry).await
}
