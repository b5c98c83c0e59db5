//! Rating a finished case, at the address of the case.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use serde::Deserialize;
use serde_json::json;
use tongban_base::{Ctx, Kind, Problem, Result};
use tongban_cases::{CaseId, CaseView, Desk, open_case};
use tongban_packs::Findings;
use tongban_ui::{Answer, App, Page, Visit};

use super::form::{RatingForm, RatingSubmission, rated_page, rating_page};
use crate::model::{Channel, NewReview, ReviewView, Reviewable};
use crate::part::{PART, ReviewPart};
use crate::service::rate::{rate, review_of_case};
use crate::tags::ReviewSets;

/// What a rating needs to know of a case; tags come from the release that the case began with.
fn reviewable(view: &CaseView) -> Result<Reviewable> {
    let procedure = view.release.procedure();
    let set: Option<ReviewPart> = view.release.part(PART);
    let set = set.ok_or_else(Problem::not_found)?;
    let sets = ReviewSets::read(view.release.folder(), &mut Findings::default());
    let tag_set = sets
        .get(&set.tags)
        .cloned()
        .ok_or_else(Problem::not_found)?;
    Ok(Reviewable {
        case_id: view.case.id.0,
        case_number: view.case.number.clone(),
        account: view.case.account,
        item_code: procedure.code.clone(),
        item_name: procedure.name.clone(),
        organisation: view.case.organisation.clone(),
        division: view.case.division.clone(),
        finished: view.case.status.is_answered(),
        tag_set,
    })
}

/// A rating is the applicant's own word: whoever acts for him finds none.
async fn opened(desk: &Desk, ctx: &Ctx, id: &str) -> Result<CaseView> {
    let view = open_case(desk, ctx, id.parse()?).await?;
    match view.is_acted {
        true => Err(Problem::not_found()),
        false => Ok(view),
    }
}

async fn given(desk: &Desk, case: CaseId) -> Result<Option<ReviewView>> {
    desk.db
        .read(case.0, |tx, case| Box::pin(review_of_case(tx, *case)))
        .await
}

pub async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    let view = opened(&desk, &ctx, &id).await?;
    let back = format!("/me/cases/{id}");
    if let Some(review) = given(&desk, case).await? {
        return Ok(Html(rated_page(page, &review, &back)?).into_response());
    }
    let submission = RatingSubmission::parse(query.as_deref().unwrap_or_default());
    form(page, &view, &back, &submission, None)
}

fn form(
    page: Page,
    view: &CaseView,
    back: &str,
    submission: &RatingSubmission,
    problem: Option<&Problem>,
) -> Answer {
    let of = reviewable(view)?;
    let form = RatingForm::new(
        &of,
        &format!("{back}/review"),
        &page.csrf,
        submission,
        problem,
    );
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok((status, Html(rating_page(page, &of, back, &form)?)).into_response())
}

pub async fn submit(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    body: String,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let view = opened(&desk, &ctx, &id).await?;
    let submission = RatingSubmission::parse(&body);
    let review = submission.clone().into_review(Channel::Web);
    match give(&desk, &ctx, &view, review).await {
        Ok(_) => Ok(Redirect::to(&format!("/me/cases/{id}/review")).into_response()),
        Err(problem) if problem.kind() == Kind::Invalid => form(
            page,
            &view,
            &format!("/me/cases/{id}"),
            &submission,
            Some(&problem),
        ),
        Err(problem) => Err(problem.into()),
    }
}

async fn give(desk: &Desk, ctx: &Ctx, view: &CaseView, review: NewReview) -> Result<String> {
    let id = rate(&desk.db, ctx, &desk.audit_key, &reviewable(view)?, review).await?;
    Ok(id.to_string())
}

/// What a program sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatingInput {
    level: i64,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    words: String,
}

pub async fn submit_json(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    input: std::result::Result<Json<RatingInput>, JsonRejection>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let view = opened(&desk, &ctx, &id).await?;
    let input = body(input)?;
    let review = NewReview {
        level: input.level,
        tags: input.tags,
        words: input.words,
        channel: Some(Channel::Web),
    };
    let id = give(&desk, &ctx, &view, review).await?;
    Ok(Json(json!({ "id": id })).into_response())
}

fn body<T>(input: std::result::Result<Json<T>, JsonRejection>) -> Result<T> {
    let cause = match input {
        Ok(Json(value)) => return Ok(value),
        Err(cause) => cause.body_text(),
    };
    let words = format!("请求内容不是这个接口要的 JSON：{cause}");
    Err(Problem::invalid("input.unreadable", words))
}
