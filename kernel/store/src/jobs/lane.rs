//! Lanes: what is slow for one reason waits beside others of that reason, and holds nobody else up.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// Where a job runs. What stands in one lane never waits for what stands in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Short work that waits on nobody.
    Short,
    /// What makes papers: work of the processor.
    Papers,
    /// What looks through everything: reminders, recounts, deadlines.
    Looks,
    /// What waits on a counterpart. Each has a lane of its own, under its name.
    Counterpart(&'static str),
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lane::Short => f.write_str("short"),
            Lane::Papers => f.write_str("papers"),
            Lane::Looks => f.write_str("looks"),
            Lane::Counterpart(name) => write!(f, "counterpart:{name}"),
        }
    }
}

/// How many jobs of a lane run at once, and how long one may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneLimits {
    pub width: usize,
    pub limit: Duration,
}

impl LaneLimits {
    pub const fn new(width: usize, seconds: u64) -> Self {
        Self {
            width,
            limit: Duration::from_secs(seconds),
        }
    }
}

/// The limits of each lane; those of counterparts are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneSettings {
    pub short: LaneLimits,
    pub papers: LaneLimits,
    pub looks: LaneLimits,
    pub counterpart: LaneLimits,
}

impl Default for LaneSettings {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            short: LaneLimits::new(4, 30),
            // One sets pages while others of the same processor wait for the disk, which writes many at a time as fast as one.
            papers: LaneLimits::new(8 * processors, 60),
            looks: LaneLimits::new(2, 1800),
            counterpart: LaneLimits::new(8, 30),
        }
    }
}

impl LaneSettings {
    /// The limits that a setting names.
    pub fn of_name(&mut self, name: &str) -> Option<&mut LaneLimits> {
        match name {
            "short" => Some(&mut self.short),
            "papers" => Some(&mut self.papers),
            "looks" => Some(&mut self.looks),
            "counterpart" => Some(&mut self.counterpart),
            _ => None,
        }
    }

    pub(super) fn of(&self, lane: Lane) -> LaneLimits {
        match lane {
            Lane::Short => self.short,
            Lane::Papers => self.papers,
            Lane::Looks => self.looks,
            Lane::Counterpart(_) => self.counterpart,
        }
    }
}

/// Rings in a lane when a committed write has put a job into it.
#[derive(Clone, Default)]
pub(crate) struct Bells(Arc<Mutex<HashMap<String, Arc<Notify>>>>);

impl Bells {
    pub(crate) fn of(&self, lane: &str) -> Arc<Notify> {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(bells.entry(lane.to_owned()).or_default())
    }

    pub(crate) fn ring(&self, lanes: &[String]) {
        for lane in lanes {
            self.of(lane).notify_one();
        }
    }
}
