//! For whom an application is: asked only of whoever has a mandate for its item.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use tongban_base::{Ctx, Date, FieldError, Problem, Result, Uuid, date_words};
use tongban_identity::Power;
use tongban_ui::view::{Choice, Link};
use tongban_ui::{Answer, Page};

use super::input::Fields;
use crate::desk::Desk;
use crate::service::agency::principals;

/// The field of the page, and what it says of oneself.
const FOR: &str = "for";
const HIMSELF: &str = "self";

pub(super) enum Whom {
    Himself,
    /// Whoever gave this mandate.
    Principal(Uuid),
    /// Nobody can know before he says it.
    Unsaid(Vec<Power>),
}

#[derive(Template)]
#[template(path = "case_for.html")]
struct ForPage {
    page: Page,
    crumbs: Vec<Link>,
    /// With the answers that were given in the guide.
    action: String,
    choices: Vec<Choice>,
    error: &'static str,
}

pub(super) async fn whom(desk: &Desk, ctx: &Ctx, item: &str, fields: &Fields) -> Result<Whom> {
    match fields.text(FOR).as_str() {
        HIMSELF => Ok(Whom::Himself),
        "" => {
            let powers = principals(desk, ctx, item).await?;
            Ok(match powers.is_empty() {
                true => Whom::Himself,
                false => Whom::Unsaid(powers),
            })
        }
        text => Ok(match mandate(text)? {
            None => Whom::Himself,
            Some(mandate) => Whom::Principal(mandate),
        }),
    }
}

/// The mandate of this number; none where it is empty.
pub(super) fn mandate(text: &str) -> Result<Option<Uuid>> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        let words = format!("“{text}”不是授权的编号");
        Problem::fields(vec![FieldError::new("/for", "unreadable", words)])
    })
}

/// Once more with what is wrong, where it was sent without an answer.
pub(super) fn ask_whom(
    desk: &Desk,
    page: Page,
    (item, today): (&str, Date),
    powers: &[Power],
    (answers, fields): (&[(String, String)], &Fields),
) -> Answer {
    let offered = desk.catalog.offered(item, today)?;
    let mut action = format!("/items/{item}/apply");
    if !answers.is_empty() {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        action = format!("{action}?{}", query.extend_pairs(answers).finish());
    }
    let himself = Choice::new(HIMSELF, "为我自己", false);
    let others = powers.iter().map(|power| Choice {
        note: format!("对方已授权您代办，到{}为止", date_words(power.last_day)),
        ..Choice::new(
            power.mandate.to_string(),
            format!("为{}", power.principal_name),
            false,
        )
    });
    let unsaid = fields.0.iter().any(|(name, _)| name == "asked");
    let view = ForPage {
        page: page
            .titled(&offered.face.name)
            .at_step("为谁办理")
            .with_faults(unsaid),
        crumbs: vec![
            Link::new(&offered.face.name, format!("/items/{item}")),
            Link::new("为谁办理", ""),
        ],
        action,
        choices: std::iter::once(himself).chain(others).collect(),
        error: if unsaid { "请选择为谁办理" } else { "" },
    };
    let status = match unsaid {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    Ok((status, Html(view.render()?)).into_response())
}
