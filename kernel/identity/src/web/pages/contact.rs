//! `/me/contact`: mobile number and address.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use tongban_ui::view::Tone;
use tongban_ui::{Answer, App, Flash, Page, Visit};

use super::code::path;
use super::{FormFaults, mendable, page};
use crate::Identity;
use crate::service::change_contact::{Contact, change_contact};
use crate::service::read_proof::own_profile;
use crate::service::send_code::CodeMessages;
use crate::web::cookie;

#[derive(Template)]
#[template(path = "contact.html")]
struct ContactPage {
    page: Page,
    mobile: String,
    address: String,
    faults: FormFaults,
    tone: Tone,
}

#[derive(Deserialize)]
pub(crate) struct ContactForm {
    #[serde(default)]
    mobile: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    password: String,
}

pub(crate) async fn show(State(app): State<App>, Visit(ctx): Visit, shell: Page) -> Answer {
    let identity = app.service::<Identity>()?;
    let person = own_profile(&identity, &ctx).await?.person;
    let contact = Contact {
        mobile: person.mobile,
        address: person.address.unwrap_or_default(),
        password: String::new(),
    };
    render(shell, contact, (StatusCode::OK, FormFaults::default()))
}

pub(crate) async fn send(
    State(app): State<App>,
    Visit(ctx): Visit,
    shell: Page,
    Form(form): Form<ContactForm>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let contact = Contact {
        mobile: form.mobile,
        address: form.address,
        password: form.password,
    };
    let codes = app.service::<CodeMessages>()?;
    match change_contact(&identity, &ctx, &codes, &contact).await {
        Ok(Some(sent)) => Ok(cookie::see_other(&path(&sent, ""))),
        Ok(None) => {
            let mut response = cookie::see_other("/me");
            Flash::done("联系方式已保存").tell(&mut response, &app);
            Ok(response)
        }
        Err(problem) => render(shell, contact, mendable(problem)?),
    }
}

fn render(shell: Page, contact: Contact, (status, faults): (StatusCode, FormFaults)) -> Answer {
    let template = ContactPage {
        page: shell.titled("修改联系方式"),
        mobile: contact.mobile,
        address: contact.address,
        faults,
        tone: Tone::Late,
    };
    page(status, &template)
}
