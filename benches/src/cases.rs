//! Submissions a second, each durable with its journal, flow and outbox, beside bare rows through the same driver.

use std::time::Instant;

use tongban_base::{Problem, Result};
use tongban_cases::submit_case;
use tongban_store::{Db, params};

use crate::bare::Bare;
use crate::callers::callers;
use crate::load::median;
use crate::town;
use crate::{Figure, House, Report};

const CALLERS: usize = 64;
const ROUNDS: usize = 3;
const SUBMISSIONS: usize = 2_000;
const SHARE: f64 = 0.25;
const PER_SECOND: f64 = 500.0;

/// A database to submit to, or why there is none.
pub struct Database {
    pub name: &'static str,
    /// What its durability rests on, as the server tells it.
    pub durability: String,
    pub house: std::result::Result<(House, Bare), String>,
    /// A rate that must be reached besides the share.
    pub must_reach: bool,
}

/// What a PostgreSQL server says of waiting for its disk: one that does not is no measure, so it is told beside the
/// figure.
pub async fn durability(db: &Db) -> Result<String> {
    db.read((), |tx, ()| {
        Box::pin(async move {
            let sql = "SELECT current_setting('fsync') AS fsync,
                current_setting('synchronous_commit') AS waits";
            let row = tx.query_one(sql, params![]).await?;
            let (fsync, waits): (String, String) = (row.get("fsync")?, row.get("waits")?);
            Ok(format!("fsync={fsync}, synchronous_commit={waits}"))
        })
    })
    .await
}

pub async fn cases(databases: Vec<Database>) -> Result<Report> {
    let mut report = Report::new("cases");
    for database in databases {
        match &database.house {
            Ok((house, bare)) => measure(&mut report, &database, house, bare).await?,
            Err(why) => {
                let name = format!("submissions on {}", database.name);
                report.add(Figure::not_run(name, "1/s", why).of_peer(SHARE));
            }
        }
    }
    Ok(report)
}

async fn measure(
    report: &mut Report,
    database: &Database,
    house: &House,
    bare: &Bare,
) -> Result<()> {
    let count = u32::try_from(SUBMISSIONS * ROUNDS).map_err(Problem::internal)?;
    let citizens = town::settle(house, count).await?;
    let mut drafts = town::drafts(house, citizens).await?;
    let widths = bare.widths();
    let (mut rows, mut submissions) = (vec![Vec::new(); widths.len()], Vec::new());
    for _ in 0..ROUNDS {
        for (rates, connections) in rows.iter_mut().zip(widths) {
            rates.push(bare.rows_per_second(*connections).await?);
        }
        let portion = drafts.split_off(drafts.len().saturating_sub(SUBMISSIONS));
        submissions.push(submit(house, portion).await?);
    }
    stored(&house.db, i64::from(count)).await?;
    let rate = median(submissions);
    let name = format!("submissions on {} ({})", database.name, database.durability);
    if database.must_reach {
        report.add(Figure::new(&name, rate, "1/s").at_least(PER_SECOND));
    }
    for (rates, connections) in rows.into_iter().zip(widths) {
        let peer = format!("bare rows, a commit each, connections: {connections}");
        let figure = Figure::new(&name, rate, "1/s").beside(&peer, Some(median(rates)));
        // The line is drawn at one connection, which is all that SQLite has; more are told beside it.
        report.add(match connections {
            1 => figure.of_peer(SHARE),
            _ => figure,
        });
    }
    Ok(())
}

async fn submit(
    house: &House,
    drafts: Vec<(town::Citizen, tongban_cases::DraftId)>,
) -> Result<f64> {
    let (desk, count, begun) = (house.desk.clone(), drafts.len(), Instant::now());
    let done = callers(CALLERS, drafts, move |(citizen, draft)| {
        let desk = desk.clone();
        async move { submit_case(&desk, &citizen.ctx(), draft).await }
    })
    .await?;
    let rate = count as f64 / begun.elapsed().as_secs_f64();
    if done.iter().all(|submitted| submitted.fresh) {
        Ok(rate)
    } else {
        Err(Problem::internal("a draft had been submitted before"))
    }
}

/// What was acknowledged is there.
async fn stored(db: &Db, expected: i64) -> Result<()> {
    let found: i64 = db
        .read((), |tx, ()| {
            Box::pin(async move {
                let sql = "SELECT COUNT(*) AS number FROM case_record";
                tx.query_one(sql, params![]).await?.get("number")
            })
        })
        .await?;
    if found == expected {
        Ok(())
    } else {
        let words = format!("{found} cases are stored, {expected} were acknowledged");
        Err(Problem::internal(words))
    }
}
