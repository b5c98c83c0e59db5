//! Reading: the registers there are, the records of one, one record with its history.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse};
use tongban_base::{Ctx, Problem};
use tongban_operations::{About, CasesOfRecord};
use tongban_store::Cursor;
use tongban_ui::view::{Link, Pager};
use tongban_ui::{Answer, App, Page, Visit, download};

use super::views::{RecordPage, RecordsPage, RegisterLine, RegistersPage, columns, filters};
use crate::permissions::READ;
use crate::registers::Registers;
use crate::service::list::ListQuery;

/// Whoever may read registers is told that there are none.
fn may_read(ctx: &Ctx) -> bool {
    let staff = ctx.actor.staff.as_ref();
    staff.is_some_and(|staff| staff.permissions.contains(READ.0))
}

pub(super) async fn list_registers(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
) -> Answer {
    let registers = app.service::<Registers>()?;
    let readable = registers.readable(&ctx);
    if readable.is_empty() && !may_read(&ctx) {
        return Err(Problem::forbidden().into());
    }
    let view = RegistersPage {
        page: page.titled("台账"),
        registers: readable.into_iter().map(RegisterLine::of).collect(),
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
        may_manage: registers.may_write(&ctx, definition),
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
    let mut view = RecordPage::new(page, &ctx, definition, &open);
    let about = About {
        register: code,
        record: open.record.id.0,
    };
    if let Ok(cases) = app.service::<Arc<dyn CasesOfRecord>>() {
        view.cases = cases.of(&ctx, &about).await?;
    }
    Ok(Html(view.render()?).into_response())
}

pub(super) async fn open_file(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((code, id, field)): Path<(String, String, String)>,
) -> Answer {
    let registers = app.service::<Registers>()?;
    let which = (id.parse()?, field.as_str());
    let (file, content) = registers.file(&ctx, &code, which).await?;
    Ok(download(&file.name, &file.media_type, content))
}
