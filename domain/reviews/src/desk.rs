//! What the staff's half of this crate works with, put together once by the wiring and offered as a service.

use std::sync::Arc;

use tongban_audit::AuditKey;
use tongban_base::calendar::WorkCalendar;
use tongban_base::{Date, Result};
use tongban_crypto::KeyRing;
use tongban_messages::MessageTemplates;
use tongban_packs::changed_settings;
use tongban_store::{Db, Tx};

/// The days off as they stand.
pub type AskCalendar = Arc<dyn Fn() -> Arc<WorkCalendar> + Send + Sync>;

/// The setting with the working days for a rectification.
const LIMIT_SETTING: &str = "rectification_days";

pub struct Reviews {
    pub(crate) db: Db,
    pub(crate) audit_key: AuditKey,
    pub(crate) rules: Rules,
}

/// What a write needs besides its texts. Cheap enough to clone once per handled rating.
#[derive(Clone)]
pub(crate) struct Rules {
    pub calendar: AskCalendar,
    pub rectification_days: u32,
    pub templates: MessageTemplates,
}

/// The parts that the wiring gives besides the keys.
pub struct ReviewsParts {
    pub db: Db,
    /// That of the house.
    pub audit_key: AuditKey,
    pub calendar: AskCalendar,
    /// The pack's default of `rectification_days`; what an office has changed goes before it.
    pub rectification_days: u32,
    /// The applicant is told of the answer when these have the event `review.answered`.
    pub templates: MessageTemplates,
}

impl Reviews {
    pub fn new(parts: ReviewsParts, ring: &KeyRing) -> Result<Self> {
        Ok(Self {
            db: parts.db,
            audit_key: parts.audit_key,
            rules: Rules {
                calendar: parts.calendar,
                rectification_days: parts.rectification_days,
                templates: parts.templates.with_cipher(ring.field_cipher()?),
            },
        })
    }

    /// For `rate`, which the wiring of cases calls.
    pub fn audit_key(&self) -> &AuditKey {
        &self.audit_key
    }
}

impl Rules {
    /// The last day of a rectification that is ordered on `today`.
    pub async fn due_on(&self, tx: &mut Tx, today: Date) -> Result<Date> {
        let changed = changed_settings(tx).await?;
        let days = changed.get(LIMIT_SETTING).and_then(|value| value.as_u64());
        let days = days.and_then(|days| u32::try_from(days).ok());
        let days = days.unwrap_or(self.rectification_days).min(250);
        Ok((self.calendar)().add_workdays(today, days))
    }
}
