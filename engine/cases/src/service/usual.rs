//! How long it really takes: of what was decided in the last year, nine of ten took so many working days from acceptance to
//! closing. Counted anew from time to time, so that a page that anybody opens costs nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use tongban_base::calendar::WorkCalendar;
use tongban_base::{Ctx, Result, Timestamp};

use crate::desk::Desk;
use crate::store::usual::{Decided, decided_since};

/// How often it is counted.
const MINUTES: i64 = 10;
const YEAR_MINUTES: i64 = 365 * 24 * 60;
/// The latest of so many are looked at.
const MOST: i64 = 20_000;
/// Of fewer nothing is said.
const FEWEST: usize = 5;

/// Of one procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usual {
    pub item: String,
    pub cases: usize,
    /// Nine of ten took no more working days.
    pub days: u32,
}

/// The binary offers it as a service.
pub struct UsualTimes {
    desk: Desk,
    counted: RwLock<Option<(Timestamp, Arc<Vec<Usual>>)>>,
}

impl UsualTimes {
    pub fn new(desk: Desk) -> Self {
        Self {
            desk,
            counted: RwLock::default(),
        }
    }

    /// What is done most stands first.
    pub async fn all(&self, ctx: &Ctx) -> Result<Arc<Vec<Usual>>> {
        if let Some(fresh) = self.fresh(ctx.now) {
            return Ok(fresh);
        }
        let since = ctx.now.plus_minutes(-YEAR_MINUTES);
        let decided = self
            .desk
            .db
            .read(since, |tx, since| Box::pin(decided_since(tx, *since, MOST)));
        let all = Arc::new(usual(&self.desk.catalog.calendar(), &decided.await?));
        let mut counted = self.counted.write().unwrap_or_else(PoisonError::into_inner);
        *counted = Some((ctx.now, Arc::clone(&all)));
        Ok(all)
    }

    fn fresh(&self, now: Timestamp) -> Option<Arc<Vec<Usual>>> {
        let counted = self.counted.read().unwrap_or_else(PoisonError::into_inner);
        let (at, all) = counted.as_ref()?;
        (now < at.plus_minutes(MINUTES) && now >= *at).then(|| Arc::clone(all))
    }
}

fn usual(calendar: &WorkCalendar, decided: &[Decided]) -> Vec<Usual> {
    let mut days: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for case in decided {
        let (from, to) = (case.accepted_at.date(), case.closed_at.date());
        let took = calendar.workdays_between(from, to);
        days.entry(&case.item).or_default().push(took);
    }
    let enough = days.into_iter().filter(|(_, days)| days.len() >= FEWEST);
    let mut all: Vec<Usual> = enough.map(|(item, days)| of_item(item, days)).collect();
    all.sort_by_key(|usual| std::cmp::Reverse(usual.cases));
    all
}

fn of_item(item: &str, mut days: Vec<u32>) -> Usual {
    days.sort_unstable();
    let ninth = (days.len() * 9).div_ceil(10).saturating_sub(1);
    Usual {
        item: item.to_owned(),
        cases: days.len(),
        days: days.get(ninth).copied().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_of_ten_took_no_more_and_what_is_done_most_stands_first() {
        let of = |days: Vec<u32>| of_item("a", days).days;
        assert_eq!(of(vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 30]), 9);
        assert_eq!(of(vec![7, 1, 1, 1, 1]), 7);
        let at = |item: &str| Decided {
            item: item.to_owned(),
            accepted_at: Timestamp(0),
            closed_at: Timestamp(0),
        };
        let mut decided: Vec<Decided> = (0..6).map(|_| at("b")).collect();
        decided.extend((0..9).map(|_| at("a")));
        decided.extend((0..4).map(|_| at("few")));
        let all = usual(&WorkCalendar::new(), &decided);
        let items: Vec<&str> = all.iter().map(|usual| usual.item.as_str()).collect();
        assert_eq!(items, ["a", "b"]);
    }
}
