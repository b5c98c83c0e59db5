//! The table of ratings. Authorises nothing.

pub(crate) mod handle;
pub(crate) mod insert;
pub(crate) mod list;
pub(crate) mod read;

use tongban_store::Marked;

pub(crate) static REVIEWS: Marked = Marked::new(
    "review",
    &[
        "id",
        "case_id",
        "case_number",
        "account",
        "item_code",
        "item_name",
        "organisation",
        "division",
        "channel",
        "level",
        "tags",
        "words",
        "state",
        "created_at",
        "finding",
        "ordered",
        "due_on",
        "verified_at",
        "verified_by",
        "feedback",
        "reply",
        "closed_at",
        "closed_by",
    ],
    &[],
);
