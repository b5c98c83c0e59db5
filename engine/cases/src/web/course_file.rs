//! The course of a case as a table to take away: each step with who, when, what was said, and the papers that came of it.

use axum::extract::{Path, State};
use tongban_base::Problem;
use tongban_ui::{Answer, App, Visit, csv, download};

use super::words::{Reader, events_view};
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::Event;
use crate::service::view::open_case;

const HEADS: [&str; 6] = ["序号", "时间", "环节和结果", "办理人", "意见和内容", "附件"];

pub async fn export(State(app): State<App>, Visit(ctx): Visit, Path(id): Path<String>) -> Answer {
    let desk = app.service::<Desk>()?;
    let view = open_case(&desk, &ctx, id.parse()?).await?;
    // Notes of the office stand in it.
    if !view.is_of_office {
        return Err(Problem::forbidden().into());
    }
    let mut rows = vec![HEADS.map(str::to_owned).to_vec()];
    for event in &view.events {
        for line in events_view(std::slice::from_ref(event), Reader::Office) {
            rows.push(vec![
                event.seq.to_string(),
                line.when,
                line.title,
                line.by,
                line.text,
                papers(event).join("；"),
            ]);
        }
    }
    let name = format!("办理过程 {}.csv", view.case.number);
    Ok(download(&name, "text/csv; charset=utf-8", csv(&rows)))
}

/// What lies with a step: files that came, letters that went out.
fn papers(event: &Event) -> Vec<String> {
    match &event.what {
        Some(CaseEvent::Submitted { filed, .. } | CaseEvent::Corrected { filed, .. }) => {
            let files = filed.iter().flat_map(|filed| &filed.files);
            files.map(|file| file.name.clone()).collect()
        }
        Some(CaseEvent::DocumentMade(letter)) => {
            vec![format!("{}（{}）", letter.title, letter.number)]
        }
        Some(CaseEvent::PhotoExchanged { file, .. }) => vec![file.name.clone()],
        _ => Vec::new(),
    }
}
