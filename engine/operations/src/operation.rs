//! Operations and sources with the services that carry them out.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use tongban_base::{Ctx, Date, FieldError, Timestamp, Uuid};
use tongban_packs::Folder;
use tongban_store::{Fut, Tx};

use crate::info::OperationInfo;
use crate::subject::{About, Subject};

/// Works in the transaction of its cause; what must leave the database goes through the outbox.
pub trait Operation: Send + Sync {
    fn info(&self) -> &'static OperationInfo;

    /// Why a call could not be carried out now, in words: asked before anything is decided.
    fn obstacles<'a>(
        &'a self,
        _tx: &'a mut Tx,
        _subject: &'a Subject,
        _arguments: &'a Json,
        _now: Timestamp,
    ) -> Fut<'a, Vec<String>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// The result is kept with the step.
    fn run<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        subject: &'a Subject,
        arguments: &'a Json,
    ) -> Fut<'a, Json>;

    /// Takes back what `run` did, with what it gave.
    fn undo<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        subject: &'a Subject,
        result: &'a Json,
    ) -> Fut<'a, ()>;
}

/// For whom rules are asked, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub person: &'a Json,
    /// The record that the case is about; null where it is about none.
    pub record: &'a Json,
    /// What is filled in, once it can be read; null before.
    pub form: &'a Json,
    /// Parts of the procedure.
    pub parts: &'a Json,
    /// The day of the rules.
    pub today: Date,
    /// The day on which they are asked; what others did since then counts.
    pub as_of: Date,
}

/// A question that rules may ask of a module, as definitions see it; its answer is one thing, or null.
#[derive(Clone, Copy, Debug)]
pub struct SourceInfo {
    pub name: &'static str,
    /// What it answers, for whoever writes a rule.
    pub title: &'static str,
}

/// The same with its services.
pub trait Source: Send + Sync {
    fn info(&self) -> SourceInfo;

    /// What the thing is called that a procedure is about, if this source answers with it.
    fn title(&self, _parts: &Json, _folder: &Folder) -> Option<String> {
        None
    }

    /// What it has answered, as whoever decides reads it beside the case.
    fn words(&self, _answer: &Json, _parts: &Json, _folder: &Folder) -> Vec<(String, String)> {
        Vec::new()
    }

    fn ask<'a>(&'a self, tx: &'a mut Tx, asked: Asked<'a>) -> Fut<'a, Json>;
}

/// Records by a value of one field, as whoever keeps them finds them; rights are the caller's matter.
pub trait Records: Send + Sync {
    /// None where nobody can say: there is no such register any more.
    fn with_value<'a>(
        &'a self,
        tx: &'a mut Tx,
        register: &'a str,
        field: &'a str,
        value: &'a str,
    ) -> Fut<'a, Option<Vec<Map<String, Json>>>>;

    /// One record that was not deleted.
    fn one<'a>(&'a self, tx: &'a mut Tx, about: &'a About) -> Fut<'a, Option<Map<String, Json>>>;

    /// Some of the records that may be chosen; none where there is no such register any more.
    fn choosable<'a>(
        &'a self,
        tx: &'a mut Tx,
        from: Choosing<'a>,
        wanted: Wanted<'a>,
    ) -> Fut<'a, Option<Vec<Choosable>>>;

    /// One of them, if it may be chosen.
    fn chosen<'a>(
        &'a self,
        tx: &'a mut Tx,
        from: Choosing<'a>,
        record: Uuid,
    ) -> Fut<'a, Option<Choosable>>;

    /// The organisation that a record belongs to, where its register says so.
    fn owner(&self, _register: &str, _record: &Map<String, Json>) -> Option<String> {
        None
    }

    /// A record in the words of its register, by field, the middle of personal numbers hidden.
    fn words(&self, register: &str, record: &Map<String, Json>) -> Map<String, Json>;

    /// A record that is there and that this officer may read.
    fn link<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        about: &'a About,
    ) -> Fut<'a, Option<RecordLink>>;

    /// Whether an officer may start a procedure about a record: it is in sight, and where its register has a button for the
    /// procedure, the button is there for this record and this officer.
    fn may_start<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        procedure: &'a str,
        about: &'a About,
    ) -> Fut<'a, bool>;
}

/// From where a record is chosen.
#[derive(Clone, Copy, Debug)]
pub struct Choosing<'a> {
    pub register: &'a str,
    /// Only those with this value in this field, by which the register finds records.
    pub key: Option<(&'a str, &'a str)>,
    /// Only what this officer may read; none where whoever asks has said who is offered what.
    pub reader: Option<&'a Ctx>,
    /// What is told of each beside its title; the columns of the register's list where nothing is said.
    pub columns: &'a [String],
}

/// A record that may be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choosable {
    pub id: Uuid,
    /// The value of the field that names it among people.
    pub number: String,
    pub title: String,
    pub data: Map<String, Json>,
    /// The columns in words, personal numbers masked; the title is not among them.
    pub words: Vec<String>,
}

/// A bounded look at what may be chosen.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    /// A part of the title, or the whole number; empty for all.
    pub words: &'a str,
    /// Begin behind this record; the newest come first.
    pub after: Option<Uuid>,
    pub limit: usize,
}

/// The page of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordLink {
    pub title: String,
    pub href: String,
}

/// The cases that have to do with a record, as far as whoever looks may see them.
pub trait CasesOfRecord: Send + Sync {
    fn of<'a>(&'a self, ctx: &'a Ctx, about: &'a About) -> Fut<'a, Vec<CaseLine>>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseLine {
    /// With its number and how it stands.
    pub words: String,
    pub href: String,
}

/// What a module has against a case that is about to be filed.
pub trait SubmissionCheck: Send + Sync {
    /// Each beside the field of the form by which it came; asked in the transaction that files.
    fn faults<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: &'a Subject,
        now: Timestamp,
    ) -> Fut<'a, Vec<FieldError>>;
}

/// Pages that are read before somebody fills in a procedure.
pub trait Guides: Send + Sync {
    /// Those of a register that are published today and of this category; the pinned and the newest first.
    fn of<'a>(
        &'a self,
        tx: &'a mut Tx,
        register: &'a str,
        category: &'a str,
        now: Timestamp,
    ) -> Fut<'a, Vec<GuidePage>>;
}

/// The part of a procedure that names them: the register, or the register with whether they have to be confirmed.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "GuideWritten")]
pub struct GuidePart {
    pub register: String,
    pub confirm: bool,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "应是登记簿的代码，或者 { register = 代码, confirm = true }"
)]
enum GuideWritten {
    Register(String),
    Whole(GuideWhole),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GuideWhole {
    register: String,
    #[serde(default)]
    confirm: bool,
}

impl From<GuideWritten> for GuidePart {
    fn from(written: GuideWritten) -> Self {
        match written {
            GuideWritten::Register(register) => Self {
                register,
                confirm: false,
            },
            GuideWritten::Whole(whole) => Self {
                register: whole.register,
                confirm: whole.confirm,
            },
        }
    }
}

/// One of them. A file is fetched below [`GuidePage::href`], by whoever may read the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuidePage {
    /// The record that it is, in this version.
    pub record: Uuid,
    pub version: i64,
    pub title: String,
    pub paragraphs: Vec<String>,
    /// The page itself.
    pub href: String,
    pub links: Vec<GuideLink>,
}

/// Another address, or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuideLink {
    pub title: String,
    pub href: String,
    /// It is shown where it stands.
    pub is_picture: bool,
}
