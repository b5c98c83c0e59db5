//! `/oauth2/authorize`: where an application sends somebody to log in, and the page on which that person agrees.

use askama::Template;
use axum::Form;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tongban_base::{Kind, Timestamp};
use tongban_ui::{Answer, App, Fault, Page, Visit, session_token};

use super::{AUTHORIZE, destination, issuer, let_form_lead_to};
use crate::Identity;
use crate::model::Person;
use crate::openid::{AuthorizationRequest, Params, Refusal, SIGNED_IN_AFTER, Scope, answer_error};
use crate::service::authorize_client::{
    Step, askable, authorize_client, deny_client, grant_client,
};
use crate::web::cookie;
use crate::web::pages::page;

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage {
    page: Page,
    application: String,
    /// Host of the address that the browser goes to.
    host: String,
    /// The query of the request, which comes back with the answer.
    request: String,
    /// For logging in as somebody else.
    login: String,
    profile: bool,
    real_name: bool,
    masked_name: Option<String>,
    level: &'static str,
}

pub(crate) async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    shell: Page,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let query = query.unwrap_or_default();
    let request = match read(&identity, &query) {
        Ok(request) => request,
        Err(refusal) => return refuse(&app, refusal),
    };
    match authorize_client(&identity, &ctx, session_token(&headers), &request).await? {
        Step::LogIn => Ok(cookie::see_other(&login(&query, ctx.now))),
        Step::Ask(person) => ask(&identity, shell, &request, (&query, ctx.now), &person),
        Step::Go(code) => Ok(cookie::see_other(&request.answer(
            issuer(&app),
            "code",
            &code,
        ))),
        Step::Refuse(error) => refuse(&app, Refusal::of(&request, error)),
    }
}

#[derive(Deserialize)]
pub(crate) struct Decision {
    #[serde(default)]
    request: String,
    #[serde(default)]
    decision: String,
    /// There when the box is ticked.
    #[serde(default)]
    real_name: String,
}

pub(crate) async fn decide(
    State(app): State<App>,
    Visit(ctx): Visit,
    headers: HeaderMap,
    Form(form): Form<Decision>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let request = match read(&identity, &form.request) {
        Ok(request) => request,
        Err(refusal) => return refuse(&app, refusal),
    };
    if form.decision != "allow" {
        let error = deny_client(&identity, &ctx, &request).await?;
        return refuse(&app, Refusal::of(&request, error));
    }
    let full = !form.real_name.is_empty();
    match grant_client(&identity, &ctx, session_token(&headers), &request, full).await {
        Ok(code) => Ok(cookie::see_other(&request.answer(
            issuer(&app),
            "code",
            &code,
        ))),
        // The login ended while the page stood open.
        Err(problem) if problem.kind() == Kind::Unauthenticated => {
            Ok(cookie::see_other(&login(&form.request, ctx.now)))
        }
        Err(problem) => Err(Fault(problem)),
    }
}

fn read(identity: &Identity, query: &str) -> Result<AuthorizationRequest, Refusal> {
    AuthorizationRequest::read(&identity.openid, &Params::read(query))
}

fn refuse(app: &App, refusal: Refusal) -> Answer {
    match refusal {
        Refusal::Person(problem) => Err(Fault(problem)),
        Refusal::Application {
            redirect_uri,
            state,
            error,
        } => {
            let target = answer_error(&redirect_uri, issuer(app), error, state.as_deref());
            Ok(cookie::see_other(&target))
        }
    }
}

/// The login page, which comes back with the same request. What asked for a fresh login would ask again: in its place
/// stands that the login must be one from now on.
fn login(query: &str, now: Timestamp) -> String {
    let mut again = url::form_urlencoded::Serializer::new(String::new());
    let mut is_fresh_wanted = false;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "max_age" | SIGNED_IN_AFTER => is_fresh_wanted = true,
            "prompt" => {
                let mut wishes = value.split(' ');
                is_fresh_wanted |= wishes
                    .clone()
                    .any(|w| matches!(w, "login" | "select_account"));
                if wishes.any(|wish| wish == "consent") {
                    again.append_pair("prompt", "consent");
                }
            }
            _ => {
                again.append_pair(&name, &value);
            }
        }
    }
    if is_fresh_wanted {
        again.append_pair(SIGNED_IN_AFTER, &now.0.to_string());
    }
    let next = format!("{AUTHORIZE}?{}", again.finish());
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("/login?as=citizen&again=1&next={next}")
}

fn ask(
    identity: &Identity,
    shell: Page,
    request: &AuthorizationRequest,
    (query, now): (&str, Timestamp),
    person: &Person,
) -> Answer {
    let destination = destination(identity, &format!("{AUTHORIZE}?{query}"));
    let origin = destination.as_ref().map_or("", |d| d.origin.as_str());
    let asked = askable(request, person);
    let template = ConsentPage {
        page: shell.titled("授权登录"),
        application: request.client.title.clone(),
        host: origin.split("://").last().unwrap_or_default().to_owned(),
        request: query.to_owned(),
        login: login(query, now),
        profile: asked.has(Scope::Profile),
        real_name: asked.has(Scope::RealName),
        masked_name: person.masked_name(),
        level: person.assurance.title(),
    };
    let mut response = page(StatusCode::OK, &template)?;
    if let Some(destination) = destination {
        let_form_lead_to(&mut response, &destination);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use tongban_base::Timestamp;

    use super::login;

    #[test]
    fn a_login_comes_back_with_the_moment_from_which_it_must_be() {
        let path = login(
            "client_id=a&prompt=login&max_age=0&state=x%26y",
            Timestamp(7),
        );
        let next = "%2Foauth2%2Fauthorize%3Fclient_id%3Da%26state%3Dx%2526y%26signed_in_after%3D7";
        assert_eq!(path, format!("/login?as=citizen&again=1&next={next}"));
        let consent = login("prompt=login+consent", Timestamp(7));
        assert!(consent.ends_with("prompt%3Dconsent%26signed_in_after%3D7"));
        assert!(login("client_id=a", Timestamp(7)).ends_with("client_id%3Da"));
    }
}
