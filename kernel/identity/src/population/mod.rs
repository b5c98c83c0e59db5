//! The population register as this crate sees it: one question, four answers. Knows no account.

mod http;
mod protocol;

use std::future::Future;
use std::pin::Pin;

use tongban_base::{Result, Uuid};

use crate::model::Match;

pub use http::HttpPopulationRegister;
pub(crate) use protocol::{Answer, PATH, Question, sign_answer, sign_question};

/// Do this name and this number belong together?
#[derive(Clone)]
pub struct PopulationQuery {
    /// Stays the same when the question is put again: the counterpart counts it once.
    pub id: Uuid,
    pub name: String,
    pub id_number: String,
}

pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<Match>> + Send + 'a>>;

/// A register that can be asked. An error means "no answer", never "no".
pub trait PopulationRegister: Send + Sync {
    fn check<'a>(&'a self, query: &'a PopulationQuery) -> Reply<'a>;
}
