//! Finding licences for staff: by number or by the holder's number, only what the officer may see.

use tongban_audit::{Entry, attempt};
use tongban_base::{ActorKind, Ctx, Problem, Result, Scope, mask_number, typed};

use crate::licences::Licences;
use crate::model::Licence;
use crate::store::search::{Wanted, find};
use crate::{audit, permissions};
use tongban_store::{Cursor, KeyPage};

const PAGE: usize = 20;

/// What an officer asks for; empty parts do not narrow.
#[derive(Clone, Debug, Default)]
pub struct LicenceQuery {
    /// A licence number, or an identity number.
    pub words: String,
    pub kind: String,
    pub cursor: Option<Cursor>,
}

impl Licences {
    /// Errors: forbidden without the right to read or to revoke.
    pub async fn search(&self, ctx: &Ctx, query: &LicenceQuery) -> Result<KeyPage<Licence>> {
        may_search(ctx)?;
        let words = typed::code(&query.words);
        let looks_like_id = words.len() == 18 && words.is_ascii() && !words.contains('.');
        if looks_like_id {
            let entry = Entry::done(audit::SEARCHED, "person", mask_number(&words));
            attempt(&self.db, ctx, &self.audit_key, entry).await?;
        }
        if let Some(staff) = &ctx.actor.staff {
            let office = ("organisation", staff.organisation.clone());
            self.reads
                .note(ctx, audit::LISTED, office, "浏览证照")
                .await?;
            self.reads.note_sought(ctx, "证照查询", &words).await?;
        }
        let wanted = Wanted {
            holder_digest: match looks_like_id {
                true => self.holder_digest(&words),
                false => String::new(),
            },
            numbers: match looks_like_id {
                true => Vec::new(),
                false => numbers(&query.words),
            },
            kind: query.kind.clone(),
            at: query.cursor.clone(),
            limit: PAGE,
        };
        self.db
            .read((Scope::of(&ctx.actor), wanted), |tx, (scope, wanted)| {
                Box::pin(find(tx, scope, wanted))
            })
            .await
    }
}

/// A number may have dashes and brackets of its own.
fn numbers(words: &str) -> Vec<String> {
    let forms = typed::sought(words).into_iter();
    forms.map(|form| form.to_ascii_uppercase()).collect()
}

fn may_search(ctx: &Ctx) -> Result<()> {
    let rights = ctx.actor.staff.as_ref().map(|staff| &staff.permissions);
    let has = |right: &str| rights.is_some_and(|rights| rights.contains(right));
    match ctx.actor.kind {
        ActorKind::Staff if has(permissions::READ.0) || has(permissions::REVOKE.0) => Ok(()),
        ActorKind::Anonymous => Err(Problem::unauthenticated()),
        _ => Err(Problem::forbidden()),
    }
}
