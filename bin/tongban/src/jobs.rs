//! `tongban jobs`: the failed jobs on the command line, beside a server that runs or without one.

use std::process::ExitCode;

use tongban_audit::AuditKey;
use tongban_base::{Clock, Ctx, Uuid};
use tongban_store::{Cursor, DeadJob, dead_jobs};
use tongban_upkeep::{FailedJobs, repeat_all, repeat_one};

use crate::cli::DataArgs;
use crate::data::Data;
use crate::failure::Failure;
use crate::log::say;

const PAGE: usize = 200;

pub async fn list(args: &DataArgs) -> Result<ExitCode, Failure> {
    let data = Data::existing(args).await?;
    let mut after: Option<Cursor> = None;
    loop {
        let read = data.db.read(after, |tx, after| {
            Box::pin(dead_jobs(tx, (after.as_ref(), PAGE)))
        });
        let found = read.await?;
        found.rows.iter().for_each(|job| say(&line(job)));
        match found.next {
            Some(next) => after = Some(next),
            None => return Ok(ExitCode::SUCCESS),
        }
    }
}

fn line(job: &DeadJob) -> String {
    let since = job.since.rfc3339();
    format!("{}\t{}\t{since}\t{}", job.id, job.name, job.error)
}

pub async fn repeat(what: &str, args: &DataArgs) -> Result<ExitCode, Failure> {
    let data = Data::existing(args).await?;
    let failed = FailedJobs::new(data.db.clone(), AuditKey::of(&data.ring)?);
    let ctx = Ctx::system(Clock::machine().now());
    let count = match Uuid::parse_str(what) {
        Ok(_) => repeat_one(&failed, &ctx, what).await.map(|()| 1)?,
        Err(_) => repeat_all(&failed, &ctx, what).await?,
    };
    say(&format!("{count} 项任务将重新执行"));
    Ok(ExitCode::SUCCESS)
}
