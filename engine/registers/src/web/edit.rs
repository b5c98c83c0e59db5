//! Writing: the form of a new record, of a change, and deleting with a reason.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use serde_json::Value as Json;
use tongban_base::{Ctx, FieldError, Kind, Problem, Result};
use tongban_forms::{Known, Values};
use tongban_ui::view::Link;
use tongban_ui::{Answer, App, Page, Visit};

use super::pages::may_manage;
use super::views::{FormPage, RecordPage};
use crate::definition::{RegisterDefinition, STEP};
use crate::model::{RecordId, RegisterRecord};
use crate::registers::Registers;

/// Fields of a posted form in their order; boxes that are ticked together share a name.
type Fields = Vec<(String, String)>;

/// What belongs to the page and not to the record.
const OWN: [&str; 2] = ["csrf", "_version"];

fn of_form(fields: &Fields) -> Fields {
    let theirs = |(name, _): &&(String, String)| !OWN.contains(&name.as_str());
    fields.iter().filter(theirs).cloned().collect()
}

fn text<'f>(fields: &'f Fields, name: &str) -> &'f str {
    let found = fields.iter().find(|(n, _)| n == name);
    found.map_or("", |(_, text)| text)
}

/// A version that is no number is older than any.
fn seen(fields: &Fields) -> i64 {
    text(fields, "_version").parse().unwrap_or_default()
}

fn form_page(
    page: Page,
    ctx: &Ctx,
    definition: &RegisterDefinition,
    record: Option<(RecordId, i64)>,
    values: &Values,
    errors: &[FieldError],
) -> Result<FormPage> {
    let base = format!("/workbench/registers/{}", definition.code);
    let known = Known::on(ctx.now.date());
    let step = definition.form.step_view(STEP, values, &known, errors);
    let step = step.ok_or_else(Problem::not_found)?;
    let (word, action, back) = match record {
        None => ("登记", format!("{base}/new"), base.clone()),
        Some((id, _)) => (
            "变更",
            format!("{base}/{id}/change"),
            format!("{base}/{id}"),
        ),
    };
    let title = format!("{word}{}", definition.title);
    Ok(FormPage {
        crumbs: vec![
            Link::new("台账", "/workbench/registers"),
            Link::new(definition.title.clone(), base),
            Link::new(word, ""),
        ],
        note: match record {
            None => "",
            Some(_) => {
                "这里显示完整的个人信息，查看已记入日志。改动前后的内容会记入这条记录的历史。"
            }
        },
        action,
        back,
        version: record.map(|(_, version)| version),
        fields: step.html()?,
        page: page.titled(title),
    })
}

pub(super) async fn new_record(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
) -> Answer {
    let registers = app.service::<Registers>()?;
    let definition = registers.definition(&code)?;
    let view = form_page(page, &ctx, definition, None, &Values::new(), &[])?;
    Ok(Html(view.render()?).into_response())
}

pub(super) async fn create_record(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Answer {
    let registers = app.service::<Registers>()?;
    let given = of_form(&fields);
    match registers.create(&ctx, &code, (&given).into()).await {
        Ok(id) => Ok(Redirect::to(&format!("/workbench/registers/{code}/{id}")).into_response()),
        Err(problem) => again(&registers, &ctx, page, &code, None, &given, problem),
    }
}

pub(super) async fn show_record(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((code, id)): Path<(String, String)>,
) -> Answer {
    let registers = app.service::<Registers>()?;
    let definition = registers.definition(&code)?;
    let open = registers.open_unmasked(&ctx, &code, id.parse()?).await?;
    let RegisterRecord {
        id, version, data, ..
    } = open.record;
    let values = definition.form.read_draft(&Json::Object(data));
    let values = values.map_err(Problem::fields)?;
    let view = form_page(page, &ctx, definition, Some((id, version)), &values, &[])?;
    Ok(Html(view.render()?).into_response())
}

pub(super) async fn change_record(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((code, id)): Path<(String, String)>,
    Posted(fields): Posted<Fields>,
) -> Answer {
    let registers = app.service::<Registers>()?;
    let (id, given): (RecordId, _) = (id.parse()?, of_form(&fields));
    let which = (id, seen(&fields));
    match registers.change(&ctx, &code, which, (&given).into()).await {
        Ok(()) => Ok(Redirect::to(&format!("/workbench/registers/{code}/{id}")).into_response()),
        Err(problem) => again(&registers, &ctx, page, &code, Some(which), &given, problem),
    }
}

/// What was filled in comes back with the faults beside the fields.
fn again(
    registers: &Registers,
    ctx: &Ctx,
    page: Page,
    code: &str,
    record: Option<(RecordId, i64)>,
    given: &Fields,
    problem: Problem,
) -> Answer {
    let definition = registers.definition(code)?;
    let values = definition.form.read_draft(given);
    let (Kind::Invalid, Ok(values)) = (problem.kind(), values) else {
        return Err(problem.into());
    };
    let view = form_page(
        page,
        ctx,
        definition,
        record,
        &values,
        problem.field_errors(),
    )?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(view.render()?)).into_response())
}

pub(super) async fn delete_record(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((code, id)): Path<(String, String)>,
    Posted(fields): Posted<Fields>,
) -> Answer {
    let registers = app.service::<Registers>()?;
    let id: RecordId = id.parse()?;
    let reason = text(&fields, "reason");
    let outcome = registers
        .delete(&ctx, &code, (id, seen(&fields)), reason)
        .await;
    match outcome {
        Ok(()) => Ok(Redirect::to(&format!("/workbench/registers/{code}")).into_response()),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let open = registers.open(&ctx, &code, id).await?;
            let definition = registers.definition(&code)?;
            let mut view = RecordPage::new(page, definition, &open, may_manage(&ctx));
            view.reason = reason.to_owned();
            view.errors = problem.field_errors().to_vec();
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(view.render()?)).into_response())
        }
        Err(problem) => Err(problem.into()),
    }
}
