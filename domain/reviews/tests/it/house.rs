//! A small installation with the transport pack's levels and remarks, one applicant and one supervisor.

use std::path::Path;
use std::sync::Arc;

use tongban_audit::AuditKey;
use tongban_base::calendar::WorkCalendar;
use tongban_base::{Ctx, Date, Result, Uuid};
use tongban_crypto::KeyRing;
use tongban_messages::MessageTemplates;
use tongban_packs::{Findings, Folder};
use tongban_reviews::{
    Channel, NewReview, ReviewId, ReviewSets, ReviewView, Reviewable, Reviews, ReviewsParts,
    TagSet, rate, reviews_of_case,
};
use tongban_store::{Db, Migration, params};
use tongban_testkit::actors;

/// Told to the applicant when a bad rating is answered.
const ANSWERED: &str = r#"
code = "review-answered"
event = "review.answered"
title = "评价已答复"
to = "applicant"
channels = ["site"]
text = "您对办件{{case.number}}的评价已有答复"
"#;

pub fn migrations() -> Vec<Migration> {
    [
        tongban_audit::MIGRATIONS,
        tongban_packs::MIGRATIONS,
        tongban_messages::MIGRATIONS,
        tongban_reviews::MIGRATIONS,
    ]
    .concat()
}

pub fn pack() -> Folder {
    Folder::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../solution/base/pack")).unwrap()
}

pub fn standard() -> TagSet {
    let mut findings = Findings::default();
    let sets = ReviewSets::read(&pack(), &mut findings);
    assert!(findings.is_empty(), "{findings:?}");
    sets.get("standard").unwrap().clone()
}

pub struct House {
    pub db: Db,
    pub reviews: Reviews,
    pub key: AuditKey,
    pub citizen: Ctx,
    pub supervisor: Ctx,
    pub set: TagSet,
}

/// 2026-11-26 is made a holiday, so that a limit shows that it knows the calendar.
fn calendar() -> WorkCalendar {
    let mut calendar = WorkCalendar::new();
    calendar.publish_year(2026);
    calendar.set_holiday(day("2026-11-26"), "示例假日");
    calendar
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

impl House {
    pub fn new(db: Db) -> Self {
        let folder = Folder::embedded(&[("messages/answered.toml", ANSWERED.as_bytes())]);
        let mut findings = Findings::default();
        let templates = MessageTemplates::read(&folder, &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
        let ring = KeyRing::ephemeral().unwrap();
        let key = AuditKey::of(&ring).unwrap();
        let parts = ReviewsParts {
            db: db.clone(),
            audit_key: key.clone(),
            calendar: Arc::new(|| Arc::new(calendar())),
            rectification_days: 15,
            templates,
        };
        Self {
            db,
            reviews: Reviews::new(parts, &ring).unwrap(),
            key,
            citizen: actors::citizen(),
            supervisor: actors::supervisor(&["review.supervise"]),
            set: standard(),
        }
    }

    /// A finished case of the citizen.
    pub fn case(&self, number: &str) -> Reviewable {
        Reviewable {
            case_id: Uuid::now_v7(),
            case_number: number.into(),
            account: self.citizen.actor.account.unwrap(),
            item_code: "road-driver-reissue".into(),
            item_name: "补发".into(),
            organisation: actors::OFFICE.into(),
            division: "310101000000".into(),
            finished: true,
            tag_set: self.set.clone(),
        }
    }

    pub async fn rate(&self, ctx: &Ctx, of: &Reviewable, new: NewReview) -> Result<ReviewId> {
        rate(&self.db, ctx, &self.key, of, new).await
    }

    /// A rating of a case of its own, by the citizen.
    pub async fn rated(&self, number: &str, level: i64) -> ReviewId {
        let case = self.case(number);
        self.rate(&self.citizen, &case, new(level)).await.unwrap()
    }

    pub async fn of_case(&self, case_id: Uuid) -> Vec<ReviewView> {
        self.db
            .read(case_id, |tx, case_id| {
                Box::pin(reviews_of_case(tx, *case_id))
            })
            .await
            .unwrap()
    }

    /// Titles of the messages of a case.
    pub async fn told(&self, case_id: Uuid) -> Vec<String> {
        self.db
            .read(case_id.to_string(), |tx, id| {
                Box::pin(async move {
                    let told = tongban_messages::of_subject(tx, "case", id).await?;
                    Ok(told.into_iter().map(|m| m.title).collect())
                })
            })
            .await
            .unwrap()
    }

    /// Events and outcomes of the audit log.
    pub async fn audited(&self) -> Vec<String> {
        self.db
            .read((), |tx, ()| {
                Box::pin(async move {
                    let sql = "SELECT event, outcome FROM audit_entry ORDER BY id";
                    tx.query(sql, params![])
                        .await?
                        .iter()
                        .map(|row| {
                            let (event, outcome): (String, String) = (row.at(0)?, row.at(1)?);
                            Ok(format!("{event} {outcome}"))
                        })
                        .collect()
                })
            })
            .await
            .unwrap()
    }
}

pub fn new(level: i64) -> NewReview {
    NewReview {
        level,
        channel: Some(Channel::Web),
        ..NewReview::default()
    }
}
