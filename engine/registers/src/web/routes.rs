//! The table of routes. What an officer may read and write is asked in the services: a register may name a role that has
//! no right of its own.

use tongban_base::Budget;
use tongban_ui::{Access, Routes};

use super::{edit, pages, published};
use crate::audit;

pub(crate) fn routes() -> Routes {
    let office = Access::Staff;
    let routes = Routes::new()
        .get("/workbench/registers", office, pages::list_registers)
        .get("/workbench/registers/{code}", office, pages::list_records)
        .get("/workbench/registers/{code}/new", office, edit::new_record)
        .post(
            "/workbench/registers/{code}/new",
            office,
            audit::CREATED.name,
            edit::create_record,
        )
        .takes_files()
        .get(
            "/workbench/registers/{code}/{id}",
            office,
            pages::open_record,
        )
        .get(
            "/workbench/registers/{code}/{id}/files/{field}",
            office,
            pages::open_file,
        )
        .get(
            "/workbench/registers/{code}/{id}/change",
            office,
            edit::show_record,
        )
        .post(
            "/workbench/registers/{code}/{id}/change",
            office,
            audit::CHANGED.name,
            edit::change_record,
        )
        .takes_files()
        .post(
            "/workbench/registers/{code}/{id}/delete",
            office,
            audit::DELETED.name,
            edit::delete_record,
        );
    pages_of_records(routes)
}

fn pages_of_records(routes: Routes) -> Routes {
    routes
        .get("/pages/{path}", Access::Public, published::list_public)
        .budget(Budget::Search)
        .get("/pages/{path}/{id}", Access::Public, published::show_public)
        .budget(Budget::Search)
        .get(
            "/pages/{path}/{id}/files/{field}",
            Access::Public,
            published::file_public,
        )
        .budget(Budget::Search)
        .get(
            "/workbench/pages/{path}",
            Access::Staff,
            published::list_office,
        )
        .get(
            "/workbench/pages/{path}/{id}",
            Access::Staff,
            published::show_office,
        )
        .get(
            "/workbench/pages/{path}/{id}/files/{field}",
            Access::Staff,
            published::file_office,
        )
}
