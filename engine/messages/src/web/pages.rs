//! The inbox of citizens in the portal and of staff in the workbench.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect};
use serde::Deserialize;
use tongban_base::{Ctx, Result};
use tongban_store::Cursor;
use tongban_ui::{Answer, App, Page, Visit};

use super::views::{Inbox, MyMessages, StaffMessages};
use crate::messaging::Messaging;
use crate::model::MessageId;
use crate::service::inbox::{InboxFilter, list_inbox, unread_count};
use crate::service::mark_read::{mark_all_read, mark_read};

pub(super) const MINE: &str = "/me/messages";
pub(super) const STAFF: &str = "/workbench/messages";

#[derive(Deserialize)]
pub(super) struct InboxQuery {
    after: Option<String>,
    unread: Option<String>,
}

impl InboxQuery {
    pub fn filter(&self) -> Result<InboxFilter> {
        Ok(InboxFilter {
            unread_only: self.unread.as_deref() == Some("1"),
            after: Cursor::from_query(self.after.as_deref())?,
        })
    }
}

pub(super) async fn list_my_messages(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<InboxQuery>,
) -> Answer {
    let inbox = inbox(&app, &ctx, MINE, &page.path, &query).await?;
    let page = prepared(page, &inbox);
    Ok(Html(MyMessages { page, inbox }.render()?).into_response())
}

pub(super) async fn list_staff_messages(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<InboxQuery>,
) -> Answer {
    let inbox = inbox(&app, &ctx, STAFF, &page.path, &query).await?;
    let page = prepared(page, &inbox);
    Ok(Html(StaffMessages { page, inbox }.render()?).into_response())
}

async fn inbox(
    app: &App,
    ctx: &Ctx,
    base: &'static str,
    path: &str,
    query: &InboxQuery,
) -> Result<Inbox> {
    let messaging = app.service::<Messaging>()?;
    let filter = query.filter()?;
    let unread_only = filter.unread_only;
    let list = list_inbox(&messaging.db, ctx, filter).await?;
    let unread = unread_count(&messaging.db, ctx).await?;
    Inbox::new(base, path, &list, unread, unread_only, &messaging.templates)
}

fn prepared(page: Page, inbox: &Inbox) -> Page {
    let mut page = page.titled("我的消息").with_count(inbox.base, inbox.unread);
    page.unread = inbox.unread;
    page
}

/// Reading one leads to what it is about.
pub(super) async fn read_mine(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    read_one(&app, &ctx, &id).await
}

pub(super) async fn read_of_staff(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    read_one(&app, &ctx, &id).await
}

async fn read_one(app: &App, ctx: &Ctx, id: &str) -> Answer {
    let id: MessageId = id.parse()?;
    let link = mark_read(&*app.service::<Messaging>()?, ctx, id).await?;
    Ok(Redirect::to(&link).into_response())
}

pub(super) async fn read_all_of_mine(State(app): State<App>, Visit(ctx): Visit) -> Answer {
    mark_all_read(&*app.service::<Messaging>()?, &ctx).await?;
    Ok(Redirect::to(MINE).into_response())
}

pub(super) async fn read_all_of_staff(State(app): State<App>, Visit(ctx): Visit) -> Answer {
    mark_all_read(&*app.service::<Messaging>()?, &ctx).await?;
    Ok(Redirect::to(STAFF).into_response())
}
