//! What page and interface are asked for, and one page of entries. The address is typed by anybody: a filter that
//! cannot fit finds nothing, a page that cannot be is told.

use serde::Deserialize;
use serde_json::Value as Json;
use tongban_base::{Ctx, Problem, Result, Uuid};
use tongban_store::{Cursor, KeyPage};
use tongban_ui::App;

use crate::model::{AuditEntry, LOG_READ, Outcome, SOUGHT_KIND};
use crate::service::list::{Beside, EntryFilter, list_entries};
use crate::service::reads::ReadLog;

const PAGE: usize = 50;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    pub event: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub actor: String,
    pub outcome: String,
    /// A name or a number: who looked for it.
    pub sought: String,
    pub after: String,
}

impl Query {
    pub async fn page(&self, app: &App, ctx: &Ctx) -> Result<KeyPage<AuditEntry>> {
        let cursor = Cursor::from_query(Some(&self.after))?;
        let reads = app.service::<ReadLog>()?;
        let beside = cursor.as_ref().map(beside).transpose()?;
        let entries = match self.filter(&reads) {
            Some(filter) => list_entries(app.db(), ctx, &filter, beside, PAGE + 1).await?,
            None => Vec::new(),
        };
        let log = ("log", "audit".to_owned());
        reads.note(ctx, LOG_READ, log, "查看审计日志").await?;
        Ok(KeyPage::new(entries, PAGE, cursor.as_ref(), |entry| {
            vec![Json::from(entry.id.to_string())]
        }))
    }

    /// None when no entry can fit.
    fn filter(&self, reads: &ReadLog) -> Option<EntryFilter> {
        if !self.sought.trim().is_empty() {
            return Some(EntryFilter {
                subject_kind: SOUGHT_KIND.to_owned(),
                subject_id: reads.key().sought(&self.sought),
                ..EntryFilter::default()
            });
        }
        let actor = match self.actor.trim() {
            "" => None,
            text => Some(Uuid::parse_str(text).ok()?),
        };
        Some(EntryFilter {
            event: self.event.trim().to_owned(),
            subject_kind: self.subject_kind.trim().to_owned(),
            subject_id: self.subject_id.trim().to_owned(),
            actor,
            refused_only: self.outcome == Outcome::Refused.code(),
        })
    }
}

fn beside(cursor: &Cursor) -> Result<Beside> {
    let text = cursor
        .keys
        .first()
        .and_then(Json::as_str)
        .unwrap_or_default();
    let id = Uuid::parse_str(text).map_err(|_| {
        Problem::invalid("cursor.invalid", "这一页的地址有误，请从列表第一页重新翻起")
    })?;
    Ok(if cursor.backward {
        Beside::NewerThan(id)
    } else {
        Beside::OlderThan(id)
    })
}
