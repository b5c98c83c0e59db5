//! The table of this crate's routes.

use tongban_base::Budget;
use tongban_ui::{Access, Routes};

use super::{api, openid, pages};
use crate::audit;
use crate::permissions::{MANAGE_STAFF, RELEASE};

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
            audit::CODE_SENT.name,
            pages::register::send,
        )
        .budget(Budget::Register)
        .get("/open-account", Access::Public, pages::opening::show)
        .post(
            "/open-account",
            Access::Public,
            "account.password_changed",
            pages::opening::send,
        )
        .budget(Budget::Login)
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
        );
    openid::add(api::add(for_managers(own_logins(by_code(routes)))))
}

/// What a code by SMS opens.
fn by_code(routes: Routes) -> Routes {
    routes
        .get("/login/sms", Access::Public, pages::ask_code::show_login)
        .post(
            "/login/sms",
            Access::Public,
            audit::CODE_SENT.name,
            pages::ask_code::send_login,
        )
        .budget(Budget::AskCode)
        .get(
            "/forgotten-password",
            Access::Public,
            pages::ask_code::show_recovery,
        )
        .post(
            "/forgotten-password",
            Access::Public,
            audit::CODE_SENT.name,
            pages::ask_code::send_recovery,
        )
        .budget(Budget::AskCode)
        .get("/code/{id}", Access::Public, pages::code::show)
        .post(
            "/code/{id}",
            Access::Public,
            audit::REGISTERED.name,
            pages::code::send,
        )
        .budget(Budget::Login)
        .post(
            "/code/{id}/again",
            Access::Public,
            audit::CODE_SENT.name,
            pages::code::again,
        )
        .budget(Budget::AskCode)
}

/// Of citizens and officers alike.
fn own_logins(routes: Routes) -> Routes {
    routes
        .get("/me/password", Access::SignedIn, pages::password::show)
        .post(
            "/me/password",
            Access::SignedIn,
            audit::PASSWORD_CHANGED.name,
            pages::password::send,
        )
        .get("/me/sessions", Access::SignedIn, pages::sessions::show)
        .post(
            "/me/sessions/{id}/revoke",
            Access::SignedIn,
            "session.revoked",
            pages::sessions::revoke,
        )
}

/// What the window and whoever manages officers do.
fn for_managers(routes: Routes) -> Routes {
    let manager = Access::Right(MANAGE_STAFF.0);
    let window = Access::Right(RELEASE.0);
    routes
        .get(pages::officers::PATH, manager, pages::officers::show)
        .post(
            "/workbench/staff/{id}/off",
            manager,
            audit::STAFF_SWITCHED_OFF.name,
            pages::officers::switch_off,
        )
        .post(
            "/workbench/staff/{id}/on",
            manager,
            audit::STAFF_SWITCHED_ON.name,
            pages::officers::switch_on,
        )
        .post(
            "/workbench/staff/{id}/end-sessions",
            manager,
            audit::SESSIONS_ENDED.name,
            pages::officers::end_sessions,
        )
        .get(
            "/workbench/staff/{id}/roles",
            manager,
            pages::officer_roles::show,
        )
        .post(
            "/workbench/staff/{id}/roles",
            manager,
            audit::ROLES_ASSIGNED.name,
            pages::officer_roles::send,
        )
        .get(pages::proofs::PATH, window, pages::proofs::show)
        .post(
            pages::proofs::PATH,
            window,
            audit::PROOF_LOOKED_UP.name,
            pages::proofs::find,
        )
        .post(
            "/workbench/proofs/{account}/release",
            window,
            audit::PROOF_RELEASED.name,
            pages::proofs::release,
        )
        .post(
            "/workbench/proofs/{account}/end-sessions",
            window,
            audit::SESSIONS_ENDED.name,
            pages::proofs::end_sessions,
        )
}
