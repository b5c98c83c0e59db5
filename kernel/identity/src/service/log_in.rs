//! A citizen or an officer logs in: a new token every time, of which only a digest is stored.

use serde::Deserialize;
use serde_json::json;
use tongban_audit::{Entry, attempt, record};
use tongban_base::numbers::check_mobile;
use tongban_base::{Ctx, Kind, Problem, Result, Timestamp, Uuid};
use tongban_crypto::random_token;
use tongban_store::Tx;

use crate::Identity;
use crate::audit::{OPENED, STAFF_TAMPERED};
use crate::model::{SessionId, SessionKind, login_form};
use crate::service::authenticate::{Holder, holder};
use crate::service::guard_login::{self, Counts, Subject, UNKNOWN};
use crate::service::open_officer::is_to_be_opened;
use crate::store::session::SessionRow;
use crate::store::{account, session, staff};

const LONGEST_AGENT: usize = 200;
/// No name and no number is longer, however it is typed.
pub(crate) const LONGEST_LOGIN: usize = 64;

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    pub kind: SessionKind,
    /// Login name, or a citizen's mobile number.
    pub login: String,
    pub password: String,
}

/// A login that succeeded. The token is shown to nobody but the visitor's browser.
pub struct OpenedSession {
    pub token: String,
    pub account: Uuid,
    pub kind: SessionKind,
    pub expires_at: Timestamp,
    /// By which the browser is known again.
    pub device: String,
}

/// Errors: `login.too_long`, `login.wrong`, `login.locked`, `staff.tampered`, `login.crowded`.
/// `agent` is what the browser calls itself.
pub async fn log_in(
    identity: &Identity,
    ctx: &Ctx,
    wish: &LogIn,
    agent: &str,
) -> Result<OpenedSession> {
    if wish.login.chars().count() > LONGEST_LOGIN {
        return Err(Problem::invalid(
            "login.too_long",
            "账号太长，请核对后重新填写",
        ));
    }
    let login = check_mobile(&wish.login).unwrap_or_else(|_| login_form(&wish.login));
    let typed = format!("{} {login}", wish.kind.code());
    let candidate = find(identity, wish.kind, login).await?;
    let device = candidate
        .account
        .and_then(|id| identity.keys.known_device(id, &ctx.device));
    let counts = Counts::of(identity, ctx, &typed, device);
    let tries = guard_login::take_try(identity, ctx, &counts).await?;
    if candidate.tampered {
        alarm(identity, ctx, &candidate.subject).await?;
    }
    let stored = candidate.password.as_deref();
    let passwords = &identity.passwords;
    let right = passwords
        .verify(&wish.password, stored, (ctx, device.is_some()))
        .await?;
    let Some(account) = candidate.account.filter(|_| right) else {
        let tried = (OPENED, &candidate.subject, &counts);
        return Err(guard_login::refuse(identity, ctx, tried, tries).await);
    };
    if candidate.tampered {
        return Err(tampered());
    }
    // A device that was known keeps its mark, and with it its own count of tries.
    let mark = match device {
        Some(mark) => mark.to_owned(),
        None => random_token()?,
    };
    let device = identity.keys.device(account, &mark);
    let tried = (candidate.subject, counts);
    let whose = (wish.kind, account, device, "password");
    open(identity, ctx, whose, tried, agent).await
}

/// What stands behind a login name.
struct Candidate {
    account: Option<Uuid>,
    password: Option<String>,
    subject: Subject,
    tampered: bool,
}

async fn find(identity: &Identity, kind: SessionKind, login: String) -> Result<Candidate> {
    let digest = identity.keys.digest(&format!("{} {login}", kind.code()));
    let unknown = Subject {
        kind: UNKNOWN,
        id: digest.chars().take(16).collect(),
    };
    identity
        .db
        .read((identity.clone(), kind, login, unknown), |tx, input| {
            Box::pin(async move {
                let (identity, kind, login, unknown) = input;
                let found = match kind {
                    SessionKind::Citizen => citizen(tx, identity, login).await?,
                    SessionKind::Staff => officer(tx, login).await?,
                };
                Ok(found.unwrap_or_else(|| Candidate {
                    account: None,
                    password: None,
                    subject: unknown.clone(),
                    tampered: false,
                }))
            })
        })
        .await
}

async fn citizen(tx: &mut Tx, identity: &Identity, login: &str) -> Result<Option<Candidate>> {
    let found = account::credentials(tx, &identity.keys, login).await?;
    // Whoever was only met at a window has no password.
    let found = found.filter(|(_, password)| !password.is_empty());
    Ok(found.map(|(id, password)| candidate(id, password, "account", false)))
}

/// An officer who left is as unknown as one who never was.
async fn officer(tx: &mut Tx, login: &str) -> Result<Option<Candidate>> {
    let found = staff::by_login(tx, login).await?;
    let found = found.filter(|marked| marked.staff.active || !marked.genuine);
    // No password opens what waits for its first one.
    let found = found.filter(|marked| !is_to_be_opened(&marked.staff.password));
    Ok(found.map(|marked| {
        let officer = marked.staff;
        candidate(officer.id, officer.password, "staff", !marked.genuine)
    }))
}

fn candidate(id: Uuid, password: String, kind: &'static str, tampered: bool) -> Candidate {
    Candidate {
        account: Some(id),
        password: Some(password),
        subject: Subject {
            kind,
            id: id.to_string(),
        },
        tampered,
    }
}

/// Somebody changed an officer's record beside the application.
pub(crate) async fn alarm(identity: &Identity, ctx: &Ctx, subject: &Subject) -> Result<()> {
    tracing::error!(staff = %subject.id, "a staff record does not fit its mark: it was changed beside the application");
    let entry = Entry::refused(
        STAFF_TAMPERED,
        subject.kind,
        &subject.id,
        "授权记录与校验值不符",
    );
    attempt(&identity.db, ctx, identity.audit_key(), entry).await
}

fn tampered() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "staff.tampered",
        "您的授权信息校验没有通过，暂时不能登录，请联系系统管理员",
    )
}

/// A login of whoever brought back the code that was sent to the account's mobile number.
pub(crate) async fn open_by_code(
    identity: &Identity,
    ctx: &Ctx,
    account: Uuid,
    agent: &str,
) -> Result<OpenedSession> {
    let subject = Subject {
        kind: "account",
        id: account.to_string(),
    };
    let device = match identity.keys.known_device(account, &ctx.device) {
        Some(mark) => mark.to_owned(),
        None => random_token()?,
    };
    let counts = Counts::own(identity, account);
    let device = identity.keys.device(account, &device);
    let whose = (SessionKind::Citizen, account, device, "code");
    open(identity, ctx, whose, (subject, counts), agent).await
}

async fn open(
    identity: &Identity,
    ctx: &Ctx,
    (kind, account, device, by): (SessionKind, Uuid, String, &'static str),
    (subject, counts): (Subject, Counts),
    agent: &str,
) -> Result<OpenedSession> {
    let token = random_token()?;
    let expires_at = ctx.now.plus_minutes(identity.sessions().lifetime_minutes);
    let row = SessionRow {
        id: SessionId::new(),
        digest: identity.keys.session_digest(&token),
        account,
        kind,
        address: ctx.address.clone(),
        agent: agent.chars().take(LONGEST_AGENT).collect(),
        created_at: ctx.now,
        seen_at: ctx.now,
        expires_at,
    };
    identity
        .db
        .write(
            (identity.clone(), ctx.clone(), row, (subject, counts, by)),
            |tx, input| {
                Box::pin(async move {
                    let (identity, ctx, row, (subject, counts, by)) = input;
                    guard_login::forgive(tx, counts).await?;
                    session::insert(tx, row)?;
                    // The log names who logged in, although the request came from nobody yet.
                    let mut ctx = ctx.clone();
                    if let Holder::Known(actor) = holder(tx, identity, row).await? {
                        ctx.actor = actor;
                    }
                    let entry = Entry::done(OPENED, subject.kind, &subject.id)
                        .with_detail(json!({ "by": by }));
                    record(tx, &ctx, identity.audit_key(), entry).await
                })
            },
        )
        .await?;
    Ok(OpenedSession {
        token,
        account,
        kind,
        expires_at,
        device,
    })
}
