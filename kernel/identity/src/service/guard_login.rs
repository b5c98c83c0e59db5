//! The lock on guessing: counted in the database, so that it holds across nodes and restarts.
//! A try is counted before its password is looked at: a hundred tries at once are still a hundred tries.
//!
//! Counted is what was typed, from where it was typed: whoever guesses locks himself out and not the person. Only many
//! tries from many places close a name to strangers, and even then not to a device from which the account was used.
//! Names that no account has are counted like any other, so nothing tells them apart.

use tongban_audit::{AuditEvent, Entry, record};
use tongban_base::{Ctx, Kind, Problem, Result, Timestamp, Uuid, end_site, neighbourhood};
use tongban_store::Tx;

use crate::Identity;
use crate::audit::LOCKED;
use crate::settings::LockSettings;
use crate::store::login_guard::{self, Guard};

/// What the audit log calls a name that no account has.
pub(crate) const UNKNOWN: &str = "unknown_login";
/// Failures that nobody added to for so long are forgotten.
const MEMORY_MILLIS: i64 = 24 * 3_600_000;
/// A name is closed to strangers after so many times the failures that lock one place.
const PLACES: i64 = 10;
/// The networks of one end site are together as so many places.
const NETWORKS: i64 = 3;
/// Digits of the digest by which a count is kept: however many names are tried, there are no more rows.
const DIGITS: usize = 5;

/// Who is being tried: an account, or a name that no account has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// What the audit log calls it.
    pub kind: &'static str,
    pub id: String,
}

/// Where the tries of one login are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    /// What was typed, from this device or address.
    here: String,
    /// What was typed, from any network of one end site; none for a known device and an IPv4 address.
    site: Option<String>,
    /// What was typed, from anywhere; none for a known device.
    anywhere: Option<String>,
}

impl Counts {
    /// `device` is the mark of one from which the account was used.
    pub fn of(identity: &Identity, ctx: &Ctx, login: &str, device: Option<&str>) -> Self {
        let parsed = ctx.address.parse().ok();
        let address = match parsed {
            Some(address) => neighbourhood(address).to_string(),
            None => ctx.address.clone(),
        };
        let site = parsed.and_then(end_site).filter(|_| device.is_none());
        let place = device.unwrap_or(&address);
        let key = |kind: &str, text: &str| {
            let digest = identity.keys.digest(&format!("{kind} {text}"));
            format!("{kind}:{}", digest.chars().take(DIGITS).collect::<String>())
        };
        Self {
            here: key("here", &format!("{login} {place}")),
            site: site.map(|site| key("site", &format!("{login} {site}"))),
            anywhere: device.is_none().then(|| key("name", login)),
        }
    }

    /// Of somebody who is logged in and says the own password again: no one else counts there.
    pub fn own(identity: &Identity, account: Uuid) -> Self {
        let digest = identity.keys.digest(&format!("own {account}"));
        let digits: String = digest.chars().take(DIGITS).collect();
        Self {
            here: format!("here:{digits}"),
            site: None,
            anywhere: None,
        }
    }

    /// The narrowest first, each with what locks it.
    fn limits(&self, lock: LockSettings) -> Vec<(&str, LockSettings)> {
        let site = self
            .site
            .as_deref()
            .map(|site| (site, lock.times(NETWORKS)));
        let anywhere = self.anywhere.as_deref();
        let anywhere = anywhere.map(|name| (name, lock.times(PLACES)));
        let here = (self.here.as_str(), lock);
        [Some(here), site, anywhere].into_iter().flatten().collect()
    }
}

/// Counts a try, or refuses it when its place, or the name for strangers, is locked: what is refused counts nowhere, so
/// a place that is locked closes no name. Gives the number of tries from this place so far, this one included.
pub(crate) async fn take_try(identity: &Identity, ctx: &Ctx, counts: &Counts) -> Result<i64> {
    let input = (counts.clone(), identity.lock(), ctx.now);
    let taken = identity
        .db
        .write(input, |tx, (counts, lock, now)| {
            Box::pin(async move {
                let mut taken = Vec::new();
                for (key, lock) in counts.limits(*lock) {
                    let (guard, answer) = counted(login_guard::read(tx, key).await?, lock, *now);
                    if matches!(answer, Try::Locked(_)) {
                        if let Some(guard) = guard {
                            login_guard::write(tx, key, guard, *now).await?;
                        }
                        return Ok(answer);
                    }
                    taken.extend(guard.map(|guard| (key, guard)));
                }
                let tries = taken.first().map_or(0, |(_, guard)| guard.failures);
                for (key, guard) in taken {
                    login_guard::write(tx, key, guard, *now).await?;
                }
                Ok(Try::Counted(tries))
            })
        })
        .await?;
    match taken {
        Try::Counted(tries) => Ok(tries),
        Try::Locked(until) => Err(locked(until, ctx.now)),
    }
}

/// The password was right: all tries are given back.
pub(crate) async fn forgive(tx: &mut Tx, counts: &Counts) -> Result<()> {
    let wide = [&counts.site, &counts.anywhere].into_iter().flatten();
    for key in std::iter::once(&counts.here).chain(wide) {
        login_guard::clear(tx, key).await?;
    }
    Ok(())
}

impl LockSettings {
    fn times(self, places: i64) -> Self {
        Self {
            failures: self.failures.saturating_mul(places),
            ..self
        }
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
    (event, subject, counts): (AuditEvent, &Subject, &Counts),
    tries: i64,
) -> Problem {
    let lock = identity.lock();
    let closes = tries >= lock.failures;
    let guard = closes.then(|| Guard {
        failures: lock.failures,
        locked_until: ctx.now.plus_minutes(lock.minutes).0,
    });
    let is_recorded = subject.kind != UNKNOWN || identity.audit_key().has_room(ctx);
    let input = (
        (identity.clone(), ctx.clone()),
        (subject.clone(), counts.here.clone()),
        (event, guard, is_recorded),
    );
    let written = identity
        .db
        .write(
            input,
            |tx, (who, (subject, here), (event, guard, is_recorded))| {
                Box::pin(async move {
                    if let Some(guard) = guard {
                        login_guard::write(tx, here, *guard, who.1.now).await?;
                        let before = who.1.now.plus_millis(-MEMORY_MILLIS);
                        login_guard::forget_before(tx, before).await?;
                    }
                    if *is_recorded {
                        note(tx, who, (*event, subject), guard.is_some()).await?;
                    }
                    Ok(())
                })
            },
        )
        .await;
    match written {
        Err(problem) => problem,
        Ok(()) if closes => locked(ctx.now.plus_minutes(lock.minutes), ctx.now),
        Ok(()) if ctx.is_crowded => crowded(),
        Ok(()) => wrong(lock.failures - tries, lock.minutes),
    }
}

async fn note(
    tx: &mut Tx,
    (identity, ctx): &(Identity, Ctx),
    (event, subject): (AuditEvent, &Subject),
    closes: bool,
) -> Result<()> {
    let key = identity.audit_key();
    let entry = Entry::refused(event, subject.kind, &subject.id, "密码错误");
    record(tx, ctx, key, entry).await?;
    if closes {
        record(tx, ctx, key, Entry::done(LOCKED, subject.kind, &subject.id)).await?;
    }
    Ok(())
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

/// Where many have failed. Whoever knows the password comes in all the same.
fn crowded() -> Problem {
    let words = "账号或密码不正确。这里登录失败的次数较多，请核对后过一会儿再试";
    Problem::new(Kind::TooMany, "login.many_failed", words).with_retry_after(10)
}

fn locked(until: Timestamp, now: Timestamp) -> Problem {
    let minutes = (until.0 - now.0).div_euclid(60_000) + i64::from((until.0 - now.0) % 60_000 > 0);
    Problem::new(
        Kind::Locked,
        "login.locked",
        format!("密码错误次数过多，账号已锁定，请 {minutes} 分钟后再试"),
    )
    .with_retry_after(u32::try_from(minutes.saturating_mul(60)).unwrap_or(u32::MAX))
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
