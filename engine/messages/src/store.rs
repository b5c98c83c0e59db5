//! The table of messages. Authorises nothing.

pub(crate) mod delivery;
pub(crate) mod insert;
pub(crate) mod list;
pub(crate) mod read;

use tongban_store::Marked;

/// Whose it is and what it says. What became of it is noted beside the mark.
pub(crate) static MESSAGES: Marked = Marked::new(
    "message",
    &[
        "id",
        "account",
        "recipient",
        "channel",
        "event",
        "template",
        "title",
        "text",
        "mobile",
        "mobile_masked",
        "subject_kind",
        "subject_id",
        "link",
        "created_at",
    ],
    &["state", "sent_at", "delivered_at"],
);
