//! Files of an application, handed in and taken away on the page of its materials.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use tongban_base::{FieldError, Kind, Problem};
use tongban_ui::{Answer, App, Page, Visit, download, uploads};

use super::place::Place;
use super::wizard::MATERIALS;
use super::wizard_pages::{Showing, render, status_code};
use crate::desk::Desk;
use crate::model::DraftId;
use crate::service::again::draft_file;
use crate::service::applying::open_application;
use crate::service::upload::{remove_file, upload_file};

pub async fn upload(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((id, material)): Path<(String, String)>,
    request: Request,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let draft: DraftId = id.parse()?;
    let outcome = async {
        for file in uploads(request, app.office().upload_limit).await? {
            upload_file(&desk, &ctx, draft, &material, &file.name, file.content).await?;
        }
        Ok::<(), Problem>(())
    }
    .await;
    match outcome {
        Ok(()) => Ok(back_to_materials(&page, &id, &material)),
        Err(problem) if matches!(problem.kind(), Kind::Invalid | Kind::TooLarge) => {
            let pointer = format!("/materials/{material}");
            let error = FieldError::new(pointer, problem.code(), problem.message());
            let application = open_application(&desk, &ctx, draft).await?;
            let faults = [error];
            let showing = Showing::of_faults(&faults);
            let mut answer = render((&desk, &ctx), page, &application, MATERIALS, showing).await?;
            *answer.status_mut() = status_code(problem.kind().status());
            Ok(answer)
        }
        Err(problem) => Err(problem.into()),
    }
}

/// A file that was handed in, or that is offered again, to be looked at.
pub async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((id, file)): Path<(String, String)>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let (file, content) = draft_file(&desk, &ctx, id.parse()?, file.parse()?).await?;
    Ok(download(&file.name, &file.media_type, content))
}

fn back_to_materials(page: &Page, id: &str, material: &str) -> Response {
    let draft = Place::of_officers(page.is_staff()).draft(id);
    Redirect::to(&format!("{draft}/materials#f-{material}")).into_response()
}

pub async fn remove(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((id, file)): Path<(String, String)>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    remove_file(&desk, &ctx, id.parse()?, file.parse()?).await?;
    let draft = Place::of_officers(ctx.actor.staff.is_some()).draft(id);
    Ok(Redirect::to(&format!("{draft}/materials")).into_response())
}
