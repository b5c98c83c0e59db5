//! Routes of the desk: what an officer sees and does beside a decision.

use tongban_ui::{Access, Routes};

use super::viewer;

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
}
