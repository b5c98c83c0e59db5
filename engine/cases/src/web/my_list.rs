//! The applicant's own cases and what he has not filed yet, as a list.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse};
use tongban_base::{Date, date_words};
use tongban_procedures::Standing;
use tongban_store::Cursor;
use tongban_ui::view::{Link, Pager, Tab};
use tongban_ui::{Answer, App, Page, Visit};

use super::place::Place;
use super::views::{MinePage, MineRow};
use super::words::{acting, badge};
use crate::desk::Desk;
use crate::model::{CaseLine, Draft, Status};
use crate::service::beginning::unfinished;
use crate::service::view::{list_cases, own_cases};
use crate::store::case_filter::CaseFilter;

const PAGE: usize = 20;

pub async fn list(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let filter = CaseFilter {
        at: Cursor::from_query(query.get("after").map(String::as_str))?,
        limit: PAGE,
        ..CaseFilter::default()
    };
    let place = Place::of_officers(page.is_staff());
    let of_unit = place.is_workbench && query.contains_key("unit");
    let cases = match place.is_workbench {
        true => own_cases(&desk, &ctx, of_unit, filter).await?,
        false => list_cases(&desk, &ctx, filter).await?,
    };
    let drafts = match of_unit {
        true => Vec::new(),
        false => unfinished(&desk, &ctx).await?,
    };
    let today = ctx.now.date();
    let drafts = drafts
        .iter()
        .map(|draft| draft_link(&desk, place, draft, today));
    let view = MinePage {
        pager: Pager::of(&page.path, &cases, None),
        drafts: drafts.collect(),
        page: page.titled(place.title),
        tabs: tabs(place, of_unit),
        place,
        rows: cases.rows.iter().map(row).collect(),
    };
    Ok(Html(view.render()?).into_response())
}

fn tabs(place: Place, of_unit: bool) -> Vec<Tab> {
    if !place.is_workbench {
        return Vec::new();
    }
    let lists = [("我发起的", "", false), ("本单位办件", "?unit=1", true)];
    let tab = |(label, query, current): (&str, &str, bool)| Tab {
        label: label.to_owned(),
        href: format!("{}{query}", place.cases),
        count: None,
        current: current == of_unit,
    };
    lists.into_iter().map(tab).collect()
}

/// Whose item has ended says so: it can only be deleted.
pub(super) fn draft_link(desk: &Desk, place: Place, draft: &Draft, today: Date) -> Link {
    let (name, note) = match desk.catalog.standing(&draft.item_code, today) {
        Some(Standing::Open(offered)) => (offered.face.name.clone(), String::new()),
        Some(Standing::Ended(offered, since)) => {
            let note = format!("，该事项自{}起不再受理", date_words(since));
            (offered.face.name.clone(), note)
        }
        Some(Standing::Paused(offered, _)) => {
            (offered.face.name.clone(), "，该事项现在暂停受理".to_owned())
        }
        None => (draft.item_code.clone(), String::new()),
    };
    let saved = draft.updated_at.words();
    let acting = acting(draft.agent.as_ref());
    let acting = match acting.is_empty() {
        true => acting,
        false => format!("，{acting}"),
    };
    Link::new(
        format!("{name}（{saved} 保存{note}{acting}）"),
        place.draft(draft.id),
    )
}

fn row(case: &CaseLine) -> MineRow {
    MineRow {
        href: Place::of_officers(case.unit.is_some()).case(case.id),
        item: case.item_name.clone(),
        number: case.number.clone(),
        badge: badge(case),
        submitted: case.submitted_at.date_words(),
        wanted: wanted(case),
        acting: acting(case.agent.as_ref()),
    }
}

/// What the applicant has to do about it, and by when.
fn wanted(case: &CaseLine) -> String {
    let by = case
        .mend_by
        .as_ref()
        .filter(|_| case.status == Status::Correcting);
    by.map_or_else(String::new, |by| format!("等您补正，请在{by}提交"))
}
