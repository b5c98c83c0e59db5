//! What a scenario is played in: a house of its own that the program builds, and how to ask for one. Knows no wiring.

use std::any::Any;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use tongban_base::{Clock, Timestamp};
use tongban_packs::{Findings, Folder, Pack};
use tongban_store::Dispatcher;

use crate::Stranger;

/// By which somebody comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Citizen,
    Staff,
}

/// What a server does of itself from time to time: looks for what is late, for timers, writes what waits.
pub type Tick =
    Box<dyn Fn() -> Pin<Box<dyn Future<Output = tongban_base::Result<()>> + Send>> + Send + Sync>;

/// A message that left the house by SMS.
#[derive(Clone, Debug)]
pub struct Sms {
    pub title: String,
    /// The number, with its middle hidden.
    pub to: String,
    pub text: String,
}

type Told = Pin<Box<dyn Future<Output = tongban_base::Result<Vec<Sms>>> + Send>>;

/// What was sent by SMS about a case, the oldest first.
pub type Sent = Box<dyn Fn(String) -> Told + Send + Sync>;

/// A task that is open in a case.
#[derive(Clone, Debug)]
pub struct OpenTask {
    pub id: String,
    /// The name of the step.
    pub name: String,
    /// Value and words of each button.
    pub decisions: Vec<(String, String)>,
}

type Listed = Pin<Box<dyn Future<Output = tongban_base::Result<Vec<OpenTask>>> + Send>>;

/// The open tasks of a case, whoever may see them.
pub type Tasks = Box<dyn Fn(String) -> Listed + Send + Sync>;

/// A house with nobody in it but the scenario.
pub struct House {
    pub router: Router,
    pub clock: Clock,
    pub jobs: Dispatcher,
    pub tick: Tick,
    pub sent: Sent,
    pub tasks: Tasks,
    /// Who has an account, by login.
    pub people: BTreeMap<String, Door>,
    /// Everybody's.
    pub password: String,
    /// Lives as long as the house: its folder, its counterparts.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// When a scenario begins, and who is in it that the pack does not know.
#[derive(Clone, Debug)]
pub struct Opening {
    pub at: Timestamp,
    pub strangers: Vec<Stranger>,
}

/// A pack that was read once; houses are built of it in milliseconds.
#[async_trait]
pub trait Stage: Send + Sync {
    fn pack(&self) -> &Pack;

    /// Errors: in words, why there is none.
    async fn house(&self, opening: &Opening) -> Result<House, String>;

    /// The same people and the same days under a pack from which something was taken.
    /// Errors: what the check finds wrong with it.
    async fn without(&self, folder: Folder) -> Result<Arc<dyn Stage>, Findings>;

    /// Sets the papers of such a pack, and tells which cannot be set any more.
    async fn try_papers(&self) -> Findings;
}
