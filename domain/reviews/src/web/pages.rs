//! The supervisor's queue, the record of one rating with the steps of its handling, and the counts.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use serde::Deserialize;
use tongban_base::{Ctx, Kind, Problem, Result};
use tongban_store::Cursor;
use tongban_ui::view::{Link, Pager, Tab};
use tongban_ui::{Answer, App, Page, Visit};

use super::views::{Draft, QueuePage, RecordPage, StatisticsPage, rows};
use crate::desk::Reviews;
use crate::model::{QueueView, ReviewId, ReviewView};
use crate::service::feed_back::{Feedback, feed_back};
use crate::service::queue::{QueueFilter, list_reviews, open_review};
use crate::service::statistics::item_statistics;
use crate::service::verify::{Finding, Verification, verify};

const QUEUE: &str = "/workbench/reviews";

#[derive(Deserialize)]
pub(super) struct QueueQuery {
    after: Option<String>,
    view: Option<String>,
}

impl QueueQuery {
    pub fn filter(&self) -> Result<QueueFilter> {
        Ok(QueueFilter {
            view: match self.view.as_deref() {
                Some("rectifying") => QueueView::Rectifying,
                Some("closed") => QueueView::Closed,
                _ => QueueView::ToVerify,
            },
            after: Cursor::from_query(self.after.as_deref())?,
        })
    }
}

pub(super) async fn list_reviews_page(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<QueueQuery>,
) -> Answer {
    let filter = query.filter()?;
    let view = filter.view;
    let (list, [to_verify, rectifying]) = list_reviews(app.db(), &ctx, filter).await?;
    let pager = Pager::of(&page.path, &list, None);
    let page = page.titled("差评处理").with_count(QUEUE, to_verify);
    let queue = QueuePage {
        page,
        tabs: tabs(view, to_verify, rectifying),
        view,
        rows: rows(&list, ctx.now.date()),
        pager,
    };
    Ok(Html(queue.render()?).into_response())
}

fn tabs(current: QueueView, to_verify: u64, rectifying: u64) -> Vec<Tab> {
    let tab = |label: &str, query: &str, count, view| Tab {
        label: label.into(),
        href: format!("{QUEUE}{query}"),
        count,
        current: view == current,
    };
    vec![
        tab("待核实", "", Some(to_verify), QueueView::ToVerify),
        tab(
            "整改中",
            "?view=rectifying",
            Some(rectifying),
            QueueView::Rectifying,
        ),
        tab("已答复", "?view=closed", None, QueueView::Closed),
    ]
}

pub(super) async fn open_review_page(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
) -> Answer {
    let reviews = app.service::<Reviews>()?;
    let review = open_review(&reviews, &ctx, id.parse()?).await?;
    let record = RecordPage::new(page, review, Draft::default(), Vec::new());
    Ok(Html(record.render()?).into_response())
}

pub(super) async fn verify_review(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    Form(draft): Form<Draft>,
) -> Answer {
    let id: ReviewId = id.parse()?;
    let reviews = app.service::<Reviews>()?;
    let outcome = verify(&reviews, &ctx, id, draft.verification()).await;
    answer(&reviews, &ctx, page, id, draft, outcome).await
}

pub(super) async fn feed_back_review(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    Form(draft): Form<Draft>,
) -> Answer {
    let id: ReviewId = id.parse()?;
    let reviews = app.service::<Reviews>()?;
    let outcome = feed_back(&reviews, &ctx, id, draft.feedback()).await;
    answer(&reviews, &ctx, page, id, draft, outcome).await
}

/// Back to the record; with faults, the record again and what was written in it.
async fn answer(
    reviews: &Reviews,
    ctx: &Ctx,
    page: Page,
    id: ReviewId,
    draft: Draft,
    outcome: Result<ReviewView>,
) -> Answer {
    let problem: Problem = match outcome {
        Ok(_) => return Ok(Redirect::to(&format!("{QUEUE}/{id}")).into_response()),
        Err(problem) if problem.kind() == Kind::Invalid => problem,
        Err(problem) => return Err(problem.into()),
    };
    let review = open_review(reviews, ctx, id).await?;
    let record = RecordPage::new(page, review, draft, problem.field_errors().to_vec());
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Ok((status, Html(record.render()?)).into_response())
}

impl Draft {
    pub fn verification(&self) -> Verification {
        Verification {
            finding: match self.finding.as_str() {
                "true" => Some(Finding::True),
                "not_true" => Some(Finding::NotTrue),
                _ => None,
            },
            note: self.note.clone(),
            order: self.order.clone(),
            reply: self.reply.clone(),
        }
    }

    pub fn feedback(&self) -> Feedback {
        Feedback {
            feedback: self.feedback.clone(),
            reply: self.reply.clone(),
        }
    }
}

pub(super) async fn statistics_page(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
) -> Answer {
    let items = item_statistics(app.db(), &ctx).await?;
    let statistics = StatisticsPage {
        page: page.titled("事项评价统计"),
        crumbs: vec![Link::new("差评处理", QUEUE), Link::new("事项评价统计", "")],
        items,
    };
    Ok(Html(statistics.render()?).into_response())
}
