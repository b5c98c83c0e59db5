//! What is offered under one code, day by day: the releases in the order of their days and of their publication.
//! Knows no database, and no day of its own: whoever asks says which.

use std::collections::BTreeMap;

use tongban_base::{Date, Kind, Problem, Result, date_words};
use tongban_packs::{Publication, ReleaseHash};

use crate::release::ProcedureRelease;

/// How an item stands on a day.
#[derive(Clone)]
pub enum Standing {
    /// It can be applied for.
    Open(ProcedureRelease),
    /// It cannot be applied for any more, since that day; this is how it was offered last.
    Ended(ProcedureRelease, Date),
}

impl Standing {
    pub fn release(&self) -> &ProcedureRelease {
        match self {
            Standing::Open(release) | Standing::Ended(release, _) => release,
        }
    }

    pub fn open(self) -> Result<ProcedureRelease> {
        match self {
            Standing::Open(release) => Ok(release),
            Standing::Ended(release, since) => Err(Problem::new(
                Kind::Gone,
                "item.ended",
                ended_words(&release, since),
            )),
        }
    }
}

fn ended_words(release: &ProcedureRelease, since: Date) -> String {
    format!(
        "“{}”自{}起不再受理。已经提交的申请照常办理；没有提交的不能再提交，可以在“我的办件”中删除",
        release.procedure().name,
        date_words(since)
    )
}

/// What begins on a day.
struct Offer {
    from: Date,
    release: ProcedureRelease,
    /// From then on the release is no longer offered.
    is_taken_out: bool,
}

impl Offer {
    /// Since when it has been over on a day.
    fn ended(&self, day: Date) -> Option<Date> {
        if self.is_taken_out {
            return Some(self.from);
        }
        let last = self.release.procedure().effective_to?;
        (last < day).then(|| last.succ_opt().unwrap_or(last))
    }
}

/// Of one code, in the order of days, which is that of publication too.
#[derive(Default)]
pub(crate) struct Offers(Vec<Offer>);

/// Of all that was published, in its order. A release that this program cannot read is left out.
pub(crate) fn offers_of(
    publications: &[Publication],
    releases: &BTreeMap<ReleaseHash, ProcedureRelease>,
) -> BTreeMap<String, Offers> {
    let mut offers: BTreeMap<String, Offers> = BTreeMap::new();
    for publication in publications {
        let of_code = offers.entry(publication.code.clone()).or_default();
        match &publication.hash {
            None => of_code.take_out(publication.at.date()),
            Some(hash) => {
                if let Some(release) = releases.get(hash) {
                    of_code.offer(release);
                }
            }
        }
    }
    offers
}

impl Offers {
    /// Of what has begun, that counts which was published last: what was to begin with it or later never will.
    fn offer(&mut self, release: &ProcedureRelease) {
        let from = release.procedure().effective_from;
        self.0.retain(|o| o.from < from);
        self.0.push(Offer {
            from,
            release: release.clone(),
            is_taken_out: false,
        });
    }

    /// Ends what is open on a day and forgets what was to begin; what has ended already keeps its day.
    fn take_out(&mut self, day: Date) {
        self.0.retain(|o| o.from <= day);
        let Some(Standing::Open(release)) = self.on(day) else {
            return;
        };
        self.0.retain(|o| o.from < day);
        self.0.push(Offer {
            from: day,
            release,
            is_taken_out: true,
        });
    }

    /// None before anything has begun.
    pub(crate) fn on(&self, day: Date) -> Option<Standing> {
        let begun = self.0.partition_point(|o| o.from <= day);
        let offer = self.0.get(begun.checked_sub(1)?)?;
        Some(match offer.ended(day) {
            None => Standing::Open(offer.release.clone()),
            Some(since) => Standing::Ended(offer.release.clone(), since),
        })
    }
}
