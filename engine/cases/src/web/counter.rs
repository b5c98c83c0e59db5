//! The counter: what a window takes in, and who stands there.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect};
use tongban_base::{Ctx, Problem, Result, typed};
use tongban_identity::Met;
use tongban_ui::view::{Choice, Link};
use tongban_ui::{Answer, App, FormFaults, Page, Visit, mendable};

use super::ended::ended_page;
use super::input::Fields;
use super::my_list::draft_link;
use super::place::Place;
use crate::desk::Desk;
use crate::service::counter::{
    AtWindow, Begun, PAPERS, begin_at_window, item_of, taken_in, unfinished_at_window,
};

pub const COUNTER_PAGE: &str = "/workbench/counter";

#[derive(Template)]
#[template(path = "office_counter.html")]
struct CounterPage {
    page: Page,
    words: String,
    /// By what groups them.
    groups: Vec<(String, Vec<Link>)>,
    drafts: Vec<Link>,
}

#[derive(Template)]
#[template(path = "office_counter_item.html")]
struct ItemPage {
    page: Page,
    crumbs: Vec<Link>,
    item: String,
    guide: String,
    typed: AtWindow,
    papers: Vec<Choice>,
    faults: FormFaults,
}

pub async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let words = typed::visible(query.get("q").map_or("", String::as_str));
    let mut groups: Vec<(String, Vec<Link>)> = Vec::new();
    for offered in taken_in(&desk, &ctx) {
        let face = &offered.face;
        let all = format!("{} {} {}", face.name, face.short_name, face.family_title);
        if !words.split_whitespace().all(|word| all.contains(word)) {
            continue;
        }
        let link = Link::new(&face.name, format!("{COUNTER_PAGE}/{}", offered.code));
        match groups
            .iter_mut()
            .find(|(title, _)| *title == face.family_title)
        {
            Some((_, links)) => links.push(link),
            None => groups.push((face.family_title.clone(), vec![link])),
        }
    }
    let today = ctx.now.date();
    let place = Place::of_officers(true);
    let drafts = unfinished_at_window(&desk, &ctx).await?;
    let drafts = drafts
        .iter()
        .map(|draft| draft_link(&desk, place, draft, today));
    let view = CounterPage {
        drafts: drafts.collect(),
        page: page.titled("窗口收件"),
        words,
        groups,
    };
    Ok(Html(view.render()?).into_response())
}

pub async fn ask(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(item): Path<String>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let html = item_page(
        (&desk, &ctx),
        page,
        &item,
        AtWindow::default(),
        FormFaults::default(),
    )?;
    Ok(html.into_response())
}

fn item_page(
    (desk, ctx): (&Desk, &Ctx),
    page: Page,
    item: &str,
    typed: AtWindow,
    faults: FormFaults,
) -> Result<Html<String>> {
    let offered = item_of(desk, ctx, item)?;
    let papers = PAPERS.iter();
    let papers = papers.map(|paper| Choice::new(*paper, *paper, typed.shown == *paper));
    let view = ItemPage {
        page: page
            .titled(&offered.face.name)
            .at_step("核对申请人")
            .with_faults(!faults.fields.is_empty()),
        crumbs: vec![
            Link::new("窗口收件", COUNTER_PAGE),
            Link::new(&offered.face.name, ""),
        ],
        guide: format!("/items/{}", offered.code),
        item: offered.code.clone(),
        papers: papers.collect(),
        typed,
        faults,
    };
    Ok(Html(view.render().map_err(Problem::internal)?))
}

pub async fn begin(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(item): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let given = AtWindow {
        met: Met {
            name: fields.text("name"),
            id_number: fields.text("id_number"),
            mobile: fields.text("mobile"),
        },
        shown: fields.text("shown"),
        agreed: fields.text("agreed") == "yes",
    };
    match begin_at_window(&desk, &ctx, &item, &given).await {
        Ok(Begun::Draft(draft)) => {
            Ok(Redirect::to(&Place::of_officers(true).draft(draft)).into_response())
        }
        Ok(Begun::Refused(application)) => ended_page(&desk, page, &application, false),
        Err(problem) => {
            let (status, faults) = mendable(problem)?;
            let html = item_page((&desk, &ctx), page, &item, given, faults)?;
            Ok((status, html).into_response())
        }
    }
}
