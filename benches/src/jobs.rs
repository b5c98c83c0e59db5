//! Papers drained a second while pages are served, and how long a letter takes while a counterpart hangs, beside the
//! same house without the fault.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tongban_base::{Actor, Ctx, Problem, Result, StaffScope, Timestamp, Uuid};
use tongban_cases::{CaseId, Decision, complete_task, submit_case, tasks_of};
use tongban_store::{Db, params};

use crate::callers::callers;
use crate::client::get;
use crate::load::steady;
use crate::town::{self, Citizen};
use crate::{Figure, House, Report};

/// Cases that are accepted before anything is measured: each leaves a letter to be made.
const QUEUED: usize = 1_500;
/// Cases that are accepted one after another while the rest goes on.
const WATCHED: usize = 40;
const CALLERS: usize = 16;
/// The line of the requirements.
const PAPERS_PER_SECOND: f64 = 100.0;
const LONGEST_DELAY: f64 = 5.0;
/// More than a city asks for at its busiest.
const PAGES_PER_SECOND: u32 = 1_000;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A house whose jobs do not run yet, with letters that wait to be made, and cases that wait to be accepted.
pub struct Queued {
    house: House,
    officer: Ctx,
    waiting: Vec<CaseId>,
}

/// What came of it once jobs ran.
pub struct Drained {
    papers_per_second: f64,
    pages_per_second: f64,
    /// The 99th of a hundred, in seconds.
    slow_page: f64,
    longest_delay: f64,
}

impl Queued {
    pub async fn of(house: House) -> Result<Self> {
        let count = u32::try_from(QUEUED + WATCHED).map_err(Problem::internal)?;
        let citizens = town::settle(&house, count).await?;
        let drafts = town::drafts(&house, citizens).await?;
        let desk = house.desk.clone();
        let mut cases = callers(CALLERS, drafts, move |(citizen, draft): (Citizen, _)| {
            let desk = desk.clone();
            async move { Ok(submit_case(&desk, &citizen.ctx(), draft).await?.case) }
        })
        .await?;
        let officer = officer(&house.db).await?;
        let waiting = cases.split_off(QUEUED);
        let (desk, clerk) = (house.desk.clone(), officer.clone());
        callers(CALLERS, cases, move |case| {
            let (desk, clerk) = (desk.clone(), clerk.clone());
            async move { accept(&desk, &clerk, case).await }
        })
        .await?;
        Ok(Self {
            house,
            officer,
            waiting,
        })
    }

    /// What has to be served while the jobs run.
    pub fn house(&self) -> &House {
        &self.house
    }

    /// To be called when the jobs have just begun to run, on a server that serves the pages of this house.
    pub async fn drained(self, server: SocketAddr) -> Result<Drained> {
        let begun = Instant::now();
        let before = made(&self.house.db).await?;
        let (enough, seen) = watch::channel(false);
        let pages = tokio::spawn(async move {
            steady(server, &get("/items", None), PAGES_PER_SECOND, seen).await
        });
        while made(&self.house.db).await? < QUEUED as i64 {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        let took = begun.elapsed().as_secs_f64();
        enough.send_replace(true);
        let pages = pages.await.map_err(Problem::internal)??;
        let mut longest_delay = 0.0_f64;
        for case in &self.waiting {
            let accepted = Instant::now();
            accept(&self.house.desk, &self.officer, *case).await?;
            while !has_letter(&self.house.db, *case).await? {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            longest_delay = longest_delay.max(accepted.elapsed().as_secs_f64());
        }
        Ok(Drained {
            papers_per_second: (QUEUED as i64 - before) as f64 / took,
            pages_per_second: pages.len() as f64 / took,
            slow_page: pages
                .get(pages.len() * 99 / 100)
                .copied()
                .unwrap_or_default(),
            longest_delay,
        })
    }
}

pub fn jobs(sound: &Drained, hanging: &Drained) -> Report {
    let peer = "the same without a fault";
    let mut report = Report::new("jobs");
    report.add(
        Figure::new(
            "papers drained while pages are served",
            sound.papers_per_second,
            "1/s",
        )
        .at_least(PAPERS_PER_SECOND),
    );
    report.add(Figure::new(
        "pages served meanwhile",
        sound.pages_per_second,
        "1/s",
    ));
    let slow = sound.slow_page * 1e3;
    report.add(Figure::new("pages served meanwhile, p99", slow, "ms"));
    report.add(
        Figure::new(
            "papers drained, SMS gateway hangs",
            hanging.papers_per_second,
            "1/s",
        )
        .beside(peer, Some(sound.papers_per_second)),
    );
    report.add(
        Figure::new(
            "longest delay of a letter, SMS gateway hangs",
            hanging.longest_delay,
            "s",
        )
        .beside(peer, Some(sound.longest_delay))
        .at_most(LONGEST_DELAY),
    );
    report
}

async fn accept(desk: &tongban_cases::Desk, officer: &Ctx, case: CaseId) -> Result<()> {
    let tasks = tasks_of(desk, case).await?;
    let task = tasks.first().ok_or_else(Problem::not_found)?;
    let decision = Decision {
        decision: "accept".to_owned(),
        opinion: "测试意见".to_owned(),
        ..Decision::default()
    };
    complete_task(desk, officer, task.id, decision)
        .await
        .map(drop)
}

/// Whoever accepts the cases of the office that got them.
async fn officer(db: &Db) -> Result<Ctx> {
    let scope = db.read((), |tx, ()| {
        Box::pin(async move {
            let sql = "SELECT organisation, division FROM case_record LIMIT 1";
            let row = tx.query_one(sql, params![]).await?;
            Ok(StaffScope {
                organisation: row.get("organisation")?,
                division: row.get("division")?,
                roles: ["acceptor".to_owned()].into(),
                permissions: Default::default(),
            })
        })
    });
    let actor = Actor::staff(Uuid::now_v7(), "测试受理人员", scope.await?);
    Ok(Ctx::new(actor, Timestamp::now()))
}

async fn made(db: &Db) -> Result<i64> {
    db.read((), |tx, ()| {
        Box::pin(async move {
            let sql = "SELECT COUNT(*) AS n FROM case_document WHERE pdf IS NOT NULL";
            tx.query_one(sql, params![]).await?.get("n")
        })
    })
    .await
}

async fn has_letter(db: &Db, case: CaseId) -> Result<bool> {
    db.read(case, |tx, case| {
        Box::pin(async move {
            let sql = "SELECT 1 AS one FROM case_document WHERE case_id = $1 AND pdf IS NOT NULL";
            Ok(tx.query_opt(sql, params![*case]).await?.is_some())
        })
    })
    .await
}
