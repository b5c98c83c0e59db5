//! Reading: the registers there are, the records of one, one record with its history.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse};
use tongban_base::Ctx;
use tongban_ui::view::{Link, Pager};
use tongban_ui::{Answer, App, Cursor, Page, Visit};

use super::views::{RecordPage, RecordsPage, RegisterLine, RegistersPage, columns, filters};
use crate::permissions::MANAGE;
use crate::registers::Registers;
use crate::service::list::ListQuery;

pub(super) fn may_manage(ctx: &Ctx) -> bool {
    let staff = ctx.actor.staff.as_ref();
    staff.is_some_and(|staff| staff.permissions.contains(MANAGE.0))
}

pub(super) async fn list_registers(State(app): State<App>, page: Page) -> Answer {
    let registers = app.service::<Registers>()?;
    let view = RegistersPage {
        page: page.titled("台账"),
        registers: registers
            .definitions()
            .iter()
            .map(RegisterLine::of)
            .collect(),
    };
    Ok(Html(view.render()?).into_response())
}

pub(super) async fn list_records(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
    Query(mut asked): Query<BTreeMap<String, String>>,
) -> Answer {
    let registers = app.service::<Registers>()?;
    let definition = registers.definition(&code)?;
    let query = ListQuery {
        words: String::new(),
        cursor: Cursor::from_query(asked.remove("after").as_deref())?,
        filters: asked,
    };
    let found = registers.list(&ctx, &code, &query).await?;
    let view = RecordsPage {
        crumbs: vec![
            Link::new("台账", "/workbench/registers"),
            Link::new(definition.title.clone(), ""),
        ],
        base: format!("/workbench/registers/{code}"),
        title: definition.title.clone(),
        example: definition.example,
        filters: filters(definition, &query),
        columns: columns(definition),
        narrowed: query.filters.values().any(|text| !text.trim().is_empty()),
        may_manage: may_manage(&ctx),
        pager: Pager::of(&page.path, &found, None),
        rows: found.rows,
        page: page.titled(definition.title.clone()),
    };
    Ok(Html(view.render()?).into_response())
}

pub(super) async fn open_record(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((code, id)): Path<(String, String)>,
) -> Answer {
    let registers = app.service::<Registers>()?;
    let definition = registers.definition(&code)?;
    let open = registers.open(&ctx, &code, id.parse()?).await?;
    let view = RecordPage::new(page, definition, &open, may_manage(&ctx));
    Ok(Html(view.render()?).into_response())
}
