//! How often something may be done that costs the house much or helps whoever guesses: a closed list of budgets, each
//! spent by an address, an account or whatever else is asked about. Remembers a bounded number of them; knows no door.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Kind, Problem, Timestamp};

/// Whoever can come from more places than this is not held by counting places.
const MOST_REMEMBERED: usize = 100_000;
const HOUR_MILLIS: i64 = 3_600_000;
/// What the networks of one end site have together, in budgets of one network.
const NETWORKS: u32 = 8;

macro_rules! budgets {
    ($($(#[$note:meta])* $budget:ident, $name:literal, $burst:literal, $per_hour:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Budget { $($(#[$note])* $budget,)+ }

        impl Budget {
            pub const ALL: &'static [Budget] = &[$(Budget::$budget),+];

            pub fn name(self) -> &'static str {
                match self { $(Budget::$budget => $name,)+ }
            }

            fn usual(self) -> Rate {
                match self { $(Budget::$budget => Rate { burst: $burst, per_hour: $per_hour },)+ }
            }
        }
    };
}

budgets! {
    /// Logins that failed. Over it nobody is refused at the door: strangers take turns.
    Login, "login", 30, 360;
    Register, "register", 20, 120;
    /// Codes that are sent to the numbers of accounts. Over it a device that the account knows still gets one.
    AskCode, "ask-code", 20, 120;
    /// Proofs of a real name by an account; those of an address beyond it are asked later.
    RealName, "real-name", 20, 60;
    /// Mobile numbers that somebody wants to use.
    Contact, "contact", 10, 30;
    /// Proofs of one identity number by one account.
    IdentityNumber, "identity-number", 5, 2;
    /// Secrets of applications that were wrong.
    ClientSecret, "client-secret", 20, 360;
    /// Files that are verified.
    VerifyFile, "verify-file", 20, 1_200;
    /// Codes on licences, letters and receipts.
    Code, "code", 120, 3_600;
    Search, "search", 600, 36_000;
    /// Digits that are tried for the number of one case.
    Progress, "progress", 10, 10;
    /// Megabytes that accounts without a proven name send, over what each may keep.
    UnprovenUpload, "unproven-upload", 100, 4;
    /// Licences that their holder shows.
    Present, "present", 10, 600;
    /// Refusals that are written into the audit log.
    Record, "record", 200, 3_600;
}

impl Budget {
    /// Whether only those that failed count.
    pub fn counts_failures_only(self) -> bool {
        matches!(self, Budget::Login | Budget::ClientSecret)
    }

    /// Whether whoever comes when it is used up goes on all the same, and is only told apart (`Ctx::is_crowded`): else
    /// who spends it would shut others out.
    pub fn lets_on(self) -> bool {
        matches!(self, Budget::Login | Budget::AskCode)
    }
}

/// So many at once, and afterwards so many an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub burst: u32,
    pub per_hour: u32,
}

impl Rate {
    /// Milliseconds after which one more is earned.
    fn step(self) -> i64 {
        (HOUR_MILLIS / i64::from(self.per_hour.max(1))).max(1)
    }

    fn times(self, number: u32) -> Self {
        Self {
            burst: self.burst.saturating_mul(number),
            per_hour: self.per_hour.saturating_mul(number),
        }
    }
}

/// What an installation allows; without more, what is usual.
#[derive(Clone, Debug, Default)]
pub struct Rates(Vec<(Budget, Option<Rate>)>);

impl Rates {
    pub fn unlimited() -> Self {
        Self(Budget::ALL.iter().map(|budget| (*budget, None)).collect())
    }

    /// Later ones count.
    pub fn set(&mut self, set: &SetRate) {
        let all = Budget::ALL
            .iter()
            .filter(|b| set.budget.is_none_or(|wanted| wanted == **b));
        self.0.extend(all.map(|budget| (*budget, set.rate)));
    }

    fn of(&self, budget: Budget) -> Option<Rate> {
        let set = self.0.iter().rev().find(|(b, _)| *b == budget);
        set.map_or(Some(budget.usual()), |(_, rate)| *rate)
    }
}

/// As it is written: `login=30/360`, `search=unlimited`, `all=unlimited`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetRate {
    /// None for all of them.
    budget: Option<Budget>,
    rate: Option<Rate>,
}

impl FromStr for SetRate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names: Vec<&str> = Budget::ALL.iter().map(|budget| budget.name()).collect();
        let fault = || {
            let names = names.join("、");
            format!(
                "写成 名称=一次/每小时，例如 login=30/360，或者 名称=unlimited；名称是 all、{names}"
            )
        };
        let (name, rate) = text.split_once('=').ok_or_else(fault)?;
        let named = Budget::ALL.iter().find(|budget| budget.name() == name);
        let budget = match name {
            "all" => None,
            _ => Some(*named.ok_or_else(fault)?),
        };
        let rate = match rate {
            "unlimited" => None,
            _ => {
                let (burst, per_hour) = rate.split_once('/').ok_or_else(fault)?;
                let number = |text: &str| text.parse().map_err(|_| fault());
                Some(Rate {
                    burst: number(burst)?,
                    per_hour: number(per_hour)?,
                })
            }
        };
        Ok(Self { budget, rate })
    }
}

/// One household, office or carrier: an IPv4 address, or the network that a provider gives out as one.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => network(six, 64),
        four @ IpAddr::V4(_) => four,
    }
}

/// All networks that a provider may give to one customer (RFC 6177); none of an IPv4 address.
pub fn end_site(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        IpAddr::V6(six) => Some(network(six, 48)),
        IpAddr::V4(_) => None,
    }
}

fn network(six: Ipv6Addr, bits: u32) -> IpAddr {
    IpAddr::V6(Ipv6Addr::from(
        u128::from(six) & (u128::MAX << (u128::BITS - bits)),
    ))
}

/// Who spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spender<'a> {
    Address(IpAddr),
    /// An account, a number: kept as a digest.
    Subject(&'a str),
    /// Everybody together.
    Everybody,
}

pub struct Budgets {
    rates: Rates,
    hasher: RandomState,
    /// Until when what was spent is earned again, in milliseconds (the virtual scheduling of ITU-T I.371).
    spent: Mutex<HashMap<(Budget, u64), i64>>,
}

impl fmt::Debug for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Budgets").field(&self.rates).finish()
    }
}

impl Budgets {
    pub fn new(rates: Rates) -> Self {
        Self {
            rates,
            hasher: RandomState::new(),
            spent: Mutex::default(),
        }
    }

    fn spent(&self) -> MutexGuard<'_, HashMap<(Budget, u64), i64>> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where it is counted, and how much there is.
    fn counts(&self, budget: Budget, spender: Spender, rate: Rate) -> Vec<((Budget, u64), Rate)> {
        let (place, wide) = match spender {
            Spender::Address(address) => {
                let wide = end_site(address).map(|site| self.hasher.hash_one(("site", site)));
                (self.hasher.hash_one(neighbourhood(address)), wide)
            }
            Spender::Subject(text) => (self.hasher.hash_one(text), None),
            Spender::Everybody => (0, None),
        };
        let wide = wide.map(|wide| ((budget, wide), rate.times(NETWORKS)));
        std::iter::once(((budget, place), rate))
            .chain(wide)
            .collect()
    }

    /// Errors: `budget.…`, with the time after which it may be tried again.
    pub fn spend(&self, budget: Budget, spender: Spender, now: Timestamp) -> crate::Result<()> {
        let Some(rate) = self.rates.of(budget) else {
            return Ok(());
        };
        let counts = self.counts(budget, spender, rate);
        let mut spent = self.spent();
        let mut afterwards = Vec::with_capacity(counts.len());
        for (key, rate) in counts {
            let step = rate.step();
            let until = spent.get(&key).map_or(now.0, |until| now.0.max(*until)) + step;
            let over = until - now.0 - step * i64::from(rate.burst);
            if over > 0 {
                return Err(exhausted(budget, over));
            }
            afterwards.push((key, until));
        }
        for (key, until) in afterwards {
            if spent.len() >= MOST_REMEMBERED && !spent.contains_key(&key) {
                forget(&mut spent, now);
            }
            spent.insert(key, until);
        }
        Ok(())
    }

    /// What did not count after all.
    pub fn give_back(&self, budget: Budget, spender: Spender) {
        let Some(rate) = self.rates.of(budget) else {
            return;
        };
        let counts = self.counts(budget, spender, rate);
        let mut spent = self.spent();
        for (key, rate) in counts {
            if let Some(until) = spent.get_mut(&key) {
                *until -= rate.step();
            }
        }
    }
}

/// What is earned again says nothing any more. Where that makes no room, all begin anew.
fn forget(spent: &mut HashMap<(Budget, u64), i64>, now: Timestamp) {
    spent.retain(|_, until| *until > now.0);
    if spent.len() >= MOST_REMEMBERED {
        spent.clear();
    }
}

fn exhausted(budget: Budget, millis: i64) -> Problem {
    let seconds = u32::try_from(millis.div_euclid(1000) + 1).unwrap_or(u32::MAX);
    let wait = match seconds {
        0..60 => format!("{seconds} 秒"),
        60..3_600 => format!("{} 分钟", seconds.div_ceil(60)),
        _ => format!("{} 小时", seconds.div_ceil(3_600)),
    };
    let words = match budget {
        Budget::Login => format!("这里登录失败的次数较多，请 {wait}后再试"),
        Budget::Register => format!("这里注册的次数较多，请 {wait}后再试，或者到窗口办理"),
        Budget::RealName | Budget::IdentityNumber => {
            format!("核验的次数较多，请 {wait}后再试，或者携带身份证到窗口办理")
        }
        Budget::AskCode => format!("这里要验证码的次数较多，请 {wait}后再试"),
        Budget::ClientSecret
        | Budget::VerifyFile
        | Budget::UnprovenUpload
        | Budget::Code
        | Budget::Search
        | Budget::Progress
        | Budget::Present
        | Budget::Contact
        | Budget::Record => format!("操作太频繁，请 {wait}后再试"),
    };
    Problem::new(Kind::TooMany, format!("budget.{}", budget.name()), words)
        .with_retry_after(seconds)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn budgets(text: &str) -> Budgets {
        let mut rates = Rates::default();
        rates.set(&text.parse().unwrap());
        Budgets::new(rates)
    }

    fn address(last: u8) -> Spender<'static> {
        Spender::Address(IpAddr::from([192, 0, 2, last]))
    }

    const NOON: Timestamp = Timestamp(1_000_000_000);

    #[test]
    fn what_is_spent_is_earned_again_and_others_have_their_own() {
        let budgets = budgets("login=3/60");
        let spend = |who, now| budgets.spend(Budget::Login, who, now);
        for _ in 0..3 {
            assert!(spend(address(1), NOON).is_ok());
        }
        let refused = spend(address(1), NOON).unwrap_err();
        assert_eq!(
            (refused.kind(), refused.code()),
            (Kind::TooMany, "budget.login")
        );
        assert_eq!(refused.retry_after(), Some(61));
        assert!(refused.message().contains("2 分钟"));
        assert!(spend(address(2), NOON).is_ok());
        assert!(spend(Spender::Subject("a"), NOON).is_ok());
        let later = NOON.plus_minutes(1);
        assert!(spend(address(1), later).is_ok());
        assert!(spend(address(1), later).is_err());
        budgets.give_back(Budget::Login, address(1));
        assert!(spend(address(1), later).is_ok());
        assert!(budgets.spend(Budget::Code, address(1), NOON).is_ok());
    }

    #[test]
    fn a_long_rest_earns_no_more_than_the_burst() {
        let budgets = budgets("code=2/3600");
        let later = NOON.plus_minutes(600);
        let spent = (0..9).filter(|_| budgets.spend(Budget::Code, address(1), later).is_ok());
        assert_eq!(spent.count(), 2);
    }

    #[test]
    fn neighbours_of_one_network_share_and_any_number_of_them_is_bounded() {
        let budgets = budgets("code=1/1");
        let six = |text: &str| Spender::Address(text.parse().unwrap());
        assert!(
            budgets
                .spend(Budget::Code, six("2001:db8::1"), NOON)
                .is_ok()
        );
        assert!(
            budgets
                .spend(Budget::Code, six("2001:db8::2"), NOON)
                .is_err()
        );
        for number in 0..250_000_u32 {
            let stranger = Spender::Address(IpAddr::from(number.to_be_bytes()));
            let _ = budgets.spend(Budget::Code, stranger, NOON);
        }
        assert!(budgets.spent().len() <= MOST_REMEMBERED);
    }

    #[test]
    fn the_networks_of_one_end_site_have_no_more_than_a_few_together() {
        let budgets = budgets("code=2/1");
        let spend = |site: u16, network: u16| {
            let address = Ipv6Addr::new(0x2001, 0xdb8, site, network, 0, 0, 0, 1);
            budgets.spend(Budget::Code, Spender::Address(address.into()), NOON)
        };
        let spent = (0..100).filter(|network| spend(1, *network).is_ok());
        assert_eq!(spent.count(), 16);
        assert!(spend(2, 0).is_ok());
        let address = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 1);
        budgets.give_back(Budget::Code, Spender::Address(address.into()));
        assert!(spend(1, 200).is_ok() && spend(1, 201).is_err());
    }

    #[test]
    fn a_provider_gives_a_household_one_network_of_the_long_addresses() {
        let of = |text: &str| neighbourhood(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn rates_are_read_as_they_are_written() {
        let mut rates = Rates::default();
        rates.set(&"all=unlimited".parse().unwrap());
        rates.set(&"search=5/10".parse().unwrap());
        let five = Rate {
            burst: 5,
            per_hour: 10,
        };
        assert_eq!(rates.of(Budget::Search), Some(five));
        assert_eq!(rates.of(Budget::Login), None);
        for wrong in ["login", "login=3", "nobody=1/1", "login=x/1"] {
            assert!(wrong.parse::<SetRate>().is_err(), "{wrong}");
        }
    }
}
