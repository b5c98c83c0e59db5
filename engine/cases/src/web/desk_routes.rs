//! Routes of the desk: what an officer sees and does beside a decision.

use tongban_base::Budget;
use tongban_ui::{Access, Routes};

use super::counter::COUNTER_PAGE;
use super::{batch, counter, course_file, person, slip, track, viewer};
use crate::permissions::COUNTER;

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
        .get(COUNTER_PAGE, Access::Right(COUNTER.0), counter::show)
        .get(
            "/workbench/counter/{item}",
            Access::Right(COUNTER.0),
            counter::ask,
        )
        .post(
            "/workbench/counter/{item}",
            Access::Right(COUNTER.0),
            "case.draft_saved",
            counter::begin,
        )
        .get("/workbench/mine/{id}/slip", Access::Staff, slip::show)
        .get(
            "/workbench/cases/{id}/course.csv",
            Access::Staff,
            course_file::export,
        )
        .get("/items/{code}/qr.png", Access::Public, track::item_qr)
        .budget(Budget::Search)
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
