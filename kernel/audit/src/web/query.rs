//! What page and interface are asked for, and one page of entries. The address is typed by anybody: a filter that
//! cannot fit finds nothing, a page that cannot be is told.

use serde::Deserialize;
use tongban_base::{Ctx, Result, Uuid};
use tongban_store::{Cursor, KeyPage};
use tongban_ui::App;

use crate::model::{AuditEntry, LOG_READ, Outcome, SOUGHT_KIND};
use crate::service::list::{EntryFilter, list_entries};
use crate::service::reads::ReadLog;

const PAGE: usize = 50;
/// Read at once for a file.
const EXPORTED: usize = 500;

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
        let page = match self.filter(&reads) {
            Some(filter) => list_entries(app.db(), ctx, &filter, (cursor.as_ref(), PAGE)).await?,
            None => KeyPage::default(),
        };
        let log = ("log", "audit".to_owned());
        reads.note(ctx, LOG_READ, log, "查看审计日志").await?;
        Ok(page)
    }

    /// All that fits, the latest first, up to so many; that it was taken away is on record.
    pub async fn all(&self, app: &App, ctx: &Ctx, most: usize) -> Result<Vec<AuditEntry>> {
        let reads = app.service::<ReadLog>()?;
        let Some(filter) = self.filter(&reads) else {
            return Ok(Vec::new());
        };
        let (mut all, mut at) = (Vec::new(), None);
        while all.len() < most {
            let page = list_entries(app.db(), ctx, &filter, (at.as_ref(), EXPORTED)).await?;
            all.extend(page.rows);
            match page.next {
                Some(next) => at = Some(next),
                None => break,
            }
        }
        all.truncate(most);
        let log = ("log", "audit".to_owned());
        reads.note(ctx, LOG_READ, log, "导出审计日志").await?;
        Ok(all)
    }

    /// The same wish as an address asks it.
    pub fn address(&self, path: &str) -> String {
        let pairs = [
            ("event", &self.event),
            ("subject_kind", &self.subject_kind),
            ("subject_id", &self.subject_id),
            ("actor", &self.actor),
            ("outcome", &self.outcome),
            ("sought", &self.sought),
        ];
        let mut query = String::new();
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            query = tongban_ui::markup::with_query(&query, name, Some(value));
        }
        format!("{path}{query}")
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
        // The number of an account, or a name.
        let text = self.actor.trim();
        let actor = Uuid::parse_str(text).ok();
        let actor_name = match actor {
            Some(_) => String::new(),
            None => text.to_owned(),
        };
        Some(EntryFilter {
            event: self.event.trim().to_owned(),
            subject_kind: self.subject_kind.trim().to_owned(),
            subject_id: self.subject_id.trim().to_owned(),
            actor,
            actor_name,
            refused_only: self.outcome == Outcome::Refused.code(),
        })
    }
}
