//! The lock on guessing: counted in the database, so that it holds across nodes and restarts.
//! A try is counted before its password is looked at: a hundred tries at once are still a hundred tries.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Kind, Problem, Result, Timestamp};

use crate::Identity;
use crate::audit::{LOCKED, OPENED};
use crate::settings::LockSettings;
use crate::store::login_guard::{self, Guard};

/// Failures that nobody added to for so long are forgotten.
const MEMORY_MILLIS: i64 = 24 * 3_600_000;

/// Who is being tried: an account, or a name that no account has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Key of the count: `account:…` or `unknown:…` with a digest.
    pub key: String,
    /// What the audit log calls it.
    pub kind: &'static str,
    pub id: String,
}

/// Counts a try, or refuses it when the subject is locked. Gives the number of tries so far, this one included.
pub(crate) async fn take_try(identity: &Identity, ctx: &Ctx, subject: &Subject) -> Result<i64> {
    let input = (subject.key.clone(), identity.lock(), ctx.now);
    let taken = identity
        .db
        .write(input, |tx, (key, lock, now)| {
            Box::pin(async move {
                let (guard, answer) = counted(login_guard::read(tx, key).await?, *lock, *now);
                if let Some(guard) = guard {
                    login_guard::write(tx, key, guard, *now).await?;
                }
                Ok(answer)
            })
        })
        .await?;
    match taken {
        Try::Counted(tries) => Ok(tries),
        Try::Locked(until) => Err(locked(until, ctx.now)),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Try {
    Counted(i64),
    Locked(Timestamp),
}

fn counted(guard: Guard, lock: LockSettings, now: Timestamp) -> (Option<Guard>, Try) {
    if guard.locked_until > now.0 {
        return (None, Try::Locked(Timestamp(guard.locked_until)));
    }
    // A lock that is over gives all tries back.
    let before = if guard.locked_until > 0 {
        0
    } else {
        guard.failures
    };
    if before >= lock.failures {
        // Others are being looked at this moment and use up the tries.
        let until = now.plus_minutes(lock.minutes);
        let guard = Guard {
            failures: before,
            locked_until: until.0,
        };
        return (Some(guard), Try::Locked(until));
    }
    let guard = Guard {
        failures: before + 1,
        locked_until: 0,
    };
    (Some(guard), Try::Counted(before + 1))
}

/// The password was wrong: audits, locks at the last try, and says what the visitor is told.
pub(crate) async fn refuse(
    identity: &Identity,
    ctx: &Ctx,
    subject: &Subject,
    tries: i64,
) -> Problem {
    let lock = identity.lock();
    let closes = tries >= lock.failures;
    let input = (
        identity.clone(),
        ctx.clone(),
        subject.clone(),
        (closes, lock),
    );
    let written = identity
        .db
        .write(input, |tx, (identity, ctx, subject, (closes, lock))| {
            Box::pin(async move {
                let key = identity.audit_key();
                let entry = Entry::refused(OPENED, subject.kind, &subject.id, "密码错误");
                record(tx, ctx, key, entry).await?;
                if *closes {
                    let guard = Guard {
                        failures: lock.failures,
                        locked_until: ctx.now.plus_minutes(lock.minutes).0,
                    };
                    login_guard::write(tx, &subject.key, guard, ctx.now).await?;
                    record(tx, ctx, key, Entry::done(LOCKED, subject.kind, &subject.id)).await?;
                    login_guard::forget_before(tx, ctx.now.plus_millis(-MEMORY_MILLIS)).await?;
                }
                Ok(())
            })
        })
        .await;
    match written {
        Err(problem) => problem,
        Ok(()) if closes => locked(ctx.now.plus_minutes(lock.minutes), ctx.now),
        Ok(()) => wrong(lock.failures - tries, lock.minutes),
    }
}

/// The same words whether the name is unknown or the password wrong.
fn wrong(left: i64, minutes: i64) -> Problem {
    let warning = if left <= 2 {
        format!("。再错 {left} 次，账号将锁定 {minutes} 分钟")
    } else {
        String::new()
    };
    Problem::new(
        Kind::Unauthenticated,
        "login.wrong",
        format!("账号或密码不正确，请核对后重试{warning}"),
    )
}

fn locked(until: Timestamp, now: Timestamp) -> Problem {
    let minutes = (until.0 - now.0).div_euclid(60_000) + i64::from((until.0 - now.0) % 60_000 > 0);
    Problem::new(
        Kind::Locked,
        "login.locked",
        format!("密码错误次数过多，账号已锁定，请 {minutes} 分钟后再试"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: LockSettings = LockSettings {
        failures: 5,
        minutes: 15,
    };

    #[test]
    fn tries_at_the_same_moment_are_all_counted() {
        let mut guard = Guard::default();
        let mut answers = Vec::new();
        for _ in 0..7 {
            let (next, answer) = counted(guard, LOCK, Timestamp(1_000));
            guard = next.unwrap_or(guard);
            answers.push(answer);
        }
        let locked = Try::Locked(Timestamp(901_000));
        assert_eq!(answers[4], Try::Counted(5));
        assert_eq!(answers[5..], [locked, locked]);
        assert_eq!(counted(guard, LOCK, Timestamp(901_000)).1, Try::Counted(1));
    }

    #[test]
    fn the_minutes_left_are_never_told_as_zero() {
        let words = |millis| locked(Timestamp(millis), Timestamp(0)).message().to_owned();
        assert!(words(1).contains("请 1 分钟后"));
        assert!(words(60_000).contains("请 1 分钟后"));
        assert!(words(60_001).contains("请 2 分钟后"));
    }
}
