//! The applicant's own cases and what he has not filed yet, as a list.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse};
use tongban_base::{Ctx, Date, date_words};
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
use crate::service::counter::{is_window_officer, unfinished_at_window};
use crate::service::view::{Whose, list_cases, own_cases};
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
    let whose = match place.is_workbench {
        true if query.contains_key("unit") => Whose::Unit,
        true if query.contains_key("window") => Whose::Window,
        _ => Whose::Own,
    };
    let cases = match place.is_workbench {
        true => own_cases(&desk, &ctx, whose, filter).await?,
        false => list_cases(&desk, &ctx, filter).await?,
    };
    let drafts = match whose {
        Whose::Unit => Vec::new(),
        Whose::Window => unfinished_at_window(&desk, &ctx).await?,
        Whose::Own => unfinished(&desk, &ctx).await?,
    };
    let today = ctx.now.date();
    let drafts = drafts
        .iter()
        .map(|draft| draft_link(&desk, place, draft, today));
    let view = MinePage {
        pager: Pager::of(&page.path, &cases, None),
        drafts: drafts.collect(),
        page: page.titled(place.title),
        tabs: tabs(&ctx, place, whose),
        place,
        rows: cases.rows.iter().map(|case| row(place, case)).collect(),
    };
    Ok(Html(view.render()?).into_response())
}

fn tabs(ctx: &Ctx, place: Place, whose: Whose) -> Vec<Tab> {
    if !place.is_workbench {
        return Vec::new();
    }
    let mut lists = vec![
        ("我发起的", "", Whose::Own),
        ("本单位办件", "?unit=1", Whose::Unit),
    ];
    if is_window_officer(ctx) {
        lists.push(("窗口收的件", "?window=1", Whose::Window));
    }
    let tab = |(label, query, of): (&str, &str, Whose)| Tab {
        label: label.to_owned(),
        href: format!("{}{query}", place.cases),
        count: None,
        current: of == whose,
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

fn row(place: Place, case: &CaseLine) -> MineRow {
    MineRow {
        href: place.case(case.id),
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
