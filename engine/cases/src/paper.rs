//! Papers of cases: letters, and what modules make for them. What their files become is told by whoever makes them.

use std::fmt;
use std::str::FromStr;

use tongban_base::{Ctx, Permission, Problem, Result, Scope, Timestamp};
use tongban_documents::Failure;
use tongban_store::{Cursor, Fut, StoredObject, Tx};

use crate::model::{CaseDocument, CaseDocumentId, CaseId};

/// What a paper is called in addresses: `letter-ID`, or the kind of its source and what that calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaperId {
    Letter(CaseDocumentId),
    Other { kind: String, id: String },
}

const LETTER: &str = "letter";

impl fmt::Display for PaperId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Letter(id) => write!(f, "{LETTER}-{id}"),
            Self::Other { kind, id } => write!(f, "{kind}-{id}"),
        }
    }
}

impl FromStr for PaperId {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self> {
        let (kind, id) = text.split_once('-').ok_or_else(Problem::not_found)?;
        Ok(match kind {
            LETTER => Self::Letter(id.parse()?),
            _ => Self::Other {
                kind: kind.to_owned(),
                id: id.to_owned(),
            },
        })
    }
}

/// A paper that has no file yet.
#[derive(Clone, Debug)]
pub struct Paper {
    pub id: PaperId,
    pub title: String,
    pub number: String,
    /// None for one that no case waits for.
    pub case: Option<CaseId>,
    pub asked_at: Timestamp,
    /// Among papers that were asked for at the same moment this orders them.
    pub key: String,
    pub failure: Option<Failure>,
    /// Somebody's picture is on it.
    pub has_photo: bool,
}

impl Paper {
    /// None when the letter is made or void.
    pub fn of_letter(letter: &CaseDocument) -> Option<Self> {
        Some(Self {
            id: PaperId::Letter(letter.id),
            title: letter.title.clone(),
            number: letter.number.clone(),
            case: Some(letter.case_id),
            asked_at: letter.asked_at?,
            key: letter.id.to_string(),
            failure: letter.failure.clone(),
            has_photo: false,
        })
    }
}

/// What a paper is called, and the case that waits for it.
#[derive(Clone, Debug)]
pub struct NamedPaper {
    pub title: String,
    pub number: String,
    pub case: Option<CaseId>,
}

/// Which of them a list shows: failed, or waited for since before `late`, beside a row.
#[derive(Clone, Debug)]
pub struct Overdue {
    pub late: Timestamp,
    pub at: Option<Cursor>,
    pub limit: usize,
}

/// Papers that a module makes for cases.
pub trait PaperSource: Send + Sync {
    /// The first word of their addresses.
    fn kind(&self) -> &'static str;

    /// Whether a case waits for files.
    fn are_awaited<'a>(&'a self, tx: &'a mut Tx, case: CaseId) -> Fut<'a, bool>;

    /// Those that a case waits for.
    fn awaited_by<'a>(&'a self, tx: &'a mut Tx, case: CaseId) -> Fut<'a, Vec<Paper>>;

    /// A query for the words about one of the case `c` that could not be made.
    fn failure(&self) -> &'static str;

    /// Those of a list, in sight of the scope, the longest waited for first.
    fn overdue<'a>(
        &'a self,
        tx: &'a mut Tx,
        scope: &'a Scope,
        wanted: &'a Overdue,
    ) -> Fut<'a, Vec<Paper>>;

    /// One that the actor may have made again.
    fn awaited<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        right: Permission,
        id: &'a str,
    ) -> Fut<'a, NamedPaper>;

    /// Has it made now; false when it is there, or on its way since `late`.
    fn make_again<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        id: &'a str,
        late: Timestamp,
    ) -> Fut<'a, bool>;

    /// Puts another picture on one that could not be made with the one before; false when that is not so (any more).
    fn exchange_photo<'a>(
        &'a self,
        tx: &'a mut Tx,
        id: &'a str,
        photo: &'a StoredObject,
    ) -> Fut<'a, bool>;
}
