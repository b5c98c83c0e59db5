//! An application sends somebody here to log in: who must log in first, who must be asked, who goes back at once.

use serde_json::json;
use tongban_audit::{Entry, attempt, record};
use tongban_base::{ActorKind, Ctx, Problem, Result};
use tongban_crypto::random_token;
use tongban_store::Tx;

use crate::Identity;
use crate::audit::OPENID_GRANTED;
use crate::model::{Person, SessionKind};
use crate::openid::{AuthorizationRequest, CODE_SECONDS, OAuthError, Prompt, Scope, Scopes};
use crate::store::openid_code::CodeRow;
use crate::store::openid_consent::ConsentRow;
use crate::store::session::SessionRow;
use crate::store::{account, openid_code, openid_consent, openid_token, session};

/// What is over for so long is forgotten: until then a second use of a code is noticed.
const MEMORY_MINUTES: i64 = 60;
/// Of one person for one application, the newest: looking at an address again and again makes no more.
const MOST_CODES: i64 = 5;

/// What comes next for the person.
pub(crate) enum Step {
    LogIn,
    /// To be asked, as this person.
    Ask(Box<Person>),
    /// Back to the application with this code.
    Go(String),
    Refuse(OAuthError),
}

pub(crate) async fn authorize_client(
    identity: &Identity,
    ctx: &Ctx,
    token: Option<&str>,
    request: &AuthorizationRequest,
) -> Result<Step> {
    let silent = request.prompt == Prompt::None;
    let refusal = |code, words| Ok(Step::Refuse(OAuthError::new(code, words)));
    let session = own_session(identity, ctx, token).await?;
    let Some(session) = session.filter(|session| is_fresh(session, ctx, request)) else {
        return match silent {
            true => refusal("login_required", "nobody is logged in"),
            false => Ok(Step::LogIn),
        };
    };
    let input = (
        identity.clone(),
        request.client.code.clone(),
        session.account,
    );
    let (person, consent) = identity
        .db
        .read(input, |tx, (identity, client, account)| {
            Box::pin(async move {
                let person = account::person(tx, &identity.keys, *account).await?;
                Ok((person, openid_consent::of(tx, client, *account).await?))
            })
        })
        .await?;
    let consent = consent.filter(|c| askable(request, &person).are_within(&c.asked));
    match consent.filter(|_| request.prompt != Prompt::Consent) {
        Some(consent) => {
            let scopes = request.scopes.shared_with(&consent.granted);
            Ok(Step::Go(
                issue(identity, ctx, request, &session, scopes, None).await?,
            ))
        }
        None if silent => refusal("consent_required", "the person has not agreed yet"),
        None => Ok(Step::Ask(Box::new(person))),
    }
}

/// The person agrees, with or without the full name; gives the code for the application.
pub(crate) async fn grant_client(
    identity: &Identity,
    ctx: &Ctx,
    token: Option<&str>,
    request: &AuthorizationRequest,
    with_real_name: bool,
) -> Result<String> {
    let session = own_session(identity, ctx, token).await?;
    let session = session.filter(|session| is_fresh(session, ctx, request));
    let session = session.ok_or_else(Problem::unauthenticated)?;
    let asked = askable(request, &identity.person_of(session.account).await?);
    let scopes = match with_real_name {
        true => asked.clone(),
        false => asked.without(Scope::RealName),
    };
    let consent = ConsentRow {
        client: request.client.code.clone(),
        asked,
        granted: scopes.clone(),
        at: ctx.now,
    };
    issue(identity, ctx, request, &session, scopes, Some(consent)).await
}

/// The person does not agree.
pub(crate) async fn deny_client(
    identity: &Identity,
    ctx: &Ctx,
    request: &AuthorizationRequest,
) -> Result<OAuthError> {
    let error = OAuthError::new("access_denied", "the person did not agree");
    if ctx.actor.kind != ActorKind::Citizen {
        return Ok(error);
    }
    let client = &request.client.code;
    let entry = Entry::refused(OPENID_GRANTED, "openid_client", client, "本人没有同意");
    attempt(&identity.db, ctx, identity.audit_key(), entry).await?;
    Ok(error)
}

/// Whoever has proven no name is not asked for it: that comes once there is one.
pub(crate) fn askable(request: &AuthorizationRequest, person: &Person) -> Scopes {
    match person.name {
        Some(_) => request.scopes.clone(),
        None => request.scopes.without(Scope::RealName),
    }
}

/// The living session of a citizen; an officer's is none here.
async fn own_session(
    identity: &Identity,
    ctx: &Ctx,
    token: Option<&str>,
) -> Result<Option<SessionRow>> {
    let Some(token) = token.filter(|_| ctx.actor.kind == ActorKind::Citizen) else {
        return Ok(None);
    };
    let idle_since = ctx.now.plus_millis(-identity.sessions().idle_millis());
    let input = (identity.keys.session_digest(token), ctx.now, idle_since);
    let found = identity
        .db
        .read(input, |tx, (digest, now, idle_since)| {
            Box::pin(session::living(tx, digest, *now, *idle_since))
        })
        .await?;
    Ok(found.filter(|row| row.kind == SessionKind::Citizen))
}

fn is_fresh(session: &SessionRow, ctx: &Ctx, request: &AuthorizationRequest) -> bool {
    let age = (ctx.now.0 - session.created_at.0).div_euclid(1000);
    request.prompt != Prompt::LogIn
        && request.max_age.is_none_or(|most| age <= most)
        && request
            .signed_in_after
            .is_none_or(|after| after <= session.created_at.0)
}

async fn issue(
    identity: &Identity,
    ctx: &Ctx,
    request: &AuthorizationRequest,
    session: &SessionRow,
    scopes: Scopes,
    consent: Option<ConsentRow>,
) -> Result<String> {
    let code = random_token()?;
    let row = CodeRow {
        digest: identity.openid.code_digest(&code),
        client: request.client.code.clone(),
        account: session.account,
        session: session.id,
        redirect_uri: request.redirect_uri.clone(),
        challenge: request.challenge.clone(),
        scopes,
        nonce: request.nonce.clone(),
        signed_in_at: session.created_at,
        expires_at: ctx.now.plus_millis(CODE_SECONDS * 1000),
    };
    let input = (identity.clone(), ctx.clone(), row, consent);
    identity
        .db
        .write(input, |tx, (identity, ctx, row, consent)| {
            Box::pin(async move {
                if let Some(consent) = consent {
                    agree(tx, identity, ctx, row, consent).await?;
                }
                sweep(tx, ctx).await?;
                openid_code::keep_newest(tx, row, MOST_CODES - 1).await?;
                openid_code::insert(tx, row)
            })
        })
        .await?;
    Ok(code)
}

/// What is long over.
async fn sweep(tx: &mut Tx, ctx: &Ctx) -> Result<()> {
    let before = ctx.now.plus_minutes(-MEMORY_MINUTES);
    openid_token::forget_before(tx, before).await?;
    openid_code::forget_before(tx, before).await
}

async fn agree(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    row: &CodeRow,
    consent: &ConsentRow,
) -> Result<()> {
    openid_consent::write(tx, row.account, consent)?;
    let detail =
        json!({"asked": consent.asked.to_string(), "granted": consent.granted.to_string()});
    let entry = Entry::done(OPENID_GRANTED, "openid_client", &row.client).with_detail(detail);
    record(tx, ctx, identity.audit_key(), entry).await
}
