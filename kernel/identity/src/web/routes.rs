//! The table of this crate's routes.

use tongban_base::Budget;
use tongban_ui::{Access, Routes};

use super::{api, openid, pages};

pub(crate) fn routes() -> Routes {
    let routes = Routes::new()
        .get("/login", Access::Public, pages::login::show)
        .post(
            "/login",
            Access::Public,
            "session.opened",
            pages::login::send,
        )
        .budget(Budget::Login)
        .post(
            "/logout",
            Access::Public,
            "session.ended",
            pages::login::leave,
        )
        .get("/register", Access::Public, pages::register::show)
        .post(
            "/register",
            Access::Public,
            "account.registered",
            pages::register::send,
        )
        .budget(Budget::Register)
        .get("/me", Access::Citizen, pages::profile::show)
        .get("/me/contact", Access::Citizen, pages::contact::show)
        .post(
            "/me/contact",
            Access::Citizen,
            "account.contact_changed",
            pages::contact::send,
        )
        .budget(Budget::Contact)
        .get("/me/real-name", Access::Citizen, pages::real_name::show)
        .post(
            "/me/real-name",
            Access::Citizen,
            "real_name.asked",
            pages::real_name::send,
        )
        .budget(Budget::RealName)
        .get(
            "/me/applications",
            Access::Citizen,
            pages::applications::show,
        )
        .post(
            "/me/applications/{client}/withdraw",
            Access::Citizen,
            "openid.withdrawn",
            pages::applications::withdraw,
        )
        .get("/me/sessions", Access::SignedIn, pages::sessions::show)
        .post(
            "/me/sessions/{id}/revoke",
            Access::SignedIn,
            "session.revoked",
            pages::sessions::revoke,
        );
    openid::add(api::add(routes))
}
