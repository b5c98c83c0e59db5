//! What is offered under one code, day by day. Knows no database, and no day of its own: whoever asks says which.

use serde_json::Value as Json;
use tongban_base::Date;

use crate::ReleaseHash;

/// A release from its first day until another one counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Offered {
    pub code: String,
    pub begins: Date,
    /// From this day on the next one counts.
    pub until: Option<Date>,
    /// The last day on which it can be had.
    pub ends: Option<Date>,
    /// Whether it is no longer in the pack.
    pub is_out: bool,
    pub hash: ReleaseHash,
    /// What lists show of it and what it is found by; its publisher reads it.
    pub face: Json,
}

impl Offered {
    pub fn counts_on(&self, day: Date) -> bool {
        self.begins <= day && self.until.is_none_or(|until| day < until)
    }

    /// Since when it has been over on a day.
    pub fn ended(&self, day: Date) -> Option<Date> {
        let last = self.ends?;
        (last < day).then(|| last.succ_opt().unwrap_or(last))
    }
}

/// Of what has begun, that counts which was published last: what was to begin with it or later never will.
pub(crate) fn offer(all: &mut Vec<Offered>, new: Offered) {
    all.retain(|o| o.begins < new.begins);
    all.push(new);
    join(all);
}

/// Ends what is open on a day and forgets what was to begin; what has ended already keeps its day.
pub(crate) fn take_out(all: &mut Vec<Offered>, day: Date) {
    all.retain(|o| o.begins <= day);
    if let Some(last) = all.last_mut() {
        last.is_out = true;
        if last.ended(day).is_none() {
            last.ends = Some(day.pred_opt().unwrap_or(day));
        }
    }
    join(all);
}

fn join(all: &mut [Offered]) {
    let next: Vec<Option<Date>> = all.iter().skip(1).map(|o| Some(o.begins)).collect();
    for (one, until) in all.iter_mut().zip(next.into_iter().chain([None])) {
        one.until = until;
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn one(begins: &str, hash: &str) -> Offered {
        Offered {
            code: "a".into(),
            begins: day(begins),
            until: None,
            ends: None,
            is_out: false,
            hash: ReleaseHash(hash.into()),
            face: Json::Null,
        }
    }

    fn on(all: &[Offered], at: &str) -> Vec<String> {
        let counts = all.iter().filter(|o| o.counts_on(day(at)));
        counts.map(|o| o.hash.0.clone()).collect()
    }

    #[test]
    fn one_release_counts_on_each_day_and_a_later_publication_takes_the_place_of_what_was_announced()
     {
        let mut all = Vec::new();
        offer(&mut all, one("2026-01-01", "first"));
        offer(&mut all, one("2026-06-01", "announced"));
        assert_eq!(on(&all, "2025-12-31"), [""; 0]);
        assert_eq!(on(&all, "2026-05-31"), ["first"]);
        assert_eq!(on(&all, "2026-06-01"), ["announced"]);
        offer(&mut all, one("2026-01-01", "mended"));
        assert_eq!(on(&all, "2026-06-01"), ["mended"]);
    }

    #[test]
    fn what_is_taken_out_has_ended_since_that_day_and_what_had_ended_keeps_its_own() {
        let mut all = Vec::new();
        offer(&mut all, one("2026-01-01", "first"));
        offer(&mut all, one("2026-06-01", "announced"));
        take_out(&mut all, day("2026-03-01"));
        assert_eq!(on(&all, "2026-06-01"), ["first"]);
        assert_eq!(all[0].ended(day("2026-02-28")), None);
        assert_eq!(all[0].ended(day("2026-04-01")), Some(day("2026-03-01")));
        take_out(&mut all, day("2026-05-01"));
        assert_eq!(all[0].ended(day("2026-06-01")), Some(day("2026-03-01")));
        let mut future = vec![one("2027-01-01", "never")];
        take_out(&mut future, day("2026-05-01"));
        assert!(future.is_empty());
    }
}
