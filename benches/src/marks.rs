//! What the keyed marks of rows cost: the same submissions and the same readings of cases in two houses, one of which marks
//! nothing and believes everything, in turns.

use std::time::Instant;

use tongban_base::{Problem, Result};
use tongban_cases::{CaseId, DraftId, open_case, submit_case};

use crate::callers::callers;
use crate::load::median;
use crate::town::{self, Citizen};
use crate::{Figure, House, Report};

const CALLERS: usize = 64;
const ROUNDS: usize = 7;
const SUBMISSIONS: usize = 800;
/// Each case is read so often.
const READINGS: usize = 3;
/// What must be left of what is done without marks.
const SHARE: f64 = 0.85;

struct Town {
    house: House,
    drafts: Vec<(Citizen, DraftId)>,
    submissions: Vec<f64>,
    readings: Vec<f64>,
}

pub async fn marks(marked: House, unmarked: House) -> Result<Report> {
    let (mut marked, mut unmarked) = (Town::of(marked).await?, Town::of(unmarked).await?);
    for _ in 0..ROUNDS {
        marked.round().await?;
        unmarked.round().await?;
    }
    let mut report = Report::new("marks");
    let figures = [
        ("submissions", marked.submissions, unmarked.submissions),
        ("readings of a case", marked.readings, unmarked.readings),
    ];
    for (name, own, peer) in figures {
        let figure = Figure::new(format!("{name} with marks"), median(own), "1/s");
        report.add(
            figure
                .beside("without marks", Some(median(peer)))
                .of_peer(SHARE),
        );
    }
    Ok(report)
}

impl Town {
    async fn of(house: House) -> Result<Self> {
        let count = u32::try_from(SUBMISSIONS * ROUNDS).map_err(Problem::internal)?;
        let citizens = town::settle(&house, count).await?;
        Ok(Self {
            drafts: town::drafts(&house, citizens).await?,
            house,
            submissions: Vec::new(),
            readings: Vec::new(),
        })
    }

    async fn round(&mut self) -> Result<()> {
        let portion = self
            .drafts
            .split_off(self.drafts.len().saturating_sub(SUBMISSIONS));
        let (desk, begun) = (self.house.desk.clone(), Instant::now());
        let cases = callers(CALLERS, portion, move |(citizen, draft)| {
            let desk = desk.clone();
            async move {
                let done = submit_case(&desk, &citizen.ctx(), draft).await?;
                Ok((citizen, done.case))
            }
        })
        .await?;
        self.submissions.push(rate(cases.len(), begun));
        let wanted: Vec<(Citizen, CaseId)> = (0..READINGS).flat_map(|_| cases.clone()).collect();
        let (desk, count, begun) = (self.house.desk.clone(), wanted.len(), Instant::now());
        callers(CALLERS, wanted, move |(citizen, case)| {
            let desk = desk.clone();
            async move { open_case(&desk, &citizen.ctx(), case).await }
        })
        .await?;
        self.readings.push(rate(count, begun));
        Ok(())
    }
}

fn rate(count: usize, begun: Instant) -> f64 {
    count as f64 / begun.elapsed().as_secs_f64()
}
