//! The table of routes with who may reach them. Rights over records are asked in the services.

use tongban_ui::{Access, Routes};

use super::{edit, pages};
use crate::audit;
use crate::permissions::{MANAGE, READ};

pub(crate) fn routes() -> Routes {
    let (read, manage) = (Access::Right(READ.0), Access::Right(MANAGE.0));
    Routes::new()
        .get("/workbench/registers", read, pages::list_registers)
        .get("/workbench/registers/{code}", read, pages::list_records)
        .get("/workbench/registers/{code}/new", manage, edit::new_record)
        .post(
            "/workbench/registers/{code}/new",
            manage,
            audit::CREATED.name,
            edit::create_record,
        )
        .get("/workbench/registers/{code}/{id}", read, pages::open_record)
        .get(
            "/workbench/registers/{code}/{id}/change",
            manage,
            edit::show_record,
        )
        .post(
            "/workbench/registers/{code}/{id}/change",
            manage,
            audit::CHANGED.name,
            edit::change_record,
        )
        .post(
            "/workbench/registers/{code}/{id}/delete",
            manage,
            audit::DELETED.name,
            edit::delete_record,
        )
}
