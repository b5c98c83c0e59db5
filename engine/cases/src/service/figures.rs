//! What whoever supervises sees of the cases in sight: how many came in, were accepted and closed in a span of days, and what
//! is open, late or soon late now. Each figure is the number of rows of the list that it leads to.

use std::collections::BTreeMap;

use chrono::Datelike;
use serde_json::json;
use tongban_audit::{Entry, attempt};
use tongban_base::{Ctx, Date, Problem, Result, Scope};
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::permissions::SUPERVISE;
use crate::store::case_filter::Span;
use crate::store::figures::{self, By, Count, day_of};

/// The figures of one item, office or day, or of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub key: String,
    pub name: String,
    pub filed: i64,
    pub accepted: i64,
    pub closed: i64,
    /// Of what was closed, after its last day.
    pub closed_late: i64,
    /// Now, whatever the days asked for.
    pub open: i64,
    /// Of what is open.
    pub late: i64,
    pub this_week: i64,
}

/// Who decided how many steps, of how many cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    pub name: String,
    pub steps: i64,
    pub cases: i64,
}

#[derive(Clone, Debug)]
pub struct Figures {
    pub by: By,
    pub from: Date,
    pub to: Date,
    pub lines: Vec<Line>,
    pub total: Line,
    pub officers: Vec<Officer>,
}

/// Each file that leaves the house is on record, with the days that it tells of.
pub async fn note_exported(desk: &Desk, ctx: &Ctx, found: &Figures) -> Result<()> {
    let office = ctx
        .actor
        .staff
        .as_ref()
        .map(|staff| staff.organisation.clone());
    let entry = Entry::done(
        audit::FIGURES_EXPORTED,
        "organisation",
        office.unwrap_or_default(),
    );
    let days = json!({ "from": found.from, "to": found.to, "rows": found.lines.len() });
    attempt(&desk.db, ctx, &desk.audit_key, entry.with_detail(days)).await
}

/// Sunday of this week.
pub fn end_of_week(today: Date) -> Date {
    let left = 6 - u64::from(today.weekday().num_days_from_monday());
    today
        .checked_add_days(chrono::Days::new(left))
        .unwrap_or(today)
}

pub async fn figures(desk: &Desk, ctx: &Ctx, by: By, (from, to): (Date, Date)) -> Result<Figures> {
    let staff = ctx.actor.staff.as_ref().ok_or_else(Problem::forbidden)?;
    if !staff.permissions.contains(SUPERVISE.0) {
        return Err(Problem::forbidden());
    }
    let office = ("organisation", staff.organisation.clone());
    desk.reads
        .note(ctx, audit::FIGURES, office, "办件统计")
        .await?;
    let input = (Scope::of(&ctx.actor), by, (from, to), ctx.now.date());
    let (lines, officers) = desk
        .db
        .read(input, |tx, (scope, by, days, today)| {
            Box::pin(async move {
                let lines = lines(tx, scope, *by, (*days, *today)).await?;
                Ok((lines, figures::decided(tx, scope, *days).await?))
            })
        })
        .await?;
    let mut lines: Vec<Line> = lines.into_values().collect();
    for line in &mut lines {
        line.name = named(desk, by, line);
    }
    let mut total = Line::default();
    for line in &lines {
        total.add(line);
    }
    match by {
        By::Day => lines.sort_by_key(|line| day_of(&line.key)),
        By::Item | By::Office => {
            lines.sort_by(|a, b| (b.filed, b.open, &a.name).cmp(&(a.filed, a.open, &b.name)));
        }
    }
    let mut officers: Vec<Officer> = officers.into_iter().map(officer).collect();
    officers.sort_by(|a, b| (b.steps, &a.name).cmp(&(a.steps, &b.name)));
    Ok(Figures {
        by,
        from,
        to,
        lines,
        total,
        officers,
    })
}

type Days = (Date, Date);

async fn lines(
    tx: &mut Tx,
    scope: &Scope,
    by: By,
    (days, today): (Days, Date),
) -> Result<BTreeMap<String, Line>> {
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    let mut put = |counts: Vec<Count>, set: fn(&mut Line, &Count)| {
        for count in counts {
            let line = lines.entry(count.key.clone()).or_default();
            line.key.clone_from(&count.key);
            if !count.name.is_empty() {
                line.name.clone_from(&count.name);
            }
            set(line, &count);
        }
    };
    let of = |what: Span| (what, days.0, days.1);
    put(
        figures::happened(tx, scope, by, of(Span::Filed)).await?,
        |line, count| line.filed = count.number,
    );
    put(
        figures::happened(tx, scope, by, of(Span::Accepted)).await?,
        |line, count| line.accepted = count.number,
    );
    put(
        figures::happened(tx, scope, by, of(Span::Closed)).await?,
        |line, count| {
            line.closed = count.number;
            line.closed_late = count.of_them;
        },
    );
    if by != By::Day {
        let until = (today, end_of_week(today));
        put(figures::open(tx, scope, by, until).await?, |line, count| {
            line.open = count.number;
            line.late = count.of_them;
            line.this_week = count.others;
        });
    }
    Ok(lines)
}

fn named(desk: &Desk, by: By, line: &Line) -> String {
    match by {
        By::Item => line.name.clone(),
        By::Office => {
            let office = desk.catalog.organisation(&line.key);
            office.map_or_else(|| line.key.clone(), |office| office.name.clone())
        }
        By::Day => day_of(&line.key)
            .map(tongban_base::date_words)
            .unwrap_or_default(),
    }
}

fn officer(count: Count) -> Officer {
    Officer {
        name: count.name,
        steps: count.number,
        cases: count.of_them,
    }
}

impl Line {
    fn add(&mut self, other: &Self) {
        self.filed += other.filed;
        self.accepted += other.accepted;
        self.closed += other.closed;
        self.closed_late += other.closed_late;
        self.open += other.open;
        self.late += other.late;
        self.this_week += other.this_week;
    }
}
