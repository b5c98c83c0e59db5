//! The use cases. Each authorises, decides, writes and audits in one transaction. Knows no page.

pub(crate) mod ask_code;
pub(crate) mod ask_real_name;
pub(crate) mod assign_roles;
pub(crate) mod authenticate;
pub(crate) mod authorize_client;
pub(crate) mod change_contact;
pub(crate) mod change_password;
pub(crate) mod check_real_name;
pub(crate) mod confirm;
pub(crate) mod end_all_sessions;
pub(crate) mod ensure_staff;
pub(crate) mod enter_code;
pub(crate) mod forget_what_is_to_come;
pub(crate) mod guard_login;
pub(crate) mod join;
pub(crate) mod keep_managers;
pub(crate) mod log_in;
pub(crate) mod log_out;
pub(crate) mod manage_staff;
pub(crate) mod meet;
pub(crate) mod note_refusal;
pub(crate) mod open_officer;
pub(crate) mod read_claims;
pub(crate) mod read_proof;
pub(crate) mod redeem_code;
pub(crate) mod register_account;
pub(crate) mod release_proof;
pub(crate) mod revoke_session;
pub(crate) mod send_code;
pub(crate) mod sessions;
pub(crate) mod take_up;
pub(crate) mod withdraw_consent;

use tongban_base::{ActorKind, Ctx, Problem, Result, Uuid};

/// The account of a citizen who is logged in; these use cases touch nothing but the actor's own.
pub(crate) fn own_account(ctx: &Ctx) -> Result<Uuid> {
    match (ctx.actor.kind, ctx.actor.account) {
        (ActorKind::Citizen, Some(account)) => Ok(account),
        (ActorKind::Anonymous, _) => Err(Problem::unauthenticated()),
        _ => Err(Problem::forbidden()),
    }
}

/// The account of anyone who is logged in.
pub(crate) fn signed_in(ctx: &Ctx) -> Result<Uuid> {
    ctx.actor.account.ok_or_else(Problem::unauthenticated)
}
