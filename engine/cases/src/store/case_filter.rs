//! Which cases a list is about, as conditions of its query.

use tongban_base::{Date, Timestamp, Uuid};
use tongban_store::{Cursor, List};

use crate::agent::Acting;
use crate::model::Status;

#[derive(Clone, Debug, Default)]
pub struct CaseFilter {
    pub status: String,
    /// The beginning of a case number, as it is printed or not, or a whole name.
    pub words: String,
    /// Few digits are the last ones of numbers of the year before this day.
    pub today: Option<Date>,
    /// Beside one's own, what one has filed for others by mandates that last.
    pub acting: Vec<Acting>,
    /// What these filed for others, and nothing else.
    pub agents: Option<Vec<Uuid>>,
    /// What officers of a unit filed for it, and nothing else.
    pub of_unit: Option<OfUnit>,
    /// Only what is due between these days, by its danger and not by its age; what stands still has no last day.
    pub due: Option<(Date, Date)>,
    /// Whose cases.
    pub account: Option<Uuid>,
    pub item: String,
    pub office: String,
    /// What happened to them between two days.
    pub span: Option<(Span, Date, Date)>,
    /// Only what was closed after its last day.
    pub late: bool,
    /// Only what this officer has decided a step of.
    pub decided_by: Option<Uuid>,
    /// And on these days.
    pub decided_on: Option<(Date, Date)>,
    /// Only what its applicant has mended.
    pub mended: bool,
    pub state: Option<Progress>,
    pub at: Option<Cursor>,
    pub limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Open,
    /// Open, and nothing goes on: a special procedure or a correction is waited for.
    Halted,
    Closed,
}

/// Procedures that an officer may start for his unit.
#[derive(Clone, Debug)]
pub struct OfUnit {
    pub organisation: String,
    pub items: Vec<String>,
}

/// What happened to a case on some day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    Filed,
    Accepted,
    Closed,
}

impl Span {
    pub(crate) fn column(self) -> &'static str {
        match self {
            Span::Filed => "c.submitted_at",
            Span::Accepted => "c.accepted_at",
            Span::Closed => "c.closed_at",
        }
    }
}

pub(super) fn own_or_acted_for(list: &mut List, account: Uuid, acting: &[Acting]) {
    let own = list.given(account);
    let agent = list.given(account);
    let each = acting.iter().map(|acting| {
        let principal = list.given(acting.principal);
        match &acting.items {
            None => format!("c.account = {principal}"),
            Some(items) => {
                let items = list.any_of(items);
                format!("c.account = {principal} AND c.item_code IN ({items})")
            }
        }
    });
    let each = each.collect::<Vec<_>>().join(" OR ");
    list.only(format!(
        "(c.account = {own} OR (c.agent = {agent} AND ({each})))"
    ));
}

pub(super) fn in_span(list: &mut List, (what, from, to): (Span, Date, Date)) {
    on_days(list, what.column(), (from, to));
}

/// A moment on one of these days.
pub(super) fn on_days(list: &mut List, column: &str, days: (Date, Date)) {
    let condition = moment_on(list, column, days);
    list.only(condition);
}

fn moment_on(list: &mut List, column: &str, (from, to): (Date, Date)) -> String {
    let first = list.given(Timestamp::start_of(from).0);
    let end = list.given(Timestamp::start_of(to.succ_opt().unwrap_or(to)).0);
    format!("{column} >= {first} AND {column} < {end}")
}

/// A step that an officer has decided, of the journal `e`. Written out, so that its index serves it.
pub(super) const DECIDED: &str = "e.kind = 'task.completed'";

/// Neither closed nor ended otherwise.
pub(super) const OPEN: &str = "c.closed_at IS NULL";

pub(super) fn narrowed(list: &mut List, filter: &CaseFilter) {
    for (column, code) in [
        ("c.item_code", &filter.item),
        ("c.organisation", &filter.office),
    ] {
        if !code.is_empty() {
            list.equal(column, code);
        }
    }
    if let Some(account) = filter.account {
        list.equal("c.account", account);
    }
    if let Some(span) = filter.span {
        in_span(list, span);
    }
    if filter.late {
        list.only("c.late IS NOT NULL");
    }
    if filter.mended {
        list.only("c.id IN (SELECT e.case_id FROM case_event e WHERE e.kind = 'case.corrected')");
    }
    if let Some(account) = filter.decided_by {
        let account = list.given(account);
        let days = match filter.decided_on {
            Some(days) => format!(" AND {}", moment_on(list, "e.at", days)),
            None => String::new(),
        };
        list.only(format!(
            "c.id IN (SELECT e.case_id FROM case_event e WHERE {DECIDED} AND e.actor_id = {account}{days})"
        ));
    }
    match filter.state {
        None => {}
        Some(Progress::Open) => list.only(OPEN),
        Some(Progress::Halted) => {
            let correcting = list.given(Status::Correcting.code());
            list.only(format!(
                "{OPEN} AND (c.paused IS NOT NULL OR c.status = {correcting})"
            ));
        }
        Some(Progress::Closed) => list.only("c.closed_at IS NOT NULL"),
    }
}
