//! Routes of the desk: what an officer sees and does beside a decision.

use tongban_ui::{Access, Routes};

use super::{batch, person, viewer};

pub(super) fn add(routes: Routes) -> Routes {
    routes
        .get("/workbench/cases/{id}/viewer", Access::Staff, viewer::part)
        .get(
            "/workbench/cases/{id}/files/{file}/pages/{page}",
            Access::Staff,
            viewer::picture,
        )
        .post(
            "/workbench/cases/{id}/files/{file}/turn",
            Access::Staff,
            "case.file_turned",
            viewer::turn,
        )
        .post(
            "/workbench/batch",
            Access::Staff,
            "case.task_completed",
            batch::decide,
        )
        .post(
            "/workbench/cases/{id}/say",
            Access::Staff,
            "case.said",
            person::say_of_office,
        )
        .post(
            "/workbench/cases/{id}/reveal",
            Access::Staff,
            "case.revealed",
            person::show_numbers,
        )
}
