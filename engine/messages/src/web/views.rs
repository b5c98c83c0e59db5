//! The inbox as its template and its JSON show it.

use askama::Template;
use serde::Serialize;
use tongban_base::Result;
use tongban_store::KeyPage;
use tongban_ui::Page;
use tongban_ui::view::{Pager, Tab};

use super::pages::STAFF;
use crate::model::MessageView;
use crate::template::MessageTemplates;

#[derive(Template)]
#[template(path = "my_messages.html")]
pub(super) struct MyMessages {
    pub page: Page,
    pub inbox: Inbox,
}

#[derive(Template)]
#[template(path = "staff_messages.html")]
pub(super) struct StaffMessages {
    pub page: Page,
    pub inbox: Inbox,
}

/// What both pages show.
pub(super) struct Inbox {
    /// `/me/messages` or `/workbench/messages`
    pub base: &'static str,
    pub unread: u64,
    pub unread_only: bool,
    pub tabs: Vec<Tab>,
    pub rows: Vec<InboxRow>,
    pub pager: Pager,
}

pub(super) struct InboxRow {
    pub id: String,
    pub title: String,
    pub text: String,
    pub when: String,
    pub unread: bool,
}

impl Inbox {
    /// What comes here, for whoever reads it.
    pub fn about(&self) -> &'static str {
        match self.base == STAFF {
            true => "待办、督办、申请人提问和系统通知会发到这里",
            false => "您的办件有进展时，我们会在这里告诉您",
        }
    }

    pub fn new(
        base: &'static str,
        path: &str,
        list: &KeyPage<MessageView>,
        unread: u64,
        unread_only: bool,
        templates: &MessageTemplates,
    ) -> Result<Self> {
        let tab = |label: &str, query: &str, count, current| Tab {
            label: label.into(),
            href: format!("{base}{query}"),
            count,
            current,
        };
        Ok(Self {
            base,
            unread,
            unread_only,
            tabs: vec![
                tab("全部", "", None, !unread_only),
                tab("未读", "?unread=1", Some(unread), unread_only),
            ],
            rows: list
                .rows
                .iter()
                .map(|message| row(message, templates))
                .collect::<Result<_>>()?,
            pager: Pager::of(path, list, None),
        })
    }
}

fn row(message: &MessageView, templates: &MessageTemplates) -> Result<InboxRow> {
    Ok(InboxRow {
        id: message.id.to_string(),
        title: message.title.clone(),
        text: message.words(templates)?,
        when: message.created_at.words(),
        unread: message.read_at.is_none(),
    })
}

#[derive(Serialize)]
pub(super) struct MessageList {
    pub messages: Vec<MessageJson>,
    pub next: Option<String>,
}

#[derive(Serialize)]
pub(super) struct MessageJson {
    id: String,
    event: String,
    title: String,
    text: String,
    link: String,
    created_at: String,
    read_at: Option<String>,
}

impl MessageList {
    pub fn new(list: KeyPage<MessageView>, templates: &MessageTemplates) -> Result<Self> {
        let next = list.next.as_ref().map(tongban_store::Cursor::encode);
        let messages = list.rows.into_iter().map(|m| json(m, templates));
        Ok(Self {
            messages: messages.collect::<Result<_>>()?,
            next,
        })
    }
}

fn json(message: MessageView, templates: &MessageTemplates) -> Result<MessageJson> {
    Ok(MessageJson {
        text: message.words(templates)?,
        id: message.id.to_string(),
        event: message.event,
        title: message.title,
        link: message.link,
        created_at: message.created_at.rfc3339(),
        read_at: message.read_at.map(|at| at.rfc3339()),
    })
}
