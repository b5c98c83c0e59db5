//! Writing: the form of a new record, of a change, and deleting with a reason.

use askama::Template;
use axum::Form;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect};
use serde_json::{Map, Value as Json, json};
use tongban_base::{Ctx, FieldError, Kind, Problem, Result};
use tongban_forms::{Known, Values};
use tongban_ui::view::Link;
use tongban_ui::{Answer, App, Page, Upload, Visit, sheet};

use super::views::{FileInput, FormPage, RecordPage};
use crate::audit;
use crate::definition::{FileField, RegisterDefinition, STEP, parted};
use crate::model::{FileValue, RecordId, RegisterRecord};
use crate::registers::Registers;

/// Fields of a posted form in their order; boxes that are ticked together share a name.
type Fields = Vec<(String, String)>;

/// What belongs to the page and not to the record.
const OWN: [&str; 3] = ["csrf", "_version", REMOVED];
/// Names a file that is taken away.
const REMOVED: &str = "_remove";

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

/// A record as it was read: which, and what it said.
type Before<'b> = ((RecordId, i64), &'b Map<String, Json>);

fn files(
    definition: &RegisterDefinition,
    record: Option<Before<'_>>,
    errors: &[FieldError],
) -> Vec<FileInput> {
    let base = format!("/workbench/registers/{}", definition.code);
    let files = definition.files.iter();
    let input = |file: &FileField| {
        let there = record.and_then(|((id, _), data)| {
            let held = FileValue::of(data.get(&file.name)?)?;
            Some(Link::new(
                held.name,
                format!("{base}/{id}/files/{}", file.name),
            ))
        });
        let error = errors
            .iter()
            .find(|e| e.pointer.get(1..) == Some(&file.name));
        FileInput {
            name: file.name.clone(),
            title: file.title.clone(),
            required: file.required,
            help: format!(
                "{}{}，不超过 {} MB",
                file.help,
                file.formats_words(),
                file.max_mb
            ),
            accept: file.accept(),
            there,
            error: error.map(|e| e.message.clone()).unwrap_or_default(),
        }
    };
    files.map(input).collect()
}

fn form_page(
    page: Page,
    ctx: &Ctx,
    definition: &RegisterDefinition,
    record: Option<Before<'_>>,
    values: &Values,
    errors: &[FieldError],
) -> Result<FormPage> {
    let base = format!("/workbench/registers/{}", definition.code);
    let known = Known::on(ctx.now.date());
    let step = definition.form.step_view(STEP, values, &known, errors);
    let step = step.ok_or_else(Problem::not_found)?;
    let (word, action, back) = match record {
        None => ("登记", format!("{base}/new"), base.clone()),
        Some(((id, _), _)) => (
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
        version: record.map(|((_, version), _)| version),
        files: files(definition, record, errors),
        fields: step.html()?,
        page: page.titled(title).with_faults(!errors.is_empty()),
    })
}

/// A new record is of the officer's own organisation, until he says otherwise.
fn proposed(ctx: &Ctx, definition: &RegisterDefinition) -> Result<Values> {
    let staff = ctx.actor.staff.as_ref().ok_or_else(Problem::forbidden)?;
    let Some(owner) = &definition.owner else {
        return Ok(Values::new());
    };
    let given = json!({ owner.as_str(): staff.organisation });
    let form = &definition.form;
    form.read_draft(&given).map_err(Problem::fields)
}

pub(super) async fn new_record(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
) -> Answer {
    let registers = app.service::<Registers>()?;
    registers.may_create(&ctx, &code).await?;
    let definition = registers.definition(&code)?;
    let view = form_page(
        page,
        &ctx,
        definition,
        None,
        &proposed(&ctx, definition)?,
        &[],
    )?;
    Ok(Html(view.render()?).into_response())
}

/// What a browser sent: the fields of the record, its files, and what belongs to the page.
struct Posted {
    fields: Fields,
    files: Vec<Upload>,
    removed: Vec<String>,
    seen: i64,
}

async fn posted(app: &App, definition: &RegisterDefinition, request: Request) -> Result<Posted> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let has_files = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"));
    let (fields, files) = match has_files {
        true => {
            let sent = sheet(request, app.office().upload_limit).await?;
            (sent.fields, sent.files)
        }
        false => {
            let Form(fields) = Form::<Fields>::from_request(request, &())
                .await
                .map_err(|cause| unreadable().with_cause(cause))?;
            (fields, Vec::new())
        }
    };
    let removed = fields.iter().filter(|(name, _)| name == REMOVED);
    let removed = removed.map(|(_, field)| field.clone()).collect();
    // The form of a register asks for no file: what browsers send for one that was not chosen is not its own.
    let own = |(name, _): &(String, String)| definition.file(name).is_none();
    Ok(Posted {
        seen: seen(&fields),
        removed,
        files,
        fields: of_form(&fields).into_iter().filter(own).collect(),
    })
}

fn unreadable() -> Problem {
    Problem::invalid("input.unreadable", "提交的内容无法识别，请刷新后重新填写")
}

pub(super) async fn create_record(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
    request: Request,
) -> Answer {
    let registers = app.service::<Registers>()?;
    let definition = registers.definition(&code)?;
    registers.may_create(&ctx, &code).await?;
    let sent = posted(&app, definition, request).await?;
    let given = sent.fields;
    let outcome = async {
        let kept = registers.keep(definition, sent.files, sent.removed).await?;
        let input = (&given).into();
        registers.create_with(&ctx, &code, input, &kept).await
    };
    match outcome.await {
        Ok(id) => Ok(Redirect::to(&format!("/workbench/registers/{code}/{id}")).into_response()),
        Err(problem) => again(&ctx, page, definition, None, &given, problem),
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
    let all = data.clone();
    let (data, _) = parted(&definition.files, data);
    let values = definition.form.read_draft(&Json::Object(data));
    let values = values.map_err(Problem::fields)?;
    let before = Some(((id, version), &all));
    let view = form_page(page, &ctx, definition, before, &values, &[])?;
    Ok(Html(view.render()?).into_response())
}

pub(super) async fn change_record(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((code, id)): Path<(String, String)>,
    request: Request,
) -> Answer {
    let registers = app.service::<Registers>()?;
    let definition = registers.definition(&code)?;
    let id: RecordId = id.parse()?;
    let before = registers.writable(&ctx, &code, id, audit::CHANGED).await?;
    let sent = posted(&app, definition, request).await?;
    let (which, given) = ((id, sent.seen), sent.fields);
    let outcome = async {
        let kept = registers.keep(definition, sent.files, sent.removed).await?;
        let input = (&given).into();
        registers
            .change_with(&ctx, &code, which, input, &kept)
            .await
    };
    match outcome.await {
        Ok(()) => Ok(Redirect::to(&format!("/workbench/registers/{code}/{id}")).into_response()),
        Err(problem) => {
            let before = Some((which, &before.data));
            again(&ctx, page, definition, before, &given, problem)
        }
    }
}

/// What was filled in comes back with the faults beside the fields.
fn again(
    ctx: &Ctx,
    page: Page,
    definition: &RegisterDefinition,
    record: Option<Before<'_>>,
    given: &Fields,
    problem: Problem,
) -> Answer {
    let values = definition.form.read_draft(given);
    let (Kind::Invalid, Ok(values)) = (problem.kind(), values) else {
        return Err(problem.into());
    };
    let errors = problem.field_errors();
    let view = form_page(page, ctx, definition, record, &values, errors)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(view.render()?)).into_response())
}

pub(super) async fn delete_record(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((code, id)): Path<(String, String)>,
    Form(fields): Form<Fields>,
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
            let mut view = RecordPage::new(page, &ctx, definition, &open);
            view.reason = reason.to_owned();
            view.errors = problem.field_errors().to_vec();
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(view.render()?)).into_response())
        }
        Err(problem) => Err(problem.into()),
    }
}
