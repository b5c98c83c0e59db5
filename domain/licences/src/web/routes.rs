//! The table of routes with who may reach them. Rights over rows are asked in the services.

use tongban_base::Budget;
use tongban_ui::{Access, Routes};

use super::{api, citizen, download, staff, verify};
use crate::audit;

pub(crate) fn routes() -> Routes {
    let signed_in = Access::SignedIn;
    Routes::new()
        .get("/verify", Access::Public, verify::form)
        .budget(Budget::Code)
        .post(
            "/verify",
            Access::Public,
            audit::VERIFIED.name,
            verify::upload,
        )
        .budget(Budget::VerifyFile)
        .takes_files()
        .get("/v/{code}", Access::Public, verify::code)
        .budget(Budget::Code)
        .get("/v/p/{token}", Access::Public, verify::presentation)
        .budget(Budget::Code)
        .get("/me/licences", Access::Citizen, citizen::list)
        .get("/me/licences/{id}", Access::Citizen, citizen::detail)
        .get(
            "/me/licences/{id}/present",
            Access::Citizen,
            citizen::presented,
        )
        .post(
            "/me/licences/{id}/present",
            Access::Citizen,
            audit::PRESENTED.name,
            citizen::present,
        )
        .budget(Budget::Present)
        .get("/licences/{id}/picture", signed_in, download::picture)
        .get("/licences/{id}/ofd", signed_in, download::ofd)
        .get("/licences/{id}/pdf", signed_in, download::pdf)
        .get("/workbench/licences", Access::Staff, staff::list)
        .get("/workbench/licences/{id}", Access::Staff, staff::detail)
        .post(
            "/workbench/licences/{id}/revoke",
            Access::Right(crate::permissions::REVOKE.0),
            audit::REVOKED.name,
            staff::revoke,
        )
        .post(
            "/api/v1/licences/verify",
            Access::Public,
            audit::VERIFIED.name,
            api::verify,
        )
        .budget(Budget::VerifyFile)
        .takes_files()
        .describe(api::verify_operation())
        .get("/api/v1/licences/{id}", signed_in, api::licence)
        .describe(api::licence_operation())
}
