//! Runs the jobs of one node: each lane by itself, as wide as it may be, each job within its time.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tongban_base::{Ctx, Problem, Result, Timestamp, Uuid};

use super::table::{self, LEASE_MILLIS, StoredJob, Tried, Turn};
use super::{JobHandler, JobStatus, Lane, LaneLimits, LaneSettings, Outcome};
use crate::upkeep::without_panic;
use crate::{Db, Start, error};

/// At most so many in one step of `run_due`.
const CLAIM: usize = 32;
/// What is due by time is looked for so often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A third of what a lease lasts.
const RENEW_MILLIS: i64 = LEASE_MILLIS / 3;
/// Jobs that run when the program is told to end may finish in this time; then they are given back.
const GRACE: Duration = Duration::from_secs(5);
/// A database that does not answer then is not waited for.
const GIVE_BACK: Duration = Duration::from_secs(2);

pub struct Dispatcher(Arc<Shared>);

struct Shared {
    db: Db,
    handlers: HashMap<&'static str, JobHandler>,
    settings: LaneSettings,
    grace: Duration,
    /// Under which leases are held.
    holder: String,
    start: Option<Start>,
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Dispatcher {
    pub fn new(
        db: Db,
        handlers: Vec<JobHandler>,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            db,
            handlers: handlers.into_iter().map(|h| (h.name, h)).collect(),
            settings: LaneSettings::default(),
            grace: GRACE,
            holder: Uuid::now_v7().to_string(),
            start: None,
            now: Box::new(now),
        }))
    }

    /// How long what runs may go on when it is told to stop.
    pub fn with_grace(self, grace: Duration) -> Self {
        self.with(|shared| shared.grace = grace)
    }

    pub fn with_lanes(self, settings: LaneSettings) -> Self {
        self.with(|shared| shared.settings = settings)
    }

    /// Holds its leases under this start, and takes over what those before it left.
    pub fn started(self, start: Start) -> Self {
        self.with(|shared| {
            shared.holder = start.id().to_owned();
            shared.start = Some(start);
        })
    }

    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        // Nobody else has it before it serves.
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            change(shared);
        }
        self
    }

    /// Serves until `stop` resolves, and a little longer for what runs then. Each lane is woken by commits that put a
    /// job into it, and once a second for what is due by time.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(false);
        let mut lanes = JoinSet::new();
        self.0.prepare().await;
        for lane in self.0.lanes() {
            let (shared, stopped) = (Arc::clone(&self.0), stopped.clone());
            lanes.spawn(async move {
                let upkeep = shared.db.upkeep().clone();
                let run = || LaneRun::new(Arc::clone(&shared), lane).run(stopped.clone());
                upkeep.keep(format!("jobs.{lane}"), run).await;
            });
        }
        stop.await;
        stopping.send_replace(true);
        lanes.join_all().await;
        self.0.give_back().await;
    }

    /// Runs everything that is due now, one job after another; gives the number of jobs tried.
    pub async fn run_due(&self) -> Result<usize> {
        let mut count = 0;
        for lane in self.0.lanes() {
            let mut turn = self.0.blank(lane);
            turn.room = CLAIM;
            for job in self.0.turn(turn).await? {
                let mut turn = self.0.blank(lane);
                turn.tried.push(self.0.attempt(lane, job).await);
                self.0.turn(turn).await?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Runs until nothing is due any more; for tests and for the command line.
    pub async fn drain(&self) -> Result<usize> {
        let mut total = 0;
        loop {
            match self.run_due().await? {
                0 => return Ok(total),
                count => total += count,
            }
        }
    }

    pub async fn status(&self) -> Result<JobStatus> {
        self.0.db.jobs().await
    }
}

impl Shared {
    /// Those that are there always, and one for each counterpart that a job names.
    fn lanes(&self) -> BTreeSet<Lane> {
        let named = self.handlers.values().map(|handler| handler.lane);
        named
            .chain([Lane::Short, Lane::Papers, Lane::Looks])
            .collect()
    }

    async fn prepare(&self) {
        let named = self.handlers.values().map(|h| (h.name, h.lane)).collect();
        let ended = self.start.as_ref().map(Start::ended).unwrap_or_default();
        let input: (Vec<_>, _, _) = (named, ended.to_vec(), (self.now)());
        let prepared = self.db.write(input, |tx, (named, ended, now)| {
            Box::pin(async move {
                table::sort(tx, named).await?;
                table::inherit(tx, ended, *now).await
            })
        });
        match prepared.await {
            Ok(jobs) => {
                if jobs > 0 {
                    tracing::warn!(jobs, "jobs that an earlier start left are run again");
                }
                self.start.iter().for_each(Start::forget_ended);
            }
            Err(problem) => {
                tracing::error!(%problem, "jobs of an earlier start rest until their leases end")
            }
        }
    }

    async fn give_back(&self) {
        let given = self.db.write(self.holder.clone(), |tx, holder| {
            Box::pin(table::give_back(tx, holder))
        });
        match tokio::time::timeout(GIVE_BACK, given).await {
            Ok(Ok(jobs)) => {
                if jobs > 0 {
                    tracing::info!(jobs, "jobs are left for the next start");
                }
                self.start.iter().for_each(Start::end);
            }
            Ok(Err(problem)) => tracing::error!(%problem, "jobs could not be given back"),
            Err(_) => tracing::error!("jobs could not be given back in time"),
        }
    }

    async fn turn(&self, turn: Turn) -> Result<Vec<StoredJob>> {
        self.db
            .write(turn, |tx, turn| Box::pin(table::take_turn(tx, turn)))
            .await
    }

    fn blank(&self, lane: Lane) -> Turn {
        Turn {
            lane,
            holder: self.holder.clone(),
            tried: Vec::new(),
            held: Vec::new(),
            room: 0,
            now: (self.now)(),
        }
    }

    /// A panic ends the job, and so does its limit.
    async fn attempt(&self, lane: Lane, job: StoredJob) -> Tried {
        let limit = self.settings.of(lane).limit;
        let outcome = match self.handlers.get(job.name.as_str()) {
            Some(handler) => {
                let run =
                    async { (handler.run)(Ctx::system((self.now)()), job.payload.clone()).await };
                match tokio::time::timeout(limit, without_panic(run)).await {
                    Ok(outcome) => outcome,
                    Err(_) => Err(error::cut_off(limit)),
                }
            }
            None => Err(Problem::internal(format!(
                "no handler for job {}",
                job.name
            ))),
        };
        if let Err(problem) = &outcome {
            tracing::error!(job = %job.name, id = %job.id, attempts = job.attempts, %problem, "job failed");
        }
        Tried { job, outcome }
    }
}

/// A lane at work. What it holds is renewed while it runs, and settled with the taking of what comes next.
struct LaneRun {
    shared: Arc<Shared>,
    lane: Lane,
    limits: LaneLimits,
    /// How many run at once now: fewer after the counterpart said that it takes no more, and not before this moment.
    width: usize,
    rests_until: Timestamp,
    running: JoinSet<Tried>,
    /// The jobs whose lease is ours.
    held: BTreeSet<String>,
    tried: Vec<Tried>,
    renewed: Timestamp,
}

impl LaneRun {
    fn new(shared: Arc<Shared>, lane: Lane) -> Self {
        Self {
            limits: shared.settings.of(lane),
            width: shared.settings.of(lane).width,
            rests_until: Timestamp(0),
            renewed: (shared.now)(),
            shared,
            lane,
            running: JoinSet::new(),
            held: BTreeSet::new(),
            tried: Vec::new(),
        }
    }

    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let bell = self.shared.db.bells.of(&self.lane.to_string());
        while !*stopped.borrow() {
            if let Err(problem) = self.turn(true).await {
                tracing::error!(lane = %self.lane, %problem, "taking jobs failed");
                tokio::time::sleep(LOOK_EVERY).await;
            }
            let has_room = self.room() > 0;
            tokio::select! {
                Some(done) = self.running.join_next() => self.collect(done),
                () = bell.notified(), if has_room => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stopped.changed() => {}
            }
        }
        let grace = self.shared.grace;
        let _ = tokio::time::timeout(grace, self.finish()).await;
    }

    /// Nothing new is taken; what runs is waited for.
    async fn finish(&mut self) {
        while !self.running.is_empty() || !self.tried.is_empty() {
            if let Some(done) = self.running.join_next().await {
                self.collect(done);
            }
            if let Err(problem) = self.turn(false).await {
                tracing::error!(lane = %self.lane, %problem, "settling jobs failed");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }

    fn collect(&mut self, done: std::result::Result<Tried, JoinError>) {
        let mut next = Some(done);
        while let Some(done) = next {
            match done {
                Ok(tried) => {
                    self.adapt(&tried.outcome);
                    self.tried.push(tried);
                }
                // Nobody knows which job it was: the lane begins anew, and its leases end.
                Err(fallen) => std::panic::resume_unwind(fallen.into_panic()),
            }
            next = self.running.try_join_next();
        }
    }

    fn room(&self) -> usize {
        match (self.shared.now)() < self.rests_until {
            true => 0,
            false => self.width.saturating_sub(self.running.len()),
        }
    }

    /// Half as many after a refusal for being too many, one more after each that was taken.
    fn adapt(&mut self, outcome: &Result<Outcome>) {
        match outcome {
            Ok(Outcome::Busy { until, .. }) => {
                self.width = (self.width / 2).max(1);
                self.rests_until = self.rests_until.max(*until);
            }
            Ok(Outcome::Done) => self.width = (self.width + 1).min(self.limits.width),
            _ => {}
        }
    }

    async fn turn(&mut self, takes_more: bool) -> Result<()> {
        let room = self.room();
        let mut turn = self.shared.blank(self.lane);
        let now = turn.now;
        let renews = now.0 > self.renewed.plus_millis(RENEW_MILLIS).0;
        // A node whose clock is off takes what others hold for left behind.
        if takes_more && self.shared.db.clock_ahead().is_none() {
            turn.room = room;
        }
        if renews {
            turn.held = self.held.iter().cloned().collect();
        }
        if turn.room == 0 && !renews && self.tried.is_empty() {
            return Ok(());
        }
        turn.tried.clone_from(&self.tried);
        let taken = self.shared.turn(turn).await?;
        if renews {
            self.renewed = now;
        }
        for tried in self.tried.drain(..) {
            self.held.remove(&tried.job.id);
        }
        for job in taken {
            self.held.insert(job.id.clone());
            let (shared, lane) = (Arc::clone(&self.shared), self.lane);
            self.running
                .spawn(async move { shared.attempt(lane, job).await });
        }
        Ok(())
    }
}
