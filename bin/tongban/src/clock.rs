//! `tongban clock accept`: a clock that was ahead once has left moments on record that are yet to come.

use std::process::ExitCode;

use tongban_audit::{AuditKey, CLOCK_CORRECTED, Entry, latest_moment};
use tongban_base::{Clock, Ctx};
use tongban_store::bring_forward;

use crate::cli::DataArgs;
use crate::data::Data;
use crate::failure::Failure;
use crate::wiring::CLOCKS_DIFFER;

/// Takes what the machine says for right. What waits for a moment that was reckoned from the wrong one waits no longer:
/// jobs, locks of logins, sessions. Dates of cases and licences stay as they were told to people.
pub async fn accept(args: &DataArgs) -> Result<ExitCode, Failure> {
    // A server that runs goes on by its own clock, and would write down what is yet to come again.
    let data = Data::alone(args).await?;
    println!("{}", correct(&data, &Clock::machine()).await?);
    Ok(ExitCode::SUCCESS)
}

pub async fn correct(data: &Data, clock: &Clock) -> Result<String, Failure> {
    let now = clock.now();
    let recorded = latest_moment(&data.db).await?;
    let Some(recorded) = recorded.filter(|r| *r > now.plus_minutes(CLOCKS_DIFFER)) else {
        return Ok("数据里没有比本机时钟更晚的记录，没有改动".to_owned());
    };
    let entry = Entry::done(CLOCK_CORRECTED, "clock", recorded.0);
    let input = (AuditKey::of(&data.ring)?, entry, Ctx::system(now));
    data.db
        .write(input, |tx, (key, entry, ctx)| {
            Box::pin(async move {
                tongban_audit::record(tx, ctx, key, entry.clone()).await?;
                bring_forward(tx, ctx.now).await?;
                tongban_identity::forget_what_is_to_come(tx, ctx.now).await
            })
        })
        .await?;
    Ok(format!(
        "已按本机时钟 {} 校正，并记入审计日志。办件和证照上的日期保持不变，请逐一核对 {} 之后的记录",
        now.local().format("%Y-%m-%d %H:%M"),
        now.local().format("%Y-%m-%d"),
    ))
}
