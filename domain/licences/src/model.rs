//! What a licence is: ids, statuses, editions, history. Knows no database, no page and no file format.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use tongban_base::{Date, Problem, Result, Scoped, Timestamp, Uuid, id};
use tongban_cases::PaperId;
use tongban_documents::Failure;
use tongban_packs::ReleaseHash;
use tongban_store::{ObjectId, store_ids};

id!(LicenceId);
store_ids!(LicenceId);

/// The status on record. `Expired` is never on record: it is what a valid licence is after its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Valid,
    Expired,
    /// A newer licence stands in its place.
    Replaced,
    Cancelled,
    Revoked,
    /// Taken back while its case was still open; it never took effect.
    Void,
}

const STATUSES: [(Status, &str, &str); 6] = [
    (Status::Valid, "valid", "有效"),
    (Status::Expired, "expired", "已过期"),
    (Status::Replaced, "replaced", "已换发"),
    (Status::Cancelled, "cancelled", "已注销"),
    (Status::Revoked, "revoked", "已撤销"),
    (Status::Void, "void", "已收回"),
];

impl Status {
    pub fn code(self) -> &'static str {
        STATUSES.iter().find(|s| s.0 == self).map_or("", |s| s.1)
    }

    pub fn title(self) -> &'static str {
        STATUSES.iter().find(|s| s.0 == self).map_or("", |s| s.2)
    }

    pub fn parse(code: &str) -> Result<Self> {
        let found = STATUSES.iter().find(|s| s.1 == code);
        found
            .map(|s| s.0)
            .ok_or_else(|| Problem::internal(format!("unknown licence status {code}")))
    }
}

#[derive(Clone, Debug)]
pub struct Licence {
    pub id: LicenceId,
    /// The code of its type in the pack.
    pub kind: String,
    pub type_code: String,
    pub title: String,
    pub number: String,
    /// Unguessable; printed on the face as a QR code.
    pub verify_code: String,
    pub holder_account: Option<Uuid>,
    pub holder_name_masked: String,
    pub holder_number_masked: String,
    pub holder_digest: String,
    pub organisation: String,
    pub issuer_name: String,
    pub division: String,
    /// As recorded; ask `status_on` for what it means on a day.
    pub status: Status,
    pub issued_on: Date,
    pub valid_from: Date,
    /// None: valid for good.
    pub valid_to: Option<Date>,
    pub version: i64,
    pub replaces: Option<LicenceId>,
    pub case_id: Option<String>,
    /// Void so far: it comes into force with its files.
    pub making: bool,
    pub ended: Option<Ended>,
    pub created_at: Timestamp,
}

/// When, by which body and why a licence ended before its last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub on: Date,
    pub by: String,
    pub basis: String,
    pub reason: String,
}

/// The holder's picture, and where the face template finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    pub object: ObjectId,
    pub path: String,
}

impl Photo {
    /// Nothing when a face cannot show a file of this type.
    pub fn new(object: ObjectId, media_type: &str) -> Option<Self> {
        let path = match media_type {
            "image/png" => "/photo.png",
            "image/jpeg" => "/photo.jpg",
            _ => return None,
        };
        Some(Self {
            object,
            path: path.to_owned(),
        })
    }
}

impl Licence {
    /// What the recorded status means on a day: the last day still counts.
    pub fn status_on(&self, today: Date) -> Status {
        match self.status {
            Status::Valid if self.valid_to.is_some_and(|last| last < today) => Status::Expired,
            status => status,
        }
    }

    /// As rules and prefilling see it: flat, the face's fields beside what is on record.
    pub fn facts(&self, face: &Map<String, Json>, today: Date) -> Json {
        let mut facts = face.clone();
        let last = self
            .valid_to
            .map_or(Json::Null, |d| Json::from(d.to_string()));
        for (name, value) in [
            ("id", Json::from(self.id.to_string())),
            ("type", Json::from(self.kind.as_str())),
            ("status", Json::from(self.status_on(today).code())),
            ("number", Json::from(self.number.as_str())),
            ("issued_on", Json::from(self.issued_on.to_string())),
            ("valid_from", Json::from(self.valid_from.to_string())),
            ("valid_to", last),
        ] {
            facts.insert(name.to_owned(), value);
        }
        Json::Object(facts)
    }
}

impl Scoped for Licence {
    fn owner(&self) -> Option<Uuid> {
        self.holder_account
    }
    fn organisation(&self) -> Option<&str> {
        Some(&self.organisation)
    }
    fn division(&self) -> Option<&str> {
        Some(&self.division)
    }
}

/// What one version of a licence says, and its files once they are made.
#[derive(Clone, Debug)]
pub struct Edition {
    pub version: i64,
    /// GB/T 36904.
    pub identifier: String,
    pub photo: Option<Photo>,
    /// Whose face it has; none: that of the pack in force.
    pub release: Option<ReleaseHash>,
    pub files: Option<Files>,
    /// The case that waits for the files.
    pub case_id: Option<String>,
    /// Taken back before it was made.
    pub is_void: bool,
    pub failure: Option<Failure>,
}

/// The three files of an edition. They are recorded together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    pub made_at: Timestamp,
    pub ofd: ObjectId,
    pub pdf: ObjectId,
    pub png: ObjectId,
}

/// A face that changed: each field with what it said before and says now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes(pub Vec<Change>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub title: String,
    pub before: Json,
    pub after: Json,
}

/// One line of the history.
#[derive(Clone, Debug)]
pub struct LicenceEvent {
    pub at: Timestamp,
    pub kind: String,
    pub actor_kind: String,
    pub actor_name: String,
    pub status_before: Option<Status>,
    pub status_after: Status,
    pub changes: Changes,
    pub basis: String,
    pub reason: String,
}

/// A licence with the number of a version, as addresses of papers name it.
pub(crate) fn paper_id(id: LicenceId, version: i64) -> PaperId {
    PaperId::Other {
        kind: PAPER_KIND.to_owned(),
        id: format!("{id}-{version}"),
    }
}

/// The first word of those addresses.
pub(crate) const PAPER_KIND: &str = "licence";
