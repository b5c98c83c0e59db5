//! The services that tell people of things in the words of the packs.

use std::sync::Arc;

use tongban_audit::AuditKey;
use tongban_identity::Identity;
use tongban_mandates::{Mandates, MandatesParts};
use tongban_messages::{MessageTemplates, Messaging, MessagingParts};
use tongban_procedures::Catalog;
use tongban_reviews::{Reviews, ReviewsParts};

use crate::data::Data;
use crate::failure::Failure;
use crate::wiring::Plan;

pub fn messaging(
    data: &Data,
    templates: MessageTemplates,
    plan: &Plan,
) -> Result<Messaging, Failure> {
    let parts = MessagingParts {
        db: data.db.clone(),
        templates,
        gateway: plan.gateway.clone(),
    };
    Ok(Messaging::new(parts, &data.ring)?)
}

pub fn reviews(
    data: &Data,
    audit_key: &AuditKey,
    catalog: &Arc<Catalog>,
    templates: MessageTemplates,
) -> Result<Reviews, Failure> {
    let known = Arc::clone(catalog);
    let days = (catalog.pack())
        .setting_number("rectification_days")
        .and_then(|d| u32::try_from(d).ok());
    let parts = ReviewsParts {
        db: data.db.clone(),
        audit_key: audit_key.clone(),
        calendar: Arc::new(move || known.calendar()),
        rectification_days: days.unwrap_or(15),
        templates,
    };
    Ok(Reviews::new(parts, &data.ring)?)
}

pub fn mandates(
    data: &Data,
    (identity, catalog, audit_key): (&Identity, &Arc<Catalog>, &AuditKey),
    templates: &MessageTemplates,
) -> Result<Mandates, Failure> {
    let parts = MandatesParts {
        db: data.db.clone(),
        identity: identity.clone(),
        catalog: Arc::clone(catalog),
        templates: templates.clone(),
        audit_key: audit_key.clone(),
    };
    Ok(Mandates::new(parts, &data.ring)?)
}
