//! `tongban clock accept`: a clock that was ahead once has left moments on record that are yet to come; or a house that
//! stood still for long starts again.

use std::process::ExitCode;

use tongban_audit::{AuditKey, CLOCK_CORRECTED, Entry, attempt, latest_moment};
use tongban_base::{Clock, Ctx, Timestamp};
use tongban_store::{Db, bring_forward};

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

/// A house looks through its rows every night: after so many days without a line in its log somebody has to say that it
/// stood still, and that it is not the clock.
const LONGEST_SILENCE_DAYS: i64 = 40;

/// Before anything is done by the clock: errors when it is far ahead of all that is on record.
pub async fn not_far_ahead(db: &Db, now: Timestamp) -> Result<(), Failure> {
    match latest_moment(db).await? {
        Some(recorded) if is_long_after(recorded, now) => Err(Failure::new(format!(
            "本机时钟是 {}，而数据里最后的记录是 {} 的，相隔超过 {LONGEST_SILENCE_DAYS} 天，没有启动：时钟走快了，办件会被误判超期。\
             请核对本机时钟；如果时钟是对的、系统确实停用了这么久，请运行 tongban clock accept，然后再启动",
            now.local().format("%Y-%m-%d %H:%M"),
            recorded.local().format("%Y-%m-%d %H:%M"),
        ))),
        _ => Ok(()),
    }
}

fn is_long_after(recorded: Timestamp, now: Timestamp) -> bool {
    now > recorded.plus_minutes(LONGEST_SILENCE_DAYS * 24 * 60)
}

pub async fn correct(data: &Data, clock: &Clock) -> Result<String, Failure> {
    let now = clock.now();
    let recorded = latest_moment(&data.db).await?;
    if let Some(recorded) = recorded.filter(|recorded| is_long_after(*recorded, now)) {
        let entry = Entry::done(CLOCK_CORRECTED, "clock", recorded.0);
        attempt(
            &data.db,
            &Ctx::system(now),
            &AuditKey::of(&data.ring)?,
            entry,
        )
        .await?;
        let now = now.local();
        return Ok(format!(
            "已确认本机时钟 {} 是对的，并记入审计日志，现在可以启动",
            now.format("%Y-%m-%d %H:%M")
        ));
    }
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
