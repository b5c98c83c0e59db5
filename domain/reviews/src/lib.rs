//! Reviews: a finished case is rated by its applicant, and a bad rating is looked into, answered and closed.
//! Knows of cases what everybody may see of them.

mod audit;
mod desk;
mod error;
mod model;
mod module;
mod part;
mod permissions;
mod service;
mod store;
mod tags;
mod web;

pub use audit::{EVENTS, LASTING};
pub use desk::{AskCalendar, Reviews, ReviewsParts};
pub use model::{
    Channel, ItemStatistics, Level, NewReview, QueueView, ReviewId, ReviewState, ReviewView,
    Reviewable, Tag,
};
pub use module::MODULE;
pub use part::{INFO, brought};
pub use permissions::{PERMISSIONS, RATE, SUPERVISE};
pub use service::feed_back::{Feedback, feed_back};
pub use service::queue::{QueueFilter, list_reviews, open_review};
pub use service::rate::{rate, review_of_case, reviews_of_case};
pub use service::statistics::item_statistics;
pub use service::verify::{Finding, Verification, verify};
pub use tags::{LevelTags, ReviewSets, TagSet};
pub use web::form::{RatingForm, RatingSubmission, rated_page, rating_page};

use tongban_store::Migration;

pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "reviews",
        name: "0001_reviews",
        sql: include_str!("../migrations/0001_reviews.sql"),
    },
    Migration {
        module: "reviews",
        name: "0002_marks",
        sql: include_str!("../migrations/0002_marks.sql"),
    },
];
